"""The cells against torch's own, and the equations shown against what torch computed."""

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.cells import CELLS, GRU, LSTM, Weights, gru_step_reset_before, gru_step_swapped
from gatesviz.recordings import record
from tests.equations import worked_out
from tests.recordings.cases import Case


class ResetBeforeCell(nn.GRUCell):
    """Cho et al. 2014, eq. 5 to 8, written gate by gate on the parameters of torch's GRUCell."""

    def forward(self, x, h):
        w_r, w_z, w_n = self.weight_ih.split(self.hidden_size)
        u_r, u_z, u_n = self.weight_hh.split(self.hidden_size)
        bias = 0 if self.bias_ih is None else self.bias_ih + self.bias_hh
        b_r, b_z, b_n = (bias,) * 3 if self.bias_ih is None else bias.split(self.hidden_size)
        r = torch.sigmoid(x @ w_r.T + h @ u_r.T + b_r)
        z = torch.sigmoid(x @ w_z.T + h @ u_z.T + b_z)
        candidate = torch.tanh(x @ w_n.T + (r * h) @ u_n.T + b_n)
        return candidate + z * (h - candidate)


ORACLES = {
    "rnn_tanh": lambda **options: nn.RNNCell(3, 5, **options),
    "rnn_relu": lambda **options: nn.RNNCell(3, 5, nonlinearity="relu", **options),
    "lstm": lambda **options: nn.LSTMCell(3, 5, **options),
    "gru": lambda **options: nn.GRUCell(3, 5, **options),
    "gru_reset_before": lambda **options: ResetBeforeCell(3, 5, **options),
}


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def weights_of(module: nn.Module, suffix: str = "") -> Weights:
    names = [n for n in Weights._fields if getattr(module, n + suffix, None) is not None]
    return Weights(**{n: getattr(module, n + suffix).detach() for n in names})


@pytest.mark.parametrize("key", CELLS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(), (4,)], ids=["unbatched", "batched"])
def test_a_step_is_torchs_own(key, bias, batch):
    oracle = ORACLES[key](bias=bias, dtype=torch.float64)
    x, h, c = random(*batch, 3), random(*batch, 5, seed=1), random(*batch, 5, seed=2)
    state = {"h": h, "c": c} if key == "lstm" else {"h": h}

    step = CELLS[key].step(x, state, weights_of(oracle))

    wanted = oracle(x, (h, c)) if key == "lstm" else (oracle(x, h),)
    assert list(step.state) == list(CELLS[key].states)
    for ours, theirs in zip(step.state.values(), wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-15)


def test_a_projected_step_is_torchs_own():
    module = Case("lstm_proj", dtype=torch.float64).module()
    x, h, c = random(4, 3), random(4, 2, seed=1), random(4, 5, seed=2)
    step = LSTM.step(x, {"h": h, "c": c}, weights_of(module, "_l0"))
    recording = record(module, x[None], (h[None], c[None]))
    np.testing.assert_allclose(step.state["h"], recording.output[0], atol=1e-15)
    np.testing.assert_allclose(step.state["c"], recording.state[1][0], atol=1e-15)


@pytest.mark.parametrize("key", CELLS)
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_is_shown_is_what_torch_computed(key, direction, dtype):
    case = Case(key, bidirectional=True, given_state=True, dtype=dtype, steps=20)
    trace = record(case.module(), case.inputs(), case.state()).trace(direction=direction)
    bound = 2e-6 if dtype is torch.float32 else 1e-14
    targets = []
    for target, computed, recorded in worked_out(trace):
        np.testing.assert_allclose(recorded, computed, rtol=0, atol=bound, err_msg=target)
        assert np.ptp(recorded) > 0.1, "nothing to tell one equation from another"
        targets.append(target)
    states = {f"{name}'" for name in CELLS[key].states}
    assert set(targets) == states | {gate.letter for gate in CELLS[key].gates}


@pytest.mark.parametrize("key", CELLS)
def test_a_step_and_a_recording_have_the_same_gates(key):
    case = Case(key, given_state=True, dtype=torch.float64)
    module, inputs, state = case.module(), case.inputs(), case.state()
    trace = record(module, inputs, state).trace()
    before = {name: torch.from_numpy(trace.before(name)[0]) for name in trace.states}
    step = CELLS[key].step(inputs[0], before, weights_of(module, "_l0"))
    assert list(step.gates) == list(trace.gates)
    for letter, gate in step.gates.items():
        np.testing.assert_allclose(gate, trace.gates[letter][0], atol=1e-15)


@pytest.mark.parametrize("key", CELLS)
def test_gates_lie_in_their_range(key):
    case = Case(key, steps=50, dtype=torch.float64)
    trace = record(case.module(), 20 * case.inputs()).trace()
    for gate in CELLS[key].gates:
        values = trace.gates[gate.letter]
        assert gate.low <= values.min() < values.max() <= gate.high
        assert np.ptp(values) > 0.9 * (gate.high - gate.low)


def test_x6_only_one_gru_is_pytorchs():
    oracle = nn.GRUCell(3, 5, dtype=torch.float64)
    with torch.no_grad():
        for seed, parameter in enumerate(oracle.parameters()):
            parameter.copy_(random(*parameter.shape, seed=seed))
    x, h = random(4, 3, seed=7), random(4, 5, seed=8)
    difference = {
        step: float(
            (step(x, {"h": h}, weights_of(oracle)).state["h"] - oracle(x, h).detach()).abs().max()
        )
        for step in (GRU.step, gru_step_swapped, gru_step_reset_before)
    }
    assert difference[GRU.step] < 1e-15
    assert difference[gru_step_swapped] > 0.1
    assert difference[gru_step_reset_before] > 0.1


@pytest.mark.parametrize("key", CELLS)
def test_blocks_are_the_gates_in_torchs_order(key):
    cell = CELLS[key]
    assert cell.key == key
    assert cell.blocks == (tuple(gate.letter for gate in cell.gates) or ("h",))
    assert len(cell.blocks) * 5 == len(ORACLES[key]().weight_ih)


def test_an_unknown_gate_is_named():
    assert GRU.gate("z").name == "update gate"
    with pytest.raises(KeyError, match=r"the GRU has no gate 'f'; it has \['r', 'z', 'n'\]"):
        GRU.gate("f")

"""The GRU that resets before the product: the recipe "Add a cell" followed for a shipped cell.

The oracle is Keras's equations for reset_after=False, written in NumPy in Keras's own layout: gates
z r h, kernels (I, 3·H) and (H, 3·H), one bias.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.cells import CELLS, GRU_RESET_BEFORE, Equation, register
from gatesviz.fresh import fresh, one_step
from gatesviz.gradients import gradient_flow, influence, jacobians
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel
from gatesviz.recordings import load, record
from gatesviz.recordings.stepwise import StepModule
from gatesviz.tiny_cell import handles
from gatesviz.training import TrainingSpec, advance, start
from tests.equations import worked_out
from tests.test_cells import ResetBeforeCell

KEY, T, B, H = "gru_reset_before", 7, 3, 4


def keras(kernel, recurrent, bias, x, h):
    """Return the states of keras.layers.GRU(reset_after=False): x (T, I), h (H,)."""
    H, sigmoid, states = len(h), lambda a: 1 / (1 + np.exp(-a)), []
    for now in x:
        of_x = now @ kernel + bias
        z = sigmoid(of_x[:H] + h @ recurrent[:, :H])
        r = sigmoid(of_x[H : 2 * H] + h @ recurrent[:, H : 2 * H])
        hh = np.tanh(of_x[2 * H :] + (r * h) @ recurrent[:, 2 * H :])
        h = z * h + (1 - z) * hh
        states.append(h)
    return np.array(states)


class Loop(torch.nn.Module):
    """An independent loop with the parameters of a module of one layer."""

    def __init__(self, module):
        super().__init__()
        self.cell = ResetBeforeCell(module.input_size, module.hidden_size).double()
        self.cell.load_state_dict({k[:-3]: v.double() for k, v in module.state_dict().items()})

    def forward(self, x, h):
        states = [h]
        for now in x:
            states.append(self.cell(now, states[-1]))
        return states


@pytest.fixture
def module():
    return fresh(KEY, 2, H, seed=3).double()


def given(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def test_it_is_keras_gru_with_reset_after_false(module):
    x, h = given(T, 2), given(1, H, seed=1)
    state = {name: value.numpy() for name, value in module.state_dict().items()}
    r, z, n = (slice(k * H, (k + 1) * H) for k in range(3))
    order = np.r_[z, r, n]
    bias = state["bias_ih_l0"] + state["bias_hh_l0"]
    wanted = keras(
        state["weight_ih_l0"][order].T, state["weight_hh_l0"][order].T, bias[order], x.numpy(),
        h[0].numpy(),
    )  # fmt: skip
    found = record(module, x, h)
    np.testing.assert_allclose(found.output, wanted, atol=1e-14)
    torchs = torch.nn.GRU(2, H).double()
    torchs.load_state_dict(module.state_dict())
    assert np.abs(torchs(x, h)[0].detach().numpy() - wanted).max() > 0.01


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_its_equations_are_what_ran(dtype, direction):
    module = StepModule(KEY, 2, H, 2, bidirectional=True).to(dtype)
    trace = record(module, given(T, B, 2).to(dtype)).trace(direction=direction)
    seen = {}
    for target, computed, recorded in worked_out(trace):
        np.testing.assert_allclose(recorded, computed, rtol=0, atol=2e-6)
        seen[target] = np.ptp(recorded)
    assert list(seen) == ["r", "z", "n", "h'"]
    from_input, from_state = trace.products()["n"]
    np.testing.assert_allclose(np.tanh(from_input + from_state), trace.gates["n"], atol=2e-6)


def test_an_edit_of_its_reset_gate_reaches_what_the_product_reads(module):
    x, h = given(T, 2), given(1, H, seed=1)
    edited = record(module, x, h, edits=[gv.Edit("r", 0.25, steps=2)])
    weights = dict(Loop(module).cell.named_parameters())
    state = record(module, x, h).trace().states["h"][2]
    w, u = (weights[k].detach().numpy()[2 * H :] for k in ("weight_ih", "weight_hh"))
    bias = sum(weights[k].detach().numpy()[2 * H :] for k in ("bias_ih", "bias_hh"))
    n = np.tanh(w @ x[2].numpy() + u @ (0.25 * state) + bias)
    np.testing.assert_allclose(edited.trace().gates["n"][2], n, atol=1e-14)
    np.testing.assert_array_equal(edited.trace().gates["r"][2], 0.25)
    plain = record(module, x, h)
    same = record(module, x, h, edits=[gv.Edit("r", plain.trace().gates["r"][2], steps=2)])
    np.testing.assert_allclose(same.output, plain.output, atol=1e-14)


def test_its_gradients_paths_jacobians_and_influence_are_autograds(module):
    x, h, loop = given(T, B, 2), given(1, B, H, seed=1), Loop(module)
    flow = gradient_flow(module, x, lambda y: (y[-1] ** 2).sum() + y[2].sum(), h).layer()
    leaf = h[0].clone().requires_grad_()
    states = loop(x, leaf)
    for state in states:
        state.retain_grad()
    ((states[-1] ** 2).sum() + states[3].sum()).backward()
    np.testing.assert_allclose(flow.gradients["h"], [s.grad.numpy() for s in states], atol=1e-13)
    paths = flow.paths
    np.testing.assert_allclose(paths["carry"] + paths["gates"], flow.gradients["h"], atol=1e-13)
    carry = np.prod(flow.trace.gates["z"][3:], axis=0) * 2 * states[-1].detach().numpy()
    np.testing.assert_allclose(paths["carry"][3], carry + 1, atol=1e-13)
    trace = record(module, x[:, 0]).trace()
    wanted = torch.autograd.functional.jacobian(
        lambda h: loop(x[4:, 0], h)[-1], torch.from_numpy(trace.states["h"][4].copy())
    )
    np.testing.assert_allclose(jacobians(trace)[4], wanted, atol=1e-13)
    assert influence(module, x[:, 0], lambda y: y[-1, :1]).shape == (1, T)


def test_it_trains_is_saved_and_makes_a_page(tmp_path):
    spec = TrainingSpec(task="recall", cell=KEY, hidden_size=8, length=5)
    state, snapshots = advance(start(spec), 60)
    assert snapshots[-1].loss < 0.8 * snapshots[0].loss
    trained = state.module()
    recording = record(trained, torch.zeros(5, trained.input_size))
    recording.save(tmp_path / "it.safetensors")
    again = load(tmp_path / "it.safetensors").trace()
    np.testing.assert_array_equal(again.gates["n"], recording.trace().gates["n"])
    assert "Wh_n(r * h)" in to_html([Panel(again)])
    step = one_step(trained)(torch.zeros(trained.input_size))
    np.testing.assert_allclose(step.detach(), recording.trace().states["h"][1], atol=1e-6)


def test_tables_take_it_from_its_description():
    assert GRU_RESET_BEFORE.recurrent_factors == {"r": ("h",), "z": ("h",), "n": ("r", "h")}
    assert CELLS["lstm"].recurrent_factors == dict.fromkeys("ifgo", ("h",))
    assert GRU_RESET_BEFORE.split_blocks == ()  # its two biases of n are one sum
    assert [handle.name for handle in handles(KEY, 1)][-3:] == [
        "W_in (weight for x)",
        "W_hn (weight for h0)",
        "b_n (b_in + b_hn)",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "tanh(Wx_n + Wh_n((1 - r) * h))",
        "tanh(Wx_n + Wh_n(r + h))",
        "tanh(Wx_n + Wh_n(r*h))",
        "tanh(Wx_n + Wh_n(h * h))",
        "tanh(Wx_n + Wh_n())",
        "tanh(Wh_n + Wh_n(r * h))",
    ],
)
def test_what_a_product_may_hold(expression):
    r, z, _, h = GRU_RESET_BEFORE.equations
    cell = replace(
        GRU_RESET_BEFORE, key="other", short="other",
        equations=(r, z, Equation("n", expression), h),
    )  # fmt: skip
    with pytest.raises(ValueError, match="different letters of gates and states joined by"):
        register(cell)
    assert "other" not in CELLS

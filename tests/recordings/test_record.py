"""What a recording says against what torch.nn says, over every option."""

from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from gatesviz.cells import CELLS
from gatesviz.recordings import layers, record
from gatesviz.recordings.modules import read_module
from tests.equations import worked_out
from tests.recordings.cases import LENGTHS, TOLERANCE, Case, states_of, torch_result

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "lstm_proj", "gru"]
LAYOUTS = ["batched", "unbatched", *LENGTHS]


def check(case: Case) -> None:
    """The output and state are torch's, and every trace is its own arithmetic."""
    module, inputs, state = case.module(), case.inputs(), case.state()
    output, states = torch_result(module, inputs, state)

    recording = record(module, inputs, state)

    close = {"rtol": TOLERANCE[case.dtype], "atol": TOLERANCE[case.dtype]}
    np.testing.assert_allclose(recording.output, output, **close)
    for ours, theirs in zip(states_of(recording), states, strict=True):
        np.testing.assert_allclose(ours, theirs, **close)
    assert recording.output.dtype == output.dtype
    for trace in recording.traces.values():
        for target, computed, recorded in worked_out_in(trace):
            assert recorded.dtype == output.dtype
            np.testing.assert_allclose(recorded, computed, err_msg=target, **close)
    check_wiring(recording, case, state)


def worked_out_in(trace):
    """Work out a batch at once, packed samples one by one: padding has no arithmetic."""
    samples = [trace]
    if trace.lengths is not None:
        samples = [trace.sample(k) for k in range(len(trace.lengths))]
    for sample in samples:
        yield from worked_out(sample)


def check_wiring(recording, case: Case, state) -> None:
    """Layers feed each other, and directions start and end where they should."""
    time_first = recording.output
    if case.batch_first and case.layout == "batched":
        time_first = time_first.swapaxes(0, 1)
    for layer in range(case.layers):
        after = [recording.trace(layer, d).after("h") for d in recording.directions]
        joined = np.concatenate(after, -1)
        if case.layout in LENGTHS:  # a backward trace holds its initial state beyond the end
            joined[np.arange(len(joined))[:, None] >= np.array(case.ends)] = np.nan
        last = layer == case.layers - 1
        np.testing.assert_array_equal(
            time_first if last else recording.trace(layer + 1).inputs, joined
        )
    for k, trace in enumerate(recording.traces.values()):
        first, final = ends(trace, "h")
        np.testing.assert_array_equal(final, states_of(recording)[0][k])
        wanted = np.zeros_like(first)
        if state is not None:
            wanted = (state[0] if isinstance(state, tuple) else state)[k].numpy()
        np.testing.assert_array_equal(first, wanted)


def ends(trace, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the state before the first step read and after the last one."""
    states = trace.states[name]
    if trace.lengths is None:
        rows = states[0], states[-1]
    else:
        rows = states[0], states[trace.lengths, np.arange(len(trace.lengths))]
    return rows if trace.direction == "forward" else rows[::-1]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_everything_at_once(cell, layout, dtype):
    for depth, bidirectional, given_state in [(1, False, False), (2, True, True)]:
        check(
            Case(
                cell,
                layers=depth,
                bidirectional=bidirectional,
                batch_first=True,
                dtype=dtype,
                layout=layout,
                given_state=given_state,
            )
        )


@settings(max_examples=80, derandomize=True)
@given(
    st.builds(
        Case,
        cell=st.sampled_from(KINDS),
        layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        batch_first=st.booleans(),
        bias=st.booleans(),
        dtype=st.sampled_from([*TOLERANCE]),
        layout=st.sampled_from(["batched", "unbatched"]),
        given_state=st.booleans(),
        steps=st.integers(1, 9),
        samples=st.integers(1, 5),
        input_size=st.integers(1, 7),
        hidden_size=st.integers(3, 9),
        seed=st.integers(0, 9),
    )
)
def test_any_shape_and_option(case):
    check(case)


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_each_packed_sample_is_recorded_as_if_alone(cell, direction):
    case = Case(cell, bidirectional=True, layout="packed", dtype=torch.float64)
    module, packed = case.module(), case.inputs()
    trace = record(module, packed).trace(0, direction)
    assert trace.lengths.tolist() == list(case.ends)
    for k, length in enumerate(case.ends):
        alone = record(module, case.random(f"x{k}", (length, 3))).trace(0, direction)
        sample = trace.sample(k)
        for name, state in alone.states.items():
            np.testing.assert_allclose(sample.states[name], state, atol=1e-15)
            assert np.isnan(trace.states[name][length + 1 :, k]).all()
        for letter, gate in alone.gates.items():
            np.testing.assert_allclose(sample.gates[letter], gate, atol=1e-15)
            assert np.isnan(trace.gates[letter][length:, k]).all()
        assert np.isnan(trace.inputs[length:, k]).all()


def test_x1_long_lstm():
    """T = 200, 5 → 16: below 1e-6 in float32 and 1e-14 in float64."""
    for dtype, bound in [(torch.float32, 1e-6), (torch.float64, 1e-14)]:
        torch.manual_seed(0)
        module = nn.LSTM(5, 16, dtype=dtype)
        inputs = torch.randn(200, 1, 5, dtype=dtype)
        output, _ = torch_result(module, inputs)
        assert np.abs(record(module, inputs).output - output).max() < bound


@pytest.mark.parametrize(("cell", "factor"), [("rnn_tanh", 4), ("lstm", 10), ("gru", 10)])
def test_chaos_keeps_the_arithmetic(cell, factor):
    """Where rounding grows until outputs differ, each step must still be its own arithmetic."""
    case = Case(cell, steps=150, samples=2, hidden_size=48)
    module = case.module()
    with torch.no_grad():
        module.weight_hh_l0.mul_(factor)
    recording = record(module, case.inputs())
    for target, computed, recorded in worked_out(recording.trace()):
        np.testing.assert_allclose(recorded, computed, atol=2e-4, rtol=1e-5, err_msg=target)
    if cell == "lstm":
        output, _ = torch_result(module, case.inputs())
        np.testing.assert_allclose(recording.output[:5], output[:5], atol=1e-4)


def test_x5_a_fresh_forget_gate_halves_the_memory():
    torch.manual_seed(0)
    recording = record(nn.LSTM(4, 64), torch.zeros(1, 4))
    forget = float(recording.trace().gates["f"].mean())
    assert forget == pytest.approx(0.5, abs=0.02)
    assert np.log(0.5) / np.log(forget) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("n", [1, 7, 10_000])
def test_x7_a_saturated_lstm_counts_exactly(n):
    module = nn.LSTM(2, 1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.bias_ih_l0.copy_(torch.tensor([200.0, 200.0, 0.0, 200.0]))
        module.weight_ih_l0[2] = torch.tensor([200.0, -200.0])
    letters = torch.eye(2)[torch.tensor([0] * n + [1] * n)]
    memory = record(module, letters).trace().states["c"][:, 0]
    assert memory[n] == n
    assert memory[-1] == 0


def test_x7_a_gru_stays_within_one():
    case = Case("gru", steps=200, samples=8, hidden_size=16)
    module = case.module()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(8)
    assert np.abs(record(module, case.inputs()).output).max() <= 1


def test_nan_passes_through():
    case = Case("lstm", bidirectional=True)
    inputs = case.inputs()
    inputs[2, 0, 0] = float("nan")
    recording = record(case.module(), inputs)
    np.testing.assert_array_equal(
        np.isnan(recording.output), np.isnan(torch_result(case.module(), inputs)[0])
    )
    assert np.isnan(recording.trace().gates["f"][2:, 0]).all()
    assert not np.isnan(recording.trace().gates["f"][:, 1:]).any()


@pytest.mark.parametrize("cell", CELLS)
def test_repr_is_short(cell):
    text = repr(record(Case(cell, layers=2).module(), Case(cell).inputs()))
    assert text == f"Recording({cell}, 2 layers, T=6, B=4, I=3, H=5, float32)"
    assert len(text) < 120


@pytest.mark.parametrize("layer", [-3, 2])
def test_no_such_layer(layer):
    recording = record(Case(layers=2).module(), Case().inputs())
    with pytest.raises(ValueError, match=rf"layer {layer} does not exist: layers are -2 to 1"):
        recording.trace(layer)


@pytest.mark.parametrize("direction", ["backward", "sideways"])
def test_no_such_direction(direction):
    with pytest.raises(ValueError, match=f"'{direction}' was not recorded, only forward"):
        record(Case().module(), Case().inputs()).trace(direction=direction)


@pytest.mark.parametrize("cell", ["rnn_tanh", "rnn_relu", "gru"])
@pytest.mark.parametrize("bias", [True, False])
def test_the_way_taken_on_other_devices(cell, bias, monkeypatch):
    """Fused, then recovered: the same code as on a GPU, run here."""
    monkeypatch.setattr(layers, "_ON_CPU", layers._ELSEWHERE)
    for dtype in TOLERANCE:
        check(Case(cell, layers=2, bidirectional=True, bias=bias, dtype=dtype, given_state=True))
        check(Case(cell, bidirectional=True, bias=bias, dtype=dtype, layout="packed"))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [1, 2, 32])
@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_chaotic_module_gives_its_own_numbers(kind, batch, dtype):
    """Rounding grows by such weights until two correct kernels differ by 2, the most h can."""
    torch.manual_seed(0)
    module = kind(3, 32, dtype=dtype)
    with torch.no_grad():
        module.weight_hh_l0.mul_(18)
    inputs = torch.randn(300, batch, 3, dtype=dtype)
    output = module(inputs)[0].detach()  # torch's LSTM of one sample says else under no_grad
    np.testing.assert_allclose(record(module, inputs).output, output, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 1e30, float("nan")])
def test_only_weights_that_may_amplify_rounding_need_torchs_kernel(value):
    module = nn.GRU(3, 8)
    weights = read_module(module).weights[0, "forward"]
    assert not layers.may_amplify(weights, 100)
    with torch.no_grad():
        module.weight_hh_l0[8:16] = value or 1.3 * torch.linalg.qr(torch.randn(8, 8))[0]
    assert layers.may_amplify(weights, 100)
    assert not layers.may_amplify(weights, 2)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_an_infinite_state_is_the_modules_own(infinite, dtype):
    """(1 − z)·n + z·h is inf or NaN by the order of operations where h is infinite."""
    lost = 0
    for seed in range(10):
        torch.manual_seed(seed)
        module = nn.GRU(2, 3, dtype=dtype)
        state = torch.randn(1, 2, 3, dtype=dtype)
        state[0, 0, seed % 3] = infinite
        inputs = torch.randn(4, 2, 2, dtype=dtype)
        output = module(inputs, state)[0].detach()
        found = record(module, inputs, state)
        np.testing.assert_allclose(found.output, output, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(found.trace().states["h"][0], state[0])
        lost += int(output.isinf().any())
    assert lost > 0  # the case is there: inf, not NaN


def test_a_recording_under_fake_tensors_leaves_nothing_for_later_ones():
    """A cached tensor of theirs would make each later recording of this size fail."""
    module, x = nn.RNN(2, 13).eval(), torch.randn(12, 1, 2)
    with FakeTensorMode(allow_non_fake_inputs=True), suppress(Exception):
        record(module, x)
    with torch.no_grad():
        expected, _ = module(x)
    np.testing.assert_allclose(record(module, x).output, expected, atol=1e-6)

"""LSTMCell, GRUCell and RNNCell: one step, as the cell itself returns it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gatesviz.gradients import gradient_flow, influence
from gatesviz.recordings import load, record
from tests.equations import worked_out
from tests.recordings.cases import TOLERANCE, Case, states_of

KINDS = {"rnn_tanh": nn.RNNCell, "rnn_relu": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


def cell_of(name: str, input_size=3, hidden_size=5, **options) -> nn.RNNCellBase:
    if name == "rnn_relu":
        options["nonlinearity"] = "relu"
    torch.manual_seed(0)
    return KINDS[name](input_size, hidden_size, **options)


def states(result) -> tuple[torch.Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


@settings(max_examples=60, derandomize=True)
@given(
    name=st.sampled_from([*KINDS]),
    bias=st.booleans(),
    dtype=st.sampled_from([*TOLERANCE]),
    samples=st.integers(0, 4),
    input_size=st.integers(1, 4),
    hidden_size=st.integers(1, 6),
    given_state=st.booleans(),
)
def test_a_step_is_the_cells_own(name, bias, dtype, samples, input_size, hidden_size, given_state):
    cell = cell_of(name, input_size, hidden_size, bias=bias, dtype=dtype)
    batch = (samples,) if samples else ()
    x = Case(dtype=dtype).random("x", (*batch, input_size))
    state = None
    if given_state:
        parts = [Case(dtype=dtype).random(k, (*batch, hidden_size)) for k in "hc"]
        state = tuple(parts) if name == "lstm" else parts[0]

    recording = record(cell, x, state)

    with torch.no_grad():
        wanted = states(cell(x, state))
    close = {"rtol": 0, "atol": TOLERANCE[dtype]}
    for ours, theirs in zip(states_of(recording), wanted, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, **close)
    np.testing.assert_array_equal(recording.output, states_of(recording)[0])
    trace = recording.trace()
    assert (trace.steps, trace.cell, trace.inputs.shape) == (1, name, (1, *batch, input_size))
    np.testing.assert_array_equal(trace.inputs[0], x)
    for target, computed, recorded in worked_out(trace):
        np.testing.assert_allclose(recorded, computed, err_msg=target, **close)


@pytest.mark.parametrize("name", KINDS)
def test_steps_in_a_row_are_the_layer(name):
    """With a layer's weights and its own states, a cell goes through a sequence as the layer."""
    case = Case(name)
    layer, cell = case.module(), cell_of(name)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    whole, state = record(layer, case.inputs()), None
    for t, x in enumerate(case.inputs()):
        one = record(cell, x, state)
        np.testing.assert_allclose(one.output, whole.output[t], atol=2e-6)
        for letter, gate in whole.trace().gates.items():
            np.testing.assert_allclose(one.trace().gates[letter][0], gate[t], atol=2e-6)
        state = one.state


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("x", [torch.ones(4, 3), torch.ones(3)], ids=["batched", "unbatched"])
def test_a_step_is_saved_shown_and_tabled(name, x, tmp_path):
    recording = record(cell_of(name), x)
    recording.save(tmp_path / "step.safetensors")
    again = load(tmp_path / "step.safetensors")
    np.testing.assert_array_equal(again.output, recording.output)
    for ours, theirs in zip(states_of(again), states_of(recording), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert repr(again) == repr(recording)
    assert len(recording.to_frame()) == x[..., 0].numel() * 5
    recording.to_html(tmp_path / "step.html")
    assert (tmp_path / "step.html").stat().st_size > 1000


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("batched", [True, False])
def test_gradients_of_one_step(name, batched):
    cell = cell_of(name, dtype=torch.float64)
    shape = (4, 3) if batched else (3,)
    x = Case(dtype=torch.float64).random("x", shape).requires_grad_()
    h = Case(dtype=torch.float64).random("h", (*shape[:-1], 5)).requires_grad_()
    state = (h, torch.zeros_like(h)) if name == "lstm" else h

    flow = gradient_flow(cell, x, lambda y: y.square().sum(), state)

    value = states(cell(x, state))[0].square().sum()
    value.backward()
    assert flow.loss == pytest.approx(value.item(), abs=1e-14)
    np.testing.assert_allclose(flow.inputs[0], x.grad, atol=1e-14)
    np.testing.assert_allclose(flow.gradients["h"][0], h.grad, atol=1e-14)
    x.grad = h.grad = None
    flow = gradient_flow(
        cell, input=x, loss=lambda y, s: y.sum() + states(s)[-1].exp().sum(), hx=state
    )
    result = states(cell(x, state))
    (result[0].sum() + result[-1].exp().sum()).backward()
    np.testing.assert_allclose(flow.inputs[0], x.grad, atol=1e-14)
    np.testing.assert_allclose(flow.gradients["h"][0], h.grad, atol=1e-14)
    map_ = influence(cell, x, lambda y: y[..., 0], state)
    assert map_.shape == (*shape[:-1], 1, *shape[:-1])
    if not batched:
        by_x = torch.autograd.grad(states(cell(x, state))[0][0], x)[0]
        assert map_[0] == pytest.approx(by_x.norm().item(), abs=1e-12)

"""The steps of a loop, joined, are what one call on the whole sequence records."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.recordings.recorder import LazyMapping

T, B, I, H = 5, 3, 2, 4  # noqa: E741
PAIRS = {
    "gru": (nn.GRU, nn.GRUCell, {}),
    "lstm": (nn.LSTM, nn.LSTMCell, {}),
    "rnn_relu": (nn.RNN, nn.RNNCell, {"nonlinearity": "relu"}),
}


class Loop(nn.Module):
    """A cell that reads a sequence step by step."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, inputs, state=None):
        for x in inputs:
            state = self.cell(x, state)
        return state


def twins(kind, bias=True):
    """Return a module and a cell with its weights, in float64."""
    module, cell, options = PAIRS[kind]
    torch.manual_seed(0)
    one = module(I, H, bias=bias, **options).double()
    other = cell(I, H, bias=bias, **options).double()
    other.load_state_dict({name.removesuffix("_l0"): w for name, w in one.state_dict().items()})
    return one, other


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def equal(one, other):
    assert one.output.shape == other.output.shape
    np.testing.assert_allclose(one.output, other.output, rtol=1e-12, atol=1e-15)
    pairs = [
        (each.state if isinstance(each.state, tuple) else (each.state,)) for each in (one, other)
    ]
    for mine, its in zip(*pairs, strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, rtol=1e-12, atol=1e-15)
    assert [*one.traces] == [*other.traces]
    for key, trace in one.traces.items():
        its = other.traces[key]
        np.testing.assert_allclose(trace.inputs, its.inputs, rtol=1e-12, atol=1e-15)
        for kind in ("gates", "states"):
            assert [*getattr(trace, kind)] == [*getattr(its, kind)]
            for name, array in getattr(trace, kind).items():
                expected = getattr(its, kind)[name]
                assert array.shape == expected.shape
                np.testing.assert_allclose(array, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("batch", [(B,), ()])
@pytest.mark.parametrize("given", [False, True])
def test_the_steps_of_a_cell_are_those_of_torchs_module(kind, batch, given):
    module, cell = twins(kind, bias=not given)
    inputs = torch.randn(T, *batch, I, dtype=torch.float64)
    state = torch.randn(1, *batch, H, dtype=torch.float64) if given else None
    if given and kind == "lstm":
        state = (state, state.tanh())
    of_cell = None if state is None else tuple(part[0] for part in parts(state))
    model = Loop(cell)
    with gv.record_inside(model) as recordings:
        model(inputs, of_cell if kind == "lstm" or not given else of_cell[0])
    joined = recordings.joined("cell")
    equal(joined, gv.record(module, inputs, state))
    assert joined.notes[-1] == f"Joined from {T} calls."
    output, last = module(inputs, state)
    np.testing.assert_allclose(joined.output, output.detach(), rtol=1e-12, atol=1e-15)
    for mine, its in zip(parts(joined.state), parts(last), strict=True):
        np.testing.assert_allclose(mine, its.detach(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "options", [{}, {"num_layers": 2}, {"proj_size": 2}, {"batch_first": True}]
)
def test_parts_of_a_sequence_are_those_of_one_call(options):
    module = nn.LSTM(I, H, **options).double()
    inputs = torch.randn(T, B, I, dtype=torch.float64)
    axis = 1 if module.batch_first else 0
    if module.batch_first:
        inputs = inputs.transpose(0, 1)
    recordings, state = [], None
    for part in inputs.split([2, 1, 2], axis):
        recordings.append(gv.record(module, part, state))
        state = recordings[-1].state
    whole = gv.record(module, inputs)
    if module.batch_first:  # a joined recording has time first
        whole = replace(whole, output=whole.output.swapaxes(0, 1))
    equal(gv.join(recordings), whole)


@pytest.mark.parametrize("kind", PAIRS)
def test_in_float32_rounding_between_the_steps_is_no_other_state(kind):
    """The next call receives torch's own state, which a recording has up to rounding."""
    for seed in range(20):
        module, cell = twins(kind)
        torch.manual_seed(seed)
        inputs = 3 * torch.randn(T, B, I)
        model = Loop(cell.float())
        with gv.record_inside(model) as recordings:
            model(inputs)
        joined = recordings.joined("cell")
        output, last = module.float()(inputs)
        np.testing.assert_allclose(joined.output, output.detach(), rtol=1e-5, atol=1e-6)
        for mine, its in zip(parts(joined.state), parts(last), strict=True):
            np.testing.assert_allclose(mine, its.detach(), rtol=1e-5, atol=1e-6)


def test_a_state_that_is_changed_a_little_is_another_state():
    _, cell = twins("gru")
    x = torch.randn(2, B, I, dtype=torch.float64)
    first = gv.record(cell, x[0])
    with pytest.raises(ValueError, match=r"another state than recording 1 ends with, .* it$"):
        gv.join([first, gv.record(cell, x[1], first.state + 1e-9)])


def test_one_call_of_a_cell_is_a_sequence_of_one_step():
    module, cell = twins("gru")
    x = torch.randn(B, I, dtype=torch.float64)
    equal(gv.join([gv.record(cell, x)]), gv.record(module, x[None]))


def test_a_joined_recording_is_saved_shown_and_read_back(tmp_path):
    _, cell = twins("lstm")
    model = Loop(cell)
    with gv.record_inside(model) as recordings:
        model(torch.randn(T, B, I, dtype=torch.float64))
    joined = recordings.joined("cell")
    joined.save(tmp_path / "joined.safetensors")
    equal(gv.load(tmp_path / "joined.safetensors"), joined)
    joined.to_html(tmp_path / "joined.html")
    assert len(joined.to_frame()) == T * B * H


class WithoutKernel(torch.nn.GRUCell):
    def forward(self, input, hx=None):
        return torch.tanh(input @ self.weight_ih[:H].T)


def test_what_does_not_continue_is_refused_with_its_place():
    _, cell = twins("gru")
    model, x = Loop(cell), torch.randn(2, B, I, dtype=torch.float64)
    with gv.record_inside(model) as recordings:
        with pytest.raises(ValueError, match="layer 'cell' was not called"):
            recordings.joined("cell")
        model(x)
        model(x)  # begins with zeros again
    own = WithoutKernel(I, H, dtype=torch.float64)
    with gv.record_inside(own) as calls:
        own(x[0])
    with pytest.raises(
        ValueError, match=r"of '' could not .*: WithoutKernel has its own 'forward'"
    ):
        calls.joined("")
    with pytest.raises(ValueError, match=r"recording 3 begins with another state .* first 2 alone"):
        recordings.joined("cell")
    assert gv.join(recordings["cell"][:2]).trace().steps == 2
    with pytest.raises(KeyError, match=r"no layer 'cel'.*Did you mean 'cell'"):
        recordings.joined("cel")
    first = gv.record(cell, x[0])
    with torch.no_grad():
        cell.weight_hh[0, 0] += 1
    with pytest.raises(ValueError, match="recording 2 was made with other weights"):
        gv.join([first, gv.record(cell, x[1], first.state)])
    with pytest.raises(ValueError, match=r"recording 2 is of gru, unbatched, .* expected gru, B=3"):
        gv.join([first, gv.record(cell, x[1, 0])])
    with pytest.raises(ValueError, match="at least one"):
        gv.join([])
    with pytest.raises(TypeError, match="got a Trace in place 2"):
        gv.join([first, first.trace()])
    for alone in (first, recordings):
        with pytest.raises(TypeError, match="expected a list of Recordings, got one Recording"):
            gv.join(alone)
    with pytest.raises(TypeError, match="expected a list of Recordings, got int 3"):
        gv.join(3)  # type: ignore[arg-type]
    both = gv.record(nn.GRU(I, H, bidirectional=True), x.float())
    assert repr(both.traces) == "LazyMapping([(0, 'forward'), (0, 'backward')])"
    assert both.traces[0, "forward"].steps == len(x)

    def computed() -> None:
        raise AssertionError("a layer is computed for a repr")

    assert repr(LazyMapping({(1, "forward"): computed})) == "LazyMapping([(1, 'forward')])"
    with pytest.raises(ValueError, match="recording 1 can't be joined: it has a backward"):
        gv.join([both, both])
    edited = gv.record(cell, x[1], edits=[gv.Edit("z", 0)])
    with pytest.raises(ValueError, match="recording 1 can't be joined: it is edited"):
        gv.join([edited])
    packed = nn.utils.rnn.pack_sequence([x[:, 0].float(), x[:1, 1].float()])
    with pytest.raises(ValueError, match="its inputs are packed"):
        gv.join([gv.record(nn.GRU(I, H), packed)])

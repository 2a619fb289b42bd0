"""What a layer inside a model received and returned, and that the model does not notice."""

import contextlib
import copy
import gc
import re
import warnings
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from gatesviz.recordings import load, record, record_inside
from tests.equations import worked_out
from tests.recordings.cases import LENGTHS as LENGTHS_OF
from tests.recordings.cases import TOLERANCE, Case, states_of
from tests.recordings.test_weights import snapshot

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "lstm_proj", "gru"]
LAYOUTS = ["batched", "unbatched", *LENGTHS_OF]
X = Case().inputs()


class Encoder(nn.Module):
    """Token ids, an embedding, a packed LSTM, and again the LSTM on its own output."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 4, num_layers=2, dropout=0.4, batch_first=True)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        output, state = self.lstm(packed)
        return self.lstm(pad_packed_sequence(output, batch_first=True)[0], state)


class Seq2Seq(nn.Module):
    """An encoder, and a decoder that goes step by step; its cell has a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.cell = nn.LSTMCell(4, 4)
        self.readout = nn.Linear(4, 4)
        self.shared = self.cell
        self.unused = nn.GRU(4, 4)

    def forward(self, ids, lengths, steps=3):
        _, (h, c) = self.encoder(ids, lengths)
        h, c = h[-1], c[-1]
        said = [torch.zeros_like(h)]
        for _ in range(steps):
            h, c = self.cell(said[-1], (h, c))
            said.append(self.readout(h).tanh())
        return torch.stack(said[1:])


IDS = torch.arange(20).reshape(4, 5) % 9
LENGTHS = torch.tensor([3, 5, 1, 4])


def seq2seq() -> Seq2Seq:
    torch.manual_seed(0)
    return Seq2Seq().train()


def inside(model: nn.Module, *given, **named):
    """Run ``model`` in a block; return the recordings and its result."""
    with record_inside(model) as recordings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        result = model(*given, **named)
    return recordings, result


def returned(result, packed_like=None) -> tuple[np.ndarray, ...]:
    """Return what a layer returned, its states included, as `Recording` lays it out."""
    if isinstance(result, torch.Tensor):
        return result.detach().numpy(), result.detach().numpy()
    output, state = result
    if isinstance(output, PackedSequence):
        output, _ = pad_packed_sequence(output, padding_value=float("nan"))
    states = state if isinstance(state, tuple) else (state,)
    return output.detach().numpy(), *(s.detach().numpy() for s in states)


def check_same(recording, result, dtype=torch.float32) -> None:
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    ours = (recording.output, *states_of(recording))
    for mine, its in zip(ours, returned(result), strict=True):
        np.testing.assert_allclose(mine, its, **close)
    if recording.trace().lengths is None:
        for trace in recording.traces.values():
            for target, computed, recorded in worked_out(trace):
                np.testing.assert_allclose(recorded, computed, err_msg=target, **close)


def test_every_call_of_every_layer():
    model = seq2seq()
    calls = []
    model.encoder.lstm.register_forward_hook(lambda m, given, result: calls.append(given + result))
    model.cell.register_forward_hook(lambda m, given, result: calls.append(given + result))

    recordings, _ = inside(model, IDS, LENGTHS)

    assert list(recordings) == ["encoder.lstm", "cell", "shared", "unused"]
    packed, padded = recordings["encoder.lstm"]
    check_same(packed, calls[0][1:])
    check_same(padded, calls[1][2:])
    assert packed.trace().lengths.tolist() == LENGTHS.tolist()
    embedded = model.encoder.embedding
    for k, length in enumerate(LENGTHS):
        sample = packed.trace(0).sample(k)
        np.testing.assert_array_equal(sample.inputs, embedded(IDS[k, :length]).detach())
    assert len(recordings["cell"]) == 3
    for recording, (x, (h, c), h_after, c_after) in zip(recordings["cell"], calls[2:], strict=True):
        check_same(recording, (h_after, (h_after, c_after)))
        trace = recording.trace()
        assert trace.steps == 1
        np.testing.assert_array_equal(trace.inputs[0], x.detach())
        np.testing.assert_array_equal(trace.states["h"][0], h.detach())
        np.testing.assert_array_equal(trace.states["c"][0], c.detach())
    assert all(a is b for a, b in zip(recordings["cell"], recordings["shared"], strict=True))
    assert recordings["unused"] == []
    assert repr(recordings).startswith("Recordings('encoder.lstm': 2 calls, 'cell': 3 calls,")


def test_the_model_does_not_notice():
    """Output, gradients, random numbers and everything the model holds are as without a block."""
    plain, watched = seq2seq(), seq2seq()
    held = [name for each in watched.modules() for name in vars(each)]
    torch.manual_seed(1)
    wanted = plain(IDS, LENGTHS)
    wanted.square().sum().backward()
    drawn = torch.get_rng_state()

    torch.manual_seed(1)
    with record_inside(watched) as recordings:
        output = watched(IDS, LENGTHS)
        output.square().sum().backward()

    assert torch.equal(torch.get_rng_state(), drawn)
    assert torch.equal(output, wanted)
    for ours, theirs in zip(watched.parameters(), plain.parameters(), strict=True):
        assert (ours.grad is None) is (theirs.grad is None)
        assert ours.grad is None or torch.equal(ours.grad, theirs.grad)
    assert [name for each in watched.modules() for name in vars(each)] == held
    assert (recordings["encoder.lstm"][0].trace(1).inputs == 0).any()  # what dropout took out


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_left_behind(training):
    model = nn.Sequential(nn.LSTM(3, 5)).train(training)
    parametrizations.weight_norm(model[0], "weight_hh_l0")
    model(X)
    before = snapshot(model)
    with torch.no_grad():
        inside(model, X)
    after = snapshot(model)
    recomputed = {"_flat_weights", "_flat_weight_refs"}  # weight norm makes new ones at each call
    assert [h for h in map(str, before) if not any(r in h for r in recomputed)] == [
        h for h in map(str, after) if not any(r in h for r in recomputed)
    ]
    with record_inside(model) as recordings, pytest.raises(RuntimeError, match="input_size"):
        model(X[..., :2])
    assert recordings["0"] == []
    with contextlib.suppress(ZeroDivisionError), record_inside(model) as recordings:
        model(X)
        raise ZeroDivisionError
    assert len(recordings["0"]) == 1
    model(X)
    assert len(recordings["0"]) == 1


def tensors_with_a_graph() -> int:
    gc.collect()
    tensors = (each for each in gc.get_objects() if type(each) is torch.Tensor)
    return sum(tensor.grad_fn is not None for tensor in tensors)


def test_no_graph_and_no_model_stay_alive():
    before = tensors_with_a_graph()
    model = seq2seq()
    recordings, output = inside(model, IDS, LENGTHS)
    gone = weakref.ref(model), weakref.ref(output)
    del model, output
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert tensors_with_a_graph() == before
    assert len(recordings["cell"]) == 3


@settings(max_examples=60, derandomize=True)
@given(
    st.builds(
        Case,
        cell=st.sampled_from(KINDS),
        layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        batch_first=st.booleans(),
        bias=st.booleans(),
        dtype=st.sampled_from([*TOLERANCE]),
        layout=st.sampled_from(LAYOUTS),
        given_state=st.booleans(),
        hidden_size=st.integers(3, 7),
        seed=st.integers(0, 9),
    ),
    st.sampled_from([0.0, 0.5]),
    st.booleans(),
)
def test_any_layer_alone_is_what_it_returned(case, dropout, training):
    check_alone(case, dropout, training)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_everything_at_once(cell, layout, training):
    for depth, batch_first, given_state in [(1, False, False), (3, True, True), (2, False, True)]:
        case = Case(
            cell,
            layers=depth,
            bidirectional=depth > 1,
            batch_first=batch_first,
            layout=layout,
            given_state=given_state,
        )
        check_alone(case, 0.5, training)


def check_alone(case: Case, dropout: float, training: bool) -> None:
    """A module that is the whole model: its recording is what it returned."""
    module = case.module().train(training)
    module.dropout = dropout
    given = case.inputs(), case.state()
    recordings, result = inside(module, *given)
    [recording] = recordings[""]
    check_same(recording, result, case.dtype)
    if case.given_state:
        first = recording.trace(0).states["h"][0]
        state = given[1][0] if isinstance(given[1], tuple) else given[1]
        np.testing.assert_array_equal(first, state[0])
    if not (dropout and training):
        alone = record(module, *given)
        np.testing.assert_allclose(recording.output, alone.output, atol=2e-6)
        assert repr(alone) == repr(recording)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_any_cell_alone_is_what_it_returned(kind, batched, bias):
    cell, x = kind(3, 5, bias=bias), X[0] if batched else X[0, 0]
    state = None
    for _ in range(2):
        recordings, result = inside(cell, x, state)
        h = result[0] if isinstance(result, tuple) else result
        check_same(recordings[""][0], (h, result))
        alone = record(cell, x, state)
        np.testing.assert_allclose(recordings[""][0].output, alone.output, atol=1e-6)
        state = result


def replaced_forward(module):
    forward = module.forward
    module.forward = lambda x, hx=None: forward(x * 2, hx)


def shifting_hook(module):
    module.register_forward_pre_hook(lambda module, given: (given[0] * 2, *given[1:]))


def hook_with_kwargs(module):
    def double(module, given, named):
        return (), {"input": (given[0] if given else named["input"]) * 2}

    module.register_forward_pre_hook(double, with_kwargs=True)


@pytest.mark.parametrize("change", [replaced_forward, shifting_hook, hook_with_kwargs])
@pytest.mark.parametrize("cell", KINDS[:1] + KINDS[2:])
def test_what_a_layer_really_received(cell, change):
    case = Case(cell)
    plain, module = case.module(), case.module()
    change(module)
    with pytest.raises((TypeError, ValueError), match=r"gv\.record_inside\(module\)"):
        record(module, case.inputs())
    recordings, result = inside(module, case.inputs())
    check_same(recordings[""][0], result)
    _, wanted = inside(plain, case.inputs() * 2)
    check_same(recordings[""][0], wanted)
    np.testing.assert_array_equal(recordings[""][0].trace().inputs, case.inputs() * 2)


class Louder(nn.LSTM):
    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        return output + 1, state


def with_hook(module):
    module.register_forward_hook(lambda module, given, result: (result[0] * 2, result[1]))
    return module


def with_forward(module):
    kept = module.forward

    def forward(x, hx=None):
        output, state = kept(x, hx)
        return 2 * output, state

    module.forward = forward
    return module


CHANGES = {
    "hook": (lambda: with_hook(nn.LSTM(3, 5)), "the layer has a forward hook (<lambda>)"),
    "forward": (lambda: with_forward(nn.GRU(3, 5)), "'forward' was replaced on this GRU"),
    "subclass": (lambda: Louder(3, 5), "Louder has its own 'forward'"),
}


@pytest.mark.parametrize(("make", "says"), CHANGES.values(), ids=CHANGES)
def test_a_recording_says_what_can_change_the_output_after_it(make, says, tmp_path):
    """The call returns other numbers; those of the recording are the kernel's own."""
    module = make()
    recordings, result = inside(nn.Sequential(module), X)
    [recording] = recordings["0"]
    assert np.abs(recording.output - result[0].detach().numpy()).max() > 0.05
    for trace in recording.traces.values():
        for target, computed, recorded in worked_out(trace):
            np.testing.assert_allclose(recorded, computed, rtol=1e-5, atol=1e-5, err_msg=target)
    start = f"The call's output can differ from this recording: {says}, and"
    assert sum(note.startswith(start) for note in recording.notes) == 1
    assert start in repr(recording)
    recording.save(tmp_path / "changed.safetensors")
    assert start in repr(load(tmp_path / "changed.safetensors"))


def test_a_patched_class_is_named_where_it_changes_the_output(monkeypatch):
    module, kept = nn.LSTM(3, 5), nn.LSTM.forward
    monkeypatch.setattr(nn.LSTM, "forward", lambda self, x, hx=None: (kept(self, x, hx)[0] * 2, 0))
    [recording] = inside(module, X)[0][""]
    assert "'forward' was replaced on the class LSTM" in repr(recording)


@pytest.mark.parametrize("change", [lambda module: None, shifting_hook, hook_with_kwargs])
def test_no_note_where_the_call_returns_the_recorded_output(change):
    module = nn.LSTM(3, 5)
    change(module)
    recordings, result = inside(module, X)
    check_same(recordings[""][0], result)
    assert "can differ" not in repr(recordings[""][0])
    assert not any("can differ" in note for note in recordings[""][0].notes)


def test_weights_are_those_of_the_call():
    class WeightDrop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 5)
            self.raw = nn.Parameter(self.lstm.weight_hh_l0.detach().clone())
            del self.lstm.weight_hh_l0

        def forward(self, x):
            self.lstm.weight_hh_l0 = torch.dropout(self.raw, 0.5, self.training)
            return self.lstm(x)

    model = WeightDrop()
    with record_inside(model) as recordings:
        results = [model(X) for _ in range(2)]
    first, second = recordings["lstm"]
    check_same(first, results[0])
    check_same(second, results[1])
    one, other = (each.trace().weights for each in (first, second))
    assert (one["weight_hh"] != other["weight_hh"]).any()
    assert np.shares_memory(
        one["weight_ih"], other["weight_ih"]
    )  # a copy is shared while nothing changes


def test_weights_change_while_a_model_learns():
    model = nn.Sequential(nn.GRU(3, 5))
    with record_inside(model) as recordings:
        for _ in range(2):
            model(X)[0].sum().backward()
            for parameter in model.parameters():
                parameter.data.sub_(parameter.grad)
    first, second = (each.trace().weights["weight_hh"] for each in recordings["0"])
    assert (first != second).any()


def test_blocks_within_blocks_and_calls_of_forward_itself():
    model, other = seq2seq(), nn.GRU(3, 5)
    with record_inside(other) as outer, record_inside(other) as inner:
        other(X)
    assert [len(outer[""]), len(inner[""])] == [1, 1]
    with record_inside(model) as outer:
        model(IDS, LENGTHS)
        with record_inside(model.encoder) as inner:
            model(IDS, LENGTHS)
            other.forward(X)
        other(X)
    assert [len(outer[name]) for name in outer] == [4, 6, 6, 0]
    assert [len(inner[name]) for name in inner] == [2]
    with record_inside(other) as recordings:
        other.forward(X)
    assert len(recordings[""]) == 1


def test_a_layer_that_comes_later_is_recorded_too():
    model = nn.Sequential(nn.GRU(3, 5))
    with record_inside(model) as recordings:
        model.append(nn.ModuleList([nn.LSTM(3, 5)]))
        model[1][0](X)
    assert len(recordings["1.0"]) == 1


@pytest.mark.parametrize("reentrant", [True, False])
def test_what_is_computed_again_for_a_backward_pass_is_no_call(reentrant):
    model = nn.LSTM(3, 5)
    x = X.clone().requires_grad_()
    with record_inside(model) as recordings:
        loss = checkpoint(lambda x: model(x)[0], x, use_reentrant=reentrant).sum()
        torch.autograd.backward(loss)
    assert len(recordings[""]) == 1
    assert x.grad is not None


def test_a_counter_of_operations_counts_the_models_alone():
    model = nn.Sequential(nn.GRUCell(3, 5))
    counted = []
    for block in (contextlib.nullcontext(), record_inside(model)):
        with FlopCounterMode(display=False) as flops, block:
            model(X[0])
        counted.append(flops.get_total_flops())
    assert counted[0] == counted[1] > 0


def test_what_is_traced_or_transformed_is_refused_and_goes_on():
    module = nn.GRU(3, 5)
    weights = {name: p.detach() for name, p in module.named_parameters()}

    def loss(weights):
        return torch.func.functional_call(module, weights, (X,))[0].sum()

    with record_inside(module) as recordings:
        found = torch.func.grad(loss)(weights)
    module(X)[0].sum().backward()
    torch.testing.assert_close(found["weight_hh_l0"], module.weight_hh_l0.grad)
    with pytest.raises(
        ValueError, match=r"expected a plain tensor: run this outside of torch\.vmap"
    ):
        recordings[""]
    with warnings.catch_warnings(), record_inside(module) as recordings:
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(module, X, check_trace=False)
    assert "sigmoid" not in str(traced.graph)
    with pytest.raises(ValueError, match="it was traced, expected a plain call"):
        recordings[""]


def test_a_functional_call():
    module = nn.LSTM(3, 5)
    other = {name: parameter * 2 for name, parameter in module.named_parameters()}
    with record_inside(module) as recordings:
        result = torch.func.functional_call(module, other, (X,))
    check_same(recordings[""][0], result)


@torch.no_grad()
def test_wrappers_may_be_left_out_of_a_name():
    model = seq2seq().eval()
    wanted = model(IDS, LENGTHS)
    parallel, result = inside(nn.DataParallel(model), IDS, LENGTHS)
    assert torch.equal(result, wanted)
    assert parallel["encoder.lstm"][0] is parallel["module.encoder.lstm"][0]
    graphs = []
    compiled = torch.compile(model, backend=lambda graph, _: graphs.append(graph) or graph.forward)
    for done in (0, 1):
        before = len(graphs)
        recordings, result = inside(compiled, IDS, LENGTHS)
        assert (len(graphs) - before, bool(graphs)) == (0, bool(done))
        np.testing.assert_allclose(result.detach(), wanted.detach(), atol=1e-6)
        assert [len(recordings[name]) for name in ("encoder.lstm", "_orig_mod.cell")] == [2, 3]
        compiled(IDS, LENGTHS)  # compiled now
    with pytest.raises(TypeError, match=re.escape("Pass model._orig_mod, or record")):
        record(torch.compile(nn.LSTM(3, 5), backend="eager"), X)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_lower_precision_is_refused_with_the_line_that_helps(kind):
    model = nn.Sequential(kind(3, 5))
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            model(X)
    except RuntimeError as error:
        pytest.skip(f"torch has no bfloat16 kernel for this processor: {error}")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        recordings, result = inside(model, X)
        line = "with torch.autocast('cpu', enabled=False), gv.record_inside(model) as recordings: m"
        with pytest.raises(ValueError, match=re.escape(line)):
            recordings["0"]
        with torch.autocast("cpu", enabled=False), record_inside(model) as recordings:
            result = model(X)
        check_same(recordings["0"][0], result)
    half = copy.deepcopy(model).bfloat16()
    recordings, _ = inside(half, X.bfloat16())
    line = "call 1 of 1 of '0' could not be recorded: it computes in torch.bfloat16, expected"
    with pytest.raises(ValueError, match=re.escape(line)):
        recordings["0"]
    with record_inside(copy.deepcopy(half).float()) as recordings:
        pass


def test_float64_under_autocast_is_untouched():
    model = nn.LSTM(3, 5).double()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        recordings, result = inside(model, X.double())
    check_same(recordings[""][0], result, torch.float64)


def test_other_numbers_are_refused(monkeypatch):
    """If what is computed here were not what the call returned, nothing would be shown."""
    from gatesviz.recordings import kernels

    real = kernels.run
    wrong = lambda made, given, **how: real(made, given._replace(x=given.x * 1.01), **how)  # noqa: E731
    monkeypatch.setattr(kernels, "run", wrong)
    recordings, _ = inside(nn.GRU(3, 5), X)
    with pytest.raises(ValueError, match=r"other numbers than it .*\(largest difference 0\.0"):
        recordings[""]


def test_chaos_is_followed():
    """Where rounding grows until outputs differ, the recording is still the call's own."""
    for cell in ("rnn_tanh", "lstm", "gru"):
        for dtype in TOLERANCE:
            case = Case(cell, steps=150, samples=2, hidden_size=48, dtype=dtype)
            module = case.module()
            with torch.no_grad():
                module.weight_hh_l0.mul_(10)
            recordings, result = inside(module, case.inputs())
            np.testing.assert_array_equal(recordings[""][0].output, result[0].detach())


def test_chaos_in_packed_samples_is_refused_rather_than_drifting():
    """Each sample alone is followed to the bit; packed, torch groups them as we do not."""
    torch.manual_seed(0)
    module = nn.RNN(3, 48, num_layers=2)
    with torch.no_grad():
        module.weight_hh_l0.mul_(10)
        module.weight_hh_l1.mul_(10)
    samples = [torch.randn(steps, 3) for steps in (150, 90, 120, 30)]
    recordings, _ = inside(module, pack_sequence(samples, enforce_sorted=False))
    with pytest.raises(ValueError, match="run the samples one at a time, unpacked"):
        recordings[""]
    for sample in samples:
        recordings, result = inside(module, sample)
        np.testing.assert_array_equal(recordings[""][0].output, result[0].detach())


def test_no_such_layer():
    recordings, _ = inside(nn.Sequential(nn.GRU(3, 5)), X)
    with pytest.raises(KeyError, match=r"no layer 'gru', expected one of \['0'\]"):
        recordings["gru"]


class Scripted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.lstm = torch.jit.script(nn.LSTM(3, 5))


def spread() -> nn.Module:
    model = nn.DataParallel(nn.LSTM(3, 5))
    model.device_ids = [0, 1]
    return model


REFUSED = {
    "no module": ("lstm", "model is a builtins.str, expected a torch.nn.Module"),
    "nothing recurrent": (
        nn.Linear(3, 5),
        "no RNN, LSTM, GRU or cell of torch.nn, expected one: p",
    ),
    "a transformer": (
        nn.TransformerEncoderLayer(4, 2),
        "Transformer, whose attention has no gates",
    ),
    "scripted": (Scripted(), "model.lstm is a TorchScript module, whose calls cannot be seen"),
    "many devices": (
        spread(),
        "on 2 devices, whose copies run in other threads, expected one: pass",
    ),
}


@pytest.mark.parametrize(("model", "says"), REFUSED.values(), ids=REFUSED)
def test_a_model_that_cannot_be_watched(model, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
        inside(model, X)
    assert "\n" not in str(caught.value)

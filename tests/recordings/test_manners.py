"""Recording leaves everything as it was, whatever the mode it is called in."""

import contextlib
import copy
import pickle
import re

import numpy as np
import pytest
import torch

from gatesviz.recordings import record
from tests.recordings.cases import LENGTHS, Case, states_of, torch_result

KINDS = ["rnn_tanh", "lstm", "gru"]


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_module_and_generator_are_left_as_they_were(cell, training):
    module = Case(cell, layers=2).module().train(training)
    inputs = Case(cell).inputs().requires_grad_()
    module(inputs)[0].sum().backward()
    before = {k: (p.clone(), p.grad.clone(), p._version) for k, p in module.named_parameters()}
    flags = vars(module).copy()
    input_grad, generator = inputs.grad.clone(), torch.get_rng_state()

    recording = record(module, inputs)
    recording.trace().gates.get("i", recording.output)[...] = 7

    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    assert torch.equal(torch.get_rng_state(), generator)
    assert vars(module) == flags
    assert module.training is training
    assert torch.equal(inputs.grad, input_grad)
    for name, parameter in module.named_parameters():
        value, grad, version = before[name]
        assert torch.equal(parameter, value)
        assert torch.equal(parameter.grad, grad)
        assert parameter._version == version


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize(
    "mode", [torch.no_grad, torch.inference_mode, torch.enable_grad, contextlib.nullcontext]
)
def test_any_mode_gives_the_same(cell, mode):
    case = Case(cell, bidirectional=True, given_state=True)
    module, plain = case.module(), record(case.module(), case.inputs(), case.state())
    with mode():
        recording = record(module, case.inputs().requires_grad_(), case.state())
    np.testing.assert_allclose(recording.output, plain.output, atol=1e-7)
    np.testing.assert_array_equal(recording.trace().states["h"], plain.trace().states["h"])
    module(case.inputs())[0].sum().backward()  # the module still learns
    assert all(p.grad is not None for p in module.parameters())


@pytest.mark.parametrize("cell", KINDS)
def test_non_contiguous_inputs_and_state(cell):
    case = Case(cell, given_state=True)
    wide = torch.stack([case.inputs(), case.inputs() + 9], -1)[..., 0]
    state = case.state()
    states = state if isinstance(state, tuple) else (state,)
    strided = tuple(s.mT.contiguous().mT for s in states)
    assert not wide.is_contiguous()
    recording = record(case.module(), wide, strided if cell == "lstm" else strided[0])
    plain = record(case.module(), case.inputs(), state)
    np.testing.assert_allclose(recording.output, plain.output, atol=1e-7)


@pytest.mark.parametrize("cell", KINDS)
def test_later_changes_do_not_reach_the_recording(cell):
    case = Case(cell)
    module, inputs = case.module(), case.inputs()
    recording, wanted = record(module, inputs), record(module, inputs)
    given, weight = inputs.clone(), module.weight_hh_l0.detach().clone()
    with torch.no_grad():
        inputs.fill_(3)
        for parameter in module.parameters():
            parameter.fill_(3)
    np.testing.assert_array_equal(recording.trace().inputs, given)
    np.testing.assert_array_equal(recording.trace().weights["weight_hh"], weight)
    np.testing.assert_array_equal(recording.output, wanted.output)


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layout", ["batched", "unbatched", *LENGTHS])
def test_dropout_takes_the_modules_own_draws(cell, layout):
    case = Case(cell, layers=3, bidirectional=True, batch_first=True, layout=layout)
    module = case.module().train()
    module.dropout = 0.4
    torch.manual_seed(1)
    output, states = torch_result(module, case.inputs())
    generator = torch.get_rng_state()
    torch.manual_seed(1)
    recording = record(module, case.inputs())
    np.testing.assert_allclose(recording.output, output, atol=2e-6)
    for ours, theirs in zip(states_of(recording), states, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-6)
    assert torch.equal(torch.get_rng_state(), generator)
    dropped = recording.trace(1).inputs == 0
    assert 0.2 < dropped.mean() < 0.6
    assert not (record(module.eval(), case.inputs()).trace(1).inputs == 0).any()


@pytest.mark.parametrize("cell", [*KINDS, "rnn_relu"])
def test_autocast_is_refused_unless_it_changes_nothing(cell):
    """It computes float32 in lower precision, which would be other numbers, but not float64."""
    case = Case(cell)
    line = "with torch.autocast('cpu', enabled=False): recording = gv.record(module, inputs.float("
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with pytest.raises(TypeError, match=re.escape(line)):
            record(case.module(), case.inputs())
        with torch.autocast("cpu", enabled=False):
            recording = record(case.module(), case.inputs().float())
    np.testing.assert_array_equal(recording.output, record(case.module(), case.inputs()).output)
    case = Case(cell, dtype=torch.float64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        recording = record(case.module(), case.inputs())
        output, _ = torch_result(case.module(), case.inputs())
    np.testing.assert_allclose(recording.output, output, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_line_offered_for_half_precision_works(dtype):
    module, inputs = Case().module().to(dtype), Case().inputs().to(dtype)
    with pytest.raises(TypeError, match=r"copy\.deepcopy"):
        record(module, inputs)
    recording = record(copy.deepcopy(module).float(), inputs.float())
    output, _ = module(inputs)
    np.testing.assert_allclose(recording.output, output.detach().float(), atol=1e-2)
    assert next(module.parameters()).dtype is dtype


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed"])
def test_the_state_of_a_recording_continues_it(cell, layout):
    case = Case(cell, layers=2, bidirectional=True, layout=layout)
    module, inputs = case.module(), case.inputs()
    first = record(module, inputs)
    ours = record(module, inputs, first.state)
    output, states = torch_result(module, inputs, module(inputs)[1])
    np.testing.assert_allclose(ours.output, output, atol=2e-6)
    for mine, theirs in zip(states_of(ours), states, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-6)
    again = record(module, input=inputs, hx=first.state)
    np.testing.assert_array_equal(again.output, ours.output)


def test_gpu():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here: recording on a GPU is not tested")
    for cell in [*KINDS, "rnn_relu", "lstm_proj"]:
        for layout in ["batched", "packed"]:
            case = Case(cell, layers=2, bidirectional=True, layout=layout)
            ours = record(case.module().cuda(), case.inputs().to("cuda"))
            on_cpu = record(case.module(), case.inputs())
            np.testing.assert_allclose(ours.output, on_cpu.output, atol=5e-3)  # TF32
            for letter, gate in on_cpu.trace(0, "backward").gates.items():
                mine = ours.trace(0, "backward").gates[letter]
                np.testing.assert_allclose(mine, gate, atol=5e-3)


def arrays_of(recording) -> list[np.ndarray]:
    arrays = [recording.output, *states_of(recording)]
    for trace in recording.traces.values():
        arrays += [trace.inputs, *trace.gates.values(), *trace.states.values()]
        arrays += trace.weights.values()
    return arrays


@pytest.mark.parametrize("looked_at", [True, False])
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_a_recording_travels_as_its_arrays_alone(duplicate, looked_at):
    case = Case("lstm", layers=2, bidirectional=True, steps=50, samples=8, hidden_size=20)
    recording = record(case.module(), case.inputs())
    if looked_at:
        arrays_of(recording)
    size = len(pickle.dumps(recording))
    assert size < 1.5 * sum(array.nbytes for array in arrays_of(recording))
    other = duplicate(recording)
    assert repr(other) == repr(recording)
    assert other.notes == recording.notes
    for ours, theirs in zip(arrays_of(other), arrays_of(recording), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert not np.shares_memory(ours, theirs)


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed"])
def test_a_kept_gate_keeps_nothing_else_alive(cell, layout):
    case = Case(cell, bidirectional=True, layout=layout)
    trace = record(case.module(), case.inputs()).trace()
    for array in [*trace.gates.values(), *trace.states.values()]:
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        assert owner.nbytes == array.nbytes
        kept = owner.base
        if isinstance(kept, torch.Tensor):
            assert kept.untyped_storage().nbytes() == array.nbytes

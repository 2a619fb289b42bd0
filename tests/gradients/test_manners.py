"""Measuring leaves everything as it was, works everywhere, and refuses in one sentence."""

import contextlib
import copy
import pickle
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.module import (
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from torch.nn.utils.rnn import PackedSequence

from gatesviz.gradients import gradient_flow, influence
from gatesviz.recordings import record
from tests.gradients.test_against_autograd import check, several_steps
from tests.recordings.cases import Case

KINDS = ["rnn_tanh", "lstm", "gru"]
X = torch.zeros(6, 4, 3)


def total(y):
    return (y.data if isinstance(y, PackedSequence) else y).square().sum()


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_everything_is_left_as_it_was(cell, training):
    module = Case(cell, layers=2).module().train(training).requires_grad_(False)
    module.weight_ih_l0.requires_grad_()
    module.weight_ih_l0.grad = torch.ones_like(module.weight_ih_l0)
    head = nn.Linear(5, 1).double()
    inputs = Case(cell).inputs().requires_grad_()
    before = {k: (p.clone(), p._version, p.requires_grad) for k, p in module.named_parameters()}
    flags, generator = vars(module).copy(), torch.get_rng_state()

    gradient_flow(module, inputs, lambda y: head(y).sum())

    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    assert torch.equal(torch.get_rng_state(), generator)
    assert vars(module) == flags
    assert (inputs.grad, head.weight.grad) == (None, None)
    assert torch.equal(module.weight_ih_l0.grad, torch.ones_like(module.weight_ih_l0))
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter, before[name][0])
        assert (parameter._version, parameter.requires_grad) == before[name][1:]


@pytest.mark.parametrize("cell", KINDS)
def test_any_mode_gives_the_same(cell):
    case = Case(cell, bidirectional=True, given_state=True)
    given = case.module(), case.inputs(), total, case.state()
    plain = gradient_flow(*given)
    for mode in [torch.no_grad, torch.inference_mode, torch.enable_grad, contextlib.nullcontext]:
        with mode():
            flow = gradient_flow(*given)
        np.testing.assert_array_equal(flow.gradients["h"], plain.gradients["h"])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        flow = gradient_flow(*given, dtype=torch.float32)
    np.testing.assert_allclose(flow.gradients["h"], plain.gradients["h"], rtol=1e-4, atol=1e-6)
    assert flow.gradients["h"].dtype == np.float32
    assert plain.recording.output.dtype == np.float64


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layout", ["batched", "packed"])
def test_in_training_mode_dropout_takes_the_modules_own_draws(cell, layout):
    case = Case(cell, layers=3, bidirectional=True, layout=layout, dtype=torch.float64)
    module, inputs = case.module().train(), case.inputs()
    module.dropout = 0.4
    torch.manual_seed(1)
    flow = gradient_flow(module, inputs, total)
    torch.manual_seed(1)
    x = inputs.data.requires_grad_() if layout == "packed" else inputs.requires_grad_()
    value = total(module(inputs)[0])
    value.backward()
    assert flow.loss == pytest.approx(value.item(), rel=1e-12)
    wanted = x.grad
    if layout == "packed":
        wanted = nn.utils.rnn.pad_packed_sequence(inputs._replace(data=wanted))[0]
    found = np.nan_to_num(flow.inputs)
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-9, atol=1e-14)


def test_the_face_of_it():
    case = Case("lstm", layers=2, layout="packed", bidirectional=True)
    flow = gradient_flow(case.module(), case.inputs(), total)
    assert repr(flow).startswith("GradientFlow(loss ")
    assert flow.gradients is flow.layer(-1, "forward").gradients
    assert flow.layer(0, "backward") is flow.layers[0, "backward"]
    np.testing.assert_allclose(
        flow.recording.output, record(case.module(), case.inputs()).output, atol=1e-6
    )
    for other in (copy.deepcopy(flow), pickle.loads(pickle.dumps(flow))):
        np.testing.assert_array_equal(other.norms["c"], flow.norms["c"])
    with pytest.raises(ValueError, match="layer 2 does not exist: layers are -2 to 1"):
        flow.layer(2)


@pytest.mark.parametrize("cell", [*KINDS, "rnn_relu", "lstm_proj"])
def test_one_step_and_a_thousand(cell):
    check(Case(cell, steps=1, dtype=torch.float64))
    case = Case(cell, steps=1000, samples=1, hidden_size=3, dtype=torch.float64)
    module, x = case.module(), case.inputs().requires_grad_()
    several_steps(case)(module(x)[0]).backward()
    flow = gradient_flow(module, x, several_steps(case))
    np.testing.assert_allclose(flow.inputs, x.grad, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("cell", KINDS)
def test_a_loss_that_ends_early_leaves_zeros(cell):
    case = Case(cell, batch_first=True)
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y[:, 2].sum())
    assert (flow.norms["h"][:4] > 0).all()
    np.testing.assert_array_equal(flow.norms["h"][4:], 0)
    np.testing.assert_array_equal(flow.inputs[3:], 0)
    nothing = gradient_flow(case.module(), case.inputs(), lambda y: 0 * y.sum())
    np.testing.assert_array_equal(nothing.gradients["h"], 0)


def test_a_loss_may_work_in_place_and_in_float32():
    case = Case("gru")
    plain = gradient_flow(case.module(), case.inputs(), lambda y: (2 * y).sum())
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y.mul_(2).float().sum())
    np.testing.assert_allclose(flow.gradients["h"], plain.gradients["h"])


@pytest.mark.parametrize("cell", KINDS)
def test_nan_stays_in_its_sample(cell):
    case = Case(cell)
    inputs = case.inputs()
    inputs[2, 1] = float("nan")
    flow = gradient_flow(case.module(), inputs, total)
    assert np.isnan(flow.loss)
    assert np.isnan(flow.gradients["h"][:, 1]).all()
    flow = gradient_flow(case.module(), inputs, lambda y: y[:, 0].sum())
    assert np.isfinite(flow.gradients["h"][:, 0]).all()


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_loss_before_a_nan_input_has_torchs_gradient(kind):
    """It is NaN in that sample, since what leads nowhere is multiplied by 0 and not left out."""
    torch.manual_seed(0)
    module = kind(3, 4).double()
    inputs = torch.randn(8, 2, 3, dtype=torch.float64)
    inputs[5, 0, 1] = float("nan")
    leaf = inputs.clone().requires_grad_()
    (theirs,) = torch.autograd.grad(module(leaf)[0][2].sum(), leaf)
    found = gradient_flow(module, inputs, lambda y: y[2].sum()).inputs
    assert np.isnan(found[:, 0]).all()
    np.testing.assert_allclose(found, theirs, atol=1e-15)
    (theirs,) = torch.autograd.grad(module(leaf[:5])[0][2].sum(), leaf)
    found = gradient_flow(module, inputs[:5], lambda y: y[2].sum()).inputs
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, theirs[:5], atol=1e-15)


WRONG = {
    "no function": (
        X,
        torch.zeros(()),
        "loss is a Tensor, expected a function of the module's out",
    ),
    "not a scalar": (X, lambda y: y[0], "loss: expected a single number, got shape (4, 5)"),
    "a float": (
        X,
        lambda y: y.sum().item(),
        "loss: expected a torch.Tensor computed from the module's output, got a float",
    ),
    "integer": (
        X,
        lambda y: y.sum().long(),
        "loss: expected a real floating point tensor, got torch.int64",
    ),
    "detached": (X, lambda y: y.detach().sum(), "loss does not depend on the module's output"),
    "other": (X, lambda y: torch.ones(1, requires_grad=True).sum(), "loss does not depend on"),
    "sparse": (X, lambda y: y.sum().reshape(1).to_sparse(), "expected a dense tensor of numbers"),
    "meta": (X, lambda y: y.sum().to("meta"), "dense tensor of numbers, got one that is without"),
    "inputs": (X.double(), total, "inputs is torch.float64, expected the module's torch.float32"),
}


@pytest.mark.parametrize(("inputs", "loss", "says"), WRONG.values(), ids=WRONG)
def test_one_sentence(inputs, loss, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
        gradient_flow(nn.LSTM(3, 5), inputs, loss)
    assert "\n" not in str(caught.value)
    assert re.search("wanted|expected", str(caught.value))


def test_hooks_are_refused_since_they_could_change_the_numbers():
    module = nn.LSTM(3, 5)
    module.register_forward_hook(lambda *given: None)
    for function in (gradient_flow, influence):
        with pytest.raises(ValueError, match=r"the LSTM has a forward hook .*expected none"):
            function(module, X, total)


def test_other_wrong_arguments():
    with pytest.raises(
        TypeError, match=r"dtype: expected torch\.float64 or torch\.float32, got torch\.float16"
    ):
        gradient_flow(nn.LSTM(3, 5), X, total, dtype=torch.float16)
    with pytest.raises(TypeError, match=r"Linear, expected a torch\.nn\.RNN"):
        gradient_flow(nn.Linear(3, 5), X, total)
    with pytest.raises(ValueError, match="outputs does not depend on the module's output"):
        influence(nn.LSTM(3, 5), X, lambda y: y[:0].sum((1, 2)))


def test_gpu():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here: gradients on a GPU are not tested")
    for cell in [*KINDS, "rnn_relu", "lstm_proj"]:
        for layout in ["batched", "packed"]:
            case = Case(cell, layers=2, bidirectional=True, layout=layout)
            ours = gradient_flow(case.module().cuda().eval(), case.inputs().to("cuda"), total)
            on_cpu = gradient_flow(case.module(), case.inputs(), total)
            np.testing.assert_allclose(ours.inputs, on_cpu.inputs, rtol=1e-9, atol=1e-12)
            for name, wanted in on_cpu.layer(0, "backward").gradients.items():
                found = ours.layer(0, "backward").gradients[name]
                np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def _tripled(module, *gradients):
    return tuple(None if each is None else 3 * each for each in gradients[0])


@pytest.mark.parametrize(
    ("register", "hook"),
    [
        (nn.Module.register_full_backward_hook, "a backward hook (_tripled)"),
        (nn.Module.register_full_backward_pre_hook, "a backward pre-hook (_tripled)"),
        (register_module_full_backward_hook, "a global backward hook (_tripled)"),
        (register_module_full_backward_pre_hook, "a global backward pre-hook (_tripled)"),
    ],
)
def test_backward_hooks_are_refused_since_they_could_change_gradients(register, hook):
    module, inputs = nn.LSTM(3, 5).double(), torch.randn(6, 4, 3).double().requires_grad_()
    total(module(inputs)[0]).backward()
    plain, inputs.grad = inputs.grad, None
    handle = register(*(() if "global" in hook else (module,)), _tripled)
    try:
        total(module(inputs)[0]).backward()
        assert torch.allclose(inputs.grad, 3 * plain)  # so autograd gives other numbers
        for function in (gradient_flow, influence):
            with pytest.raises(ValueError, match=re.escape(hook) + ".*expected none: remove it"):
                function(module, inputs, total)
        record(module, inputs)
    finally:
        handle.remove()
    np.testing.assert_allclose(gradient_flow(module, inputs, total).inputs, plain, atol=1e-12)

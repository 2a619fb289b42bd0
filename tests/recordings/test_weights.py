"""The weights recorded are those a call computes with, and reading them changes nothing."""

import copy
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import utils
from torch.nn.utils import parametrizations, parametrize, prune

from gatesviz.gradients import gradient_flow
from gatesviz.recordings import record
from tests.recordings.cases import TOLERANCE, Case, states_of, torch_result

KINDS = ["rnn_tanh", "lstm", "gru"]
STEPS = {"rnn_tanh": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


class _Dropped(nn.Module):
    """Weight dropout as a parametrization: random, and different at every look."""

    def forward(self, weight):
        return torch.dropout(weight, 0.5, self.training)


class _Counting(nn.Module):
    """Keeps a state of its own outside of buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.seen = []
        self.mean = torch.zeros(1)
        self.means = [torch.zeros(1)]
        self.known = {"mean": torch.zeros(1)}
        self.fixed = nn.Parameter(torch.zeros(1), requires_grad=False)

    def forward(self, weight):
        self.looks += 1
        self.seen.append(self.looks)
        tensors = (self.mean, self.means[0], self.known["mean"], self.fixed.data)
        return weight + 0.01 * self.looks + sum(each.add_(0.001) for each in tensors)


def _parametrized(parametrization: type[nn.Module]):
    def apply(module: nn.Module, name: str) -> None:
        parametrize.register_parametrization(module, name, parametrization())

    return apply


def _with_old_weight_norm(module: nn.Module, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        utils.weight_norm(module, name)


def _pruned_twice(module: nn.Module, name: str) -> None:
    prune.random_unstructured(module, name, 0.4)
    prune.l1_unstructured(module, name, 0.2)


def _set_from_outside(module: nn.Module, name: str) -> None:
    """What an AWD-LSTM leaves behind: a tensor where the parameter was."""
    raw = getattr(module, name)
    delattr(module, name)
    module.register_parameter(f"{name}_raw", raw)
    setattr(module, name, torch.dropout(raw, 0.5, True))
    module.flatten_parameters = lambda: None


WAYS = {
    "weight norm, old": _with_old_weight_norm,
    "weight norm": parametrizations.weight_norm,
    "spectral norm, old": utils.spectral_norm,
    "spectral norm": parametrizations.spectral_norm,
    "orthogonal": parametrizations.orthogonal,
    "pruned": lambda module, name: prune.random_unstructured(module, name, 0.5),
    "pruned twice": _pruned_twice,
    "set from outside": _set_from_outside,
    "random": _parametrized(_Dropped),
    "counting": _parametrized(_Counting),
}


def snapshot(module: nn.Module) -> list[object]:
    """Return all that a module and its submodules hold, down to the identity of each tensor."""
    held: list[object] = [torch.get_rng_state().tolist()]
    for each in module.modules():
        for name, value in vars(each).items():
            items = value.items() if isinstance(value, dict) else enumerate([value])
            for key, item in items:
                listed = list(item) if isinstance(item, list) else item
                held.append((name, key, id(item) if isinstance(item, torch.Tensor) else listed))
        for tensor in [*each._parameters.values(), *each._buffers.values()]:
            if tensor is not None:
                held.append((tensor._version, tensor.tolist(), tensor.grad))
    return held


def check(module: nn.Module, inputs: torch.Tensor) -> None:
    """Record ``module``, which must stay as it is, and compare with its next call."""
    generator = torch.get_rng_state()
    before = snapshot(module)
    recording = record(module, inputs)
    drawn = torch.get_rng_state()
    torch.set_rng_state(generator)
    assert repr(snapshot(module)) == repr(before)
    output, states = torch_result(module, inputs)
    assert torch.equal(torch.get_rng_state(), drawn)
    weights = [w for trace in recording.traces.values() for w in trace.weights.values()]
    largest = max(1.0, *(float(abs(w).max()) for w in weights))  # rounding grows with the sums
    close = {"rtol": 0, "atol": TOLERANCE[inputs.dtype] * largest}
    np.testing.assert_allclose(recording.output, output, **close)
    for ours, theirs in zip(states_of(recording), states, strict=True):
        np.testing.assert_allclose(ours, theirs, **close)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cell", KINDS)
def test_a_computed_weight_is_the_one_of_the_next_call(cell, way, training):
    case = Case(cell, layers=2, bidirectional=True)
    module = case.module().train(training)
    for name in ("weight_hh_l0", "weight_ih_l1_reverse"):
        WAYS[way](module, name)
    for _ in range(2):  # the second time after a call, which may have moved a power iteration on
        check(module, case.inputs())


@pytest.mark.parametrize("way", [way for way in WAYS if way != "set from outside"])
@pytest.mark.parametrize("cell", KINDS)
def test_so_is_a_computed_weight_of_one_step(cell, way):
    module = STEPS[cell](3, 5)
    WAYS[way](module, "weight_hh")
    for inputs in (Case().inputs()[0], Case().inputs()[0, 0]):
        generator, before = torch.get_rng_state(), snapshot(module)
        recording = record(module, inputs)
        torch.set_rng_state(generator)
        assert repr(snapshot(module)) == repr(before)
        with torch.no_grad():
            result = module(inputs)
        h = result[0] if isinstance(result, tuple) else result
        np.testing.assert_allclose(recording.output, h, atol=2e-6)


def test_weights_that_a_call_would_keep_are_kept():
    """In a block of `parametrize.cached` a weight is computed once, whoever asks first."""
    module = Case().module()
    parametrizations.spectral_norm(module, "weight_hh_l0")
    with parametrize.cached():
        kept = module.weight_hh_l0
        check(module, Case().inputs())
        assert module.weight_hh_l0 is kept
        assert list(parametrize._cache) == [(id(module), "weight_hh_l0")]
    with parametrize.cached():
        record(module, Case().inputs())
        assert not parametrize._cache
        module(Case().inputs())[0].sum().backward()


def test_gradients_flow_after_recording():
    module = Case().module()
    parametrizations.spectral_norm(module, "weight_hh_l0")
    output = module(Case().inputs())[0].sum()
    record(module, Case().inputs())
    output.backward()  # fails if a buffer that the graph holds was written to
    assert module.parametrizations.weight_hh_l0.original.grad is not None


@pytest.mark.parametrize("cell", KINDS)
def test_the_list_that_torch_computes_with_counts(cell):
    case = Case(cell)
    module = case.module()
    module._flat_weights[1] = case.random("other", tuple(module.weight_hh_l0.shape))
    check(module, case.inputs())
    module = case.module()
    other = nn.Parameter(case.random("other", tuple(module.weight_hh_l0.shape)))
    module._parameters["weight_hh_l0"] = other
    check(module, case.inputs())
    np.testing.assert_array_equal(
        record(module, case.inputs()).trace().weights["weight_hh"], other.detach()
    )
    module = case.module()
    vars(module)["weight_hh_l0"] = other  # hides the parameter
    check(module, case.inputs())
    check(copy.deepcopy(case.module()), case.inputs())


@pytest.mark.parametrize("cell", KINDS)
def test_tied_directions(cell):
    case = Case(cell, bidirectional=True)
    module = case.module()
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(module, f"{name}_l0_reverse", getattr(module, f"{name}_l0"))
    check(module, case.inputs())
    recording = record(module, case.inputs())
    forward, backward = (recording.trace(0, d).weights for d in recording.directions)
    for name, weight in forward.items():
        np.testing.assert_array_equal(weight, backward[name])


class _Plain(nn.GRU):
    def describe(self) -> str:
        return "a GRU"


class _Fixed(nn.LSTM):
    """Computes a weight of its own by an attribute of its class."""

    def __getattr__(self, name):
        found = super().__getattr__(name)
        return 2 * found.detach() if name == "weight_hh_l0" else found


@pytest.mark.parametrize("kind", [_Plain, _Fixed])
def test_subclasses_that_leave_the_call_alone(kind):
    check(kind(3, 5), Case().inputs())


@pytest.mark.parametrize("way", ["weight norm", "spectral norm", "pruned"])
def test_gradients_are_those_of_the_computed_weights(way):
    case = Case("gru", dtype=torch.float64)
    module, inputs = case.module().eval(), case.inputs().requires_grad_()
    WAYS[way](module, "weight_hh_l0")
    flow = gradient_flow(module, inputs, lambda y: y[-1].square().sum())
    module(inputs)[0][-1].square().sum().backward()
    np.testing.assert_allclose(flow.inputs, inputs.grad, atol=1e-14)

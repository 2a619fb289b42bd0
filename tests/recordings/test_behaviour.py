"""A module whose call was changed is refused, and never recorded with other numbers."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules import module as calls
from torch.nn.utils.rnn import pack_sequence

from gatesviz.gradients import gradient_flow, influence
from gatesviz.recordings import record, record_inside
from gatesviz.recordings.behaviour import _torchs_own
from tests.recordings.cases import Case, torch_result

X = Case().inputs()


class OwnCall(nn.LSTM):
    def __call__(self, x, hx=None):
        return super().__call__(x * 2, hx)


class OwnForward(nn.GRU):
    def forward(self, x, hx=None):
        return super().forward(x * 2, hx)


class OwnCheck(nn.RNN):
    def check_forward_args(self, x, hidden, batch_sizes):
        x.mul_(2)


class OwnPermutation(nn.GRU):
    def permute_hidden(self, hx, permutation):
        return super().permute_hidden(hx, permutation) + 1


class OwnStep(nn.GRUCell):
    def forward(self, x, hx=None):
        return super().forward(x * 2, hx)


def instance(name: str):
    """Return an LSTM of which the method ``name`` was replaced."""
    module = nn.LSTM(3, 5)
    kept = getattr(module, name)

    def changed(*given):
        return kept(*(2 * each for each in given[:1]), *given[1:])

    setattr(module, name, changed)
    return module


def hooked(register: str, hook, **options):
    module = nn.LSTM(3, 5)
    getattr(module, register)(hook, **options)
    return module


def doubled(module, given):
    return (given[0] * 2,)


def one_more(module, given, result):
    return result[0] + 1, result[1]


CHANGED = {
    "own call": (OwnCall(3, 5), "OwnCall, which has its own '__call__', expected that of torch.nn"),
    "own forward": (OwnForward(3, 5), "OwnForward, which has its own 'forward'"),
    "own check": (OwnCheck(3, 5), "OwnCheck, which has its own 'check_forward_args'"),
    "own permutation": (
        OwnPermutation(3, 5),
        "has its own 'permute_hidden', expected that of torch",
    ),
    "own step": (OwnStep(3, 5), "has its own 'forward', expected that of torch.nn.GRUCell"),
    "forward": (instance("forward"), "'forward' was replaced on this LSTM, so module(inputs) can"),
    "call": (instance("_call_impl"), "'_call_impl' was replaced on this LSTM"),
    "wrapped call": (instance("_wrapped_call_impl"), "'_wrapped_call_impl' was replaced on this"),
    "weights": (
        instance("_update_flat_weights"),
        "'_update_flat_weights' was replaced on this LSTM",
    ),
    "pre-hook": (
        hooked("register_forward_pre_hook", doubled),
        "a forward pre-hook (doubled), which",
    ),
    "pre-hook with kwargs": (
        hooked("register_forward_pre_hook", lambda m, a, k: ((a[0] * 2,), k), with_kwargs=True),
        "a forward pre-hook (<lambda>)",
    ),
    "hook": (hooked("register_forward_hook", one_more), "a forward hook (one_more), which can"),
    "hook with kwargs": (
        hooked("register_forward_hook", lambda m, a, k, r: one_more(m, a, r), with_kwargs=True),
        "a forward hook (<lambda>)",
    ),
    "hook always called": (
        hooked("register_forward_hook", one_more, always_call=True),
        "a forward hook (one_more)",
    ),
}


def inputs_of(module) -> torch.Tensor:
    return (X[0] if isinstance(module, nn.RNNCellBase) else X).clone()


@pytest.mark.parametrize(("module", "says"), CHANGED.values(), ids=CHANGED)
def test_a_changed_call_is_refused_with_what_records_it(module, says):
    x = inputs_of(module)
    for ask in (
        record,
        lambda m, x: gradient_flow(m, x, torch.sum),
        lambda m, x: influence(m, x, torch.sum),
    ):
        with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
            ask(module, x)
        line = "with gv.record_inside(module) as recordings: module(inputs)"
        assert str(caught.value).endswith(line)
        assert "without later changes to the output" in str(caught.value)
        assert len(str(caught.value)) < 400
    with record_inside(module) as recordings:
        module(inputs_of(module))
    assert len(recordings[""]) == 1


@pytest.mark.parametrize(
    ("register", "hook"),
    [
        (calls.register_module_forward_pre_hook, doubled),
        (calls.register_module_forward_hook, one_more),
    ],
)
def test_global_hooks_are_refused_while_they_are_there(register, hook):
    module = nn.LSTM(3, 5)
    handle = register(hook)
    try:
        with pytest.raises(ValueError, match=rf"a global forward .*hook \({hook.__name__}\)"):
            record(module, X)
    finally:
        handle.remove()
    record(module, X)


@pytest.mark.parametrize(
    ("kind", "owner", "step"),
    [
        (nn.LSTM, nn.LSTM, "forward"),
        (nn.RNN, nn.RNNBase, "permute_hidden"),
        (nn.GRU, nn.Module, "__call__"),
        (nn.GRUCell, nn.GRUCell, "forward"),
    ],
)
def test_a_replaced_method_of_torchs_class_is_refused(monkeypatch, kind, owner, step):
    module = kind(3, 5)
    x, kept = inputs_of(module), getattr(owner, step)
    before = record(module, x).output
    changed = lambda self, x, *rest: kept(self, 2 * x, *rest)  # noqa: E731
    monkeypatch.setattr(owner, step, changed)
    for ask in (record, lambda m, x: gradient_flow(m, x, torch.sum)):
        with pytest.raises(TypeError, match=f"'{step}' was replaced on the class {kind.__name__}"):
            ask(module, x)
    monkeypatch.undo()
    np.testing.assert_array_equal(record(module, x).output, before)


def test_a_class_that_was_replaced_before_gatesviz_is_imported_is_noticed(monkeypatch):
    assert "forward" in _torchs_own(nn.LSTM)
    monkeypatch.setattr(nn.LSTM, "forward", lambda self, x, hx=None: (x, hx))
    assert "forward" not in _torchs_own(nn.LSTM)


def test_what_changes_no_number_is_no_reason_to_refuse():
    module = nn.LSTM(3, 5)
    module.register_full_backward_hook(lambda *given: None)
    module.register_full_backward_pre_hook(lambda *given: None)
    module.flatten_parameters = lambda: None
    module.__call__ = lambda *given: None  # Python looks for it on the class alone
    module.note = "mine"
    module.compile(backend="eager")
    for inputs in (X, pack_sequence([X[:4, 0], X[:2, 1]])):
        output, _ = torch_result(module, inputs)
        np.testing.assert_allclose(record(module, inputs).output, output, atol=2e-6)

"""Losses of the output and the final state: which callables get both, and what they get."""

import functools
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from gatesviz.gradients import gradient_flow, influence
from tests.gradients.test_against_autograd import both
from tests.recordings.cases import Case

X = torch.zeros(6, 4, 3)


def test_an_encoder_that_hands_on_its_state_alone():
    """The chain rule along c alone where W_hh = 0: ∂L/∂c_t is the product of forget gates."""
    case = Case("lstm", steps=20, dtype=torch.float64)
    module = case.module()
    with torch.no_grad():
        module.weight_hh_l0.zero_()
    flow = gradient_flow(module, case.inputs(), lambda output, state: state[1].sum())
    f = flow.recording.trace().gates["f"]
    for t in range(20):
        np.testing.assert_allclose(flow.gradients["c"][t], f[t:].prod(0), rtol=1e-12)
        np.testing.assert_allclose(flow.paths["carry"][t], f[t:].prod(0), rtol=1e-12)
    np.testing.assert_array_equal(flow.gradients["h"], 0)
    np.testing.assert_array_equal(flow.layer().outputs, 0)
    np.testing.assert_array_equal(flow.layer().c_n, 1)


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "lstm_proj", "gru"])
@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed", "packed, sorted"])
def test_the_state_is_what_the_module_returns(cell, layout):
    case = Case(cell, layers=2, bidirectional=True, layout=layout, dtype=torch.float64)
    got = []
    gradient_flow(
        case.module(), case.inputs(), lambda *given: got.append(given) or both(case)(*given)
    )
    output, state = got[0]
    with torch.no_grad():
        wanted_output, wanted = case.module()(case.inputs())
    assert type(output) is type(wanted_output)
    assert type(state) is type(wanted)
    for found, right in zip(_parts(state), _parts(wanted), strict=True):
        torch.testing.assert_close(found.detach(), right, rtol=1e-12, atol=1e-14)


def _parts(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed"])
def test_an_influence_on_the_final_state(layout):
    case = Case("lstm", layers=2, layout=layout, dtype=torch.float64)
    module, inputs = case.module(), case.inputs()

    def last_cell(output, state):
        return state[1][-1].reshape(-1, 5).sum(0)

    found = influence(module, inputs, last_cell)
    for unit in range(5):
        flow = gradient_flow(module, inputs, lambda y, s, u=unit: last_cell(y, s)[u])
        np.testing.assert_allclose(found[unit], np.linalg.norm(flow.inputs, axis=-1), rtol=1e-9)
    mixed = influence(module, inputs, lambda y, s: torch.stack([s[0].sum(), s[1].sum(), _data(y)]))
    for k, loss in enumerate(
        [lambda y, s: s[0].sum(), lambda y, s: s[1].sum(), lambda y, s: _data(y)]
    ):
        flow = gradient_flow(module, inputs, loss)
        np.testing.assert_allclose(mixed[k], np.linalg.norm(flow.inputs, axis=-1), rtol=1e-9)


def _data(output):
    return (output.data if isinstance(output, PackedSequence) else output).sum()


class Both(nn.Module):
    def forward(self, output, state):
        return output.sum() + state[1].sum()

    def method(self, output, state):
        return self.forward(output, state)


class One(nn.Module):
    def forward(self, output, scale=2.0):
        return scale * output.sum()

    def __len__(self):
        return 1


def three(scale, output, state):
    return scale * (output.sum() + state[1].sum())


TAKES_BOTH = {
    "lambda": lambda output, state: output.sum() + state[1].sum(),
    "module": Both(),
    "bound method": Both().method,
    "partial": functools.partial(three, 1),
    "partial by name": functools.partial(
        lambda y, s, scale: scale * (y.sum() + s[1].sum()), scale=1
    ),
    "any number": lambda *given: given[0].sum() + given[1][1].sum(),
    "one and more": lambda output, *more: output.sum() + more[0][1].sum(),
    "positional only": lambda output, state, /: output.sum() + state[1].sum(),
    "a default behind": lambda output, state, scale=1: scale * (output.sum() + state[1].sum()),
    "wraps": functools.wraps(three)(lambda *given: Both()(*given)),
}
del TAKES_BOTH["wraps"].__wrapped__
TAKES_ONE = {
    "lambda": lambda output: output.sum(),
    "a default": lambda output, k=slice(None): output[k].sum(),
    "module": One(),
    "sequential": nn.Sequential(nn.Flatten(0), nn.Linear(120, 1).double()),
    "built in": torch.sum,
    "method of a class": torch.Tensor.sum,
    "keyword only": lambda output, *, scale=1: scale * output.sum(),
}


@pytest.mark.parametrize("loss", TAKES_BOTH.values(), ids=TAKES_BOTH)
def test_what_gets_both(loss):
    flow = gradient_flow(nn.LSTM(3, 5), X, loss)
    np.testing.assert_array_equal(flow.layer().c_n, 1)


@pytest.mark.parametrize("loss", TAKES_ONE.values(), ids=TAKES_ONE)
def test_what_gets_the_output_alone(loss):
    assert gradient_flow(nn.LSTM(3, 5), X, loss).layer().c_n is None


PACKED = Case("lstm", layout="packed").inputs()
TWO_FORMS = "loss: expected a function of (output) or (output, state), got one with the arguments"
WRONG = {
    "three": (
        X,
        lambda a, b, c: a.sum(),
        f"{TWO_FORMS} (a, b, c)",
    ),
    "none": (
        X,
        lambda: 1,
        f"{TWO_FORMS} ()",
    ),
    "by name": (
        X,
        lambda y, *, k: y,
        f"{TWO_FORMS} (y, k)",
    ),
    "independent": (X, lambda y, s: torch.ones(1, requires_grad=True).sum(), "loss does not dep"),
    "float32 readout": (X, nn.Linear(5, 1), "write readout(output.float()), or pass dtype=torch.f"),
    "float32 target": (
        X,
        lambda y: nn.functional.binary_cross_entropy(y.sigmoid(), torch.ones(6, 4, 5)),
        "loss mixes dtypes, the output is torch.float64",
    ),
    "float32 cell": (X, lambda y: nn.GRU(5, 1)(y)[0].sum(), "loss mixes dtypes"),
    "packed": (PACKED, lambda y: y[-1].sum(), "with packed inputs, output is a PackedSequence"),
    "packed sum": (PACKED, lambda y: y.sum(), "use output.data, or pad_packed_sequence(output)"),
}


@pytest.mark.parametrize(("inputs", "loss", "says"), WRONG.values(), ids=WRONG)
def test_one_sentence(inputs, loss, says):
    with pytest.raises((TypeError, ValueError), match=re.escape(says)) as caught:
        gradient_flow(nn.LSTM(3, 5), inputs, loss)
    assert "\n" not in str(caught.value)


def test_other_errors_of_a_loss_are_its_own():
    def loss(output):
        raise RuntimeError("the reader's own")

    with pytest.raises(RuntimeError, match="the reader's own"):
        gradient_flow(nn.LSTM(3, 5), X, loss)


def test_a_readout_in_float32_works_as_the_message_says():
    readout = nn.Linear(5, 1)
    flow = gradient_flow(nn.LSTM(3, 5), X, lambda y: readout(y.float()).sum())
    narrow = gradient_flow(nn.LSTM(3, 5), X, lambda y: readout(y).sum(), dtype=torch.float32)
    assert (flow.gradients["h"].dtype, narrow.gradients["h"].dtype) == (np.float64, np.float32)

"""Every derivative against autograd on an unrolled loop, in float64, over every option."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence

from gatesviz.gradients import gradient_flow
from tests.gradients.unrolling import by_autograd
from tests.recordings.cases import LENGTHS, Case

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "lstm_proj", "gru"]


def several_steps(case: Case):
    """A loss that is not linear and weighs every entry of the output differently."""

    def loss(output):
        y = output.data if isinstance(output, PackedSequence) else output
        first, second = (case.random(name, y.shape).to(y) for name in ("one", "two"))
        return (first * y + second * y * y).sum()

    return loss


def both(case: Case):
    """A loss of the output and of every number in the final state."""
    by_output = several_steps(case)

    def loss(output, state):
        parts = state if isinstance(state, tuple) else (state,)
        weighed = [case.random(f"n{k}", s.shape).to(s) * (s + s * s) for k, s in enumerate(parts)]
        return by_output(output) + sum(part.sum() for part in weighed)

    return loss


def check(case: Case, loss=None, *, with_state: bool = False) -> None:
    module, inputs, state = case.module(), case.inputs(), case.state()
    loss = loss or (both(case) if with_state else several_steps(case))
    flow = gradient_flow(module, inputs, loss, state)
    value, by_inputs, states, gates = by_autograd(
        module.double(), as_double(inputs), loss, state, with_state=with_state
    )
    close = {"rtol": 1e-9, "atol": 1e-13}
    np.testing.assert_allclose(flow.loss, value, **close)
    np.testing.assert_allclose(flow.inputs, by_inputs, **close)
    for (layer, direction, name), wanted in states.items():
        found = flow.layer(layer, direction)
        np.testing.assert_allclose(found.gradients[name], wanted, **close, err_msg=name)
        np.testing.assert_allclose(found.norms[name], np.linalg.norm(wanted, axis=-1), **close)
        carried = "c" if case.cell.startswith("lstm") else "h"
        np.testing.assert_allclose(
            sum(found.paths.values()), found.gradients[carried], rtol=1e-10, atol=1e-15
        )
    for (layer, direction, letter), wanted in gates.items():
        found = flow.layer(layer, direction).gates[letter]
        np.testing.assert_allclose(found, wanted, **close, err_msg=letter)


def as_double(inputs):
    return inputs.to(torch.float64)


@settings(max_examples=60)
@given(
    with_state=st.booleans(),
    case=st.builds(
        Case,
        cell=st.sampled_from(KINDS),
        layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        batch_first=st.booleans(),
        bias=st.booleans(),
        layout=st.sampled_from(["batched", "unbatched"]),
        given_state=st.booleans(),
        steps=st.integers(1, 5),
        samples=st.integers(1, 3),
        input_size=st.integers(1, 3),
        hidden_size=st.integers(3, 5),
        dtype=st.just(torch.float64),
        seed=st.integers(0, 99),
    ),
)
def test_any_option(case, with_state):
    check(case, with_state=with_state)


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_cell_with_bias_and_batch_first(cell, bidirectional):
    options = {"bidirectional": bidirectional, "given_state": True, "dtype": torch.float64}
    check(Case(cell, layers=2, batch_first=True, **options))


@pytest.mark.parametrize("short", [0, 10**9], ids=["tensors", "arrays"])
@pytest.mark.parametrize("cell", KINDS)
def test_steps_on_tensors_and_on_arrays_are_the_same(monkeypatch, cell, short):
    """Short rows are stepped through in NumPy, long ones and those on a GPU in torch."""
    monkeypatch.setattr("gatesviz.gradients.small_steps.SHORT", short)
    options = {"bidirectional": True, "given_state": True, "dtype": torch.float64}
    check(Case(cell, layers=2, **options), with_state=True)
    check(Case(cell, layers=2, layout="packed", **options), with_state=True)


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("layout", LENGTHS)
def test_packed(cell, layout):
    options = {"bidirectional": True, "given_state": True, "dtype": torch.float64}
    check(Case(cell, layers=2, layout=layout, **options))
    check(Case(cell, layers=2, layout=layout, **options), with_state=True)

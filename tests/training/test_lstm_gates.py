"""An LSTM without its forget gate, and how its other gates begin."""

import numpy as np
import pytest
import torch

from gatesviz.recordings import record
from gatesviz.training import advance, start
from gatesviz.training.samples import probe
from tests.training.making import small

WITHOUT = {"forget_gate": False, "task": "reber", "length": 40, "batch_size": 32}
SHAPES = [
    {"optimiser": "adam"},
    {"optimiser": "sgd", "clip": None, "learning_rate": 1.0},
    {"optimiser": "rmsprop", "layers": 2, "bidirectional": True, "dropout": 0.3, "gain": 3.0},
    {"optimiser": "adam", "learning_rate": 0.3, "carry": True},
]


def rows(state, gate):
    """Return what every layer and direction has for ``gate``, weights and biases."""
    H = state.spec.actual_hidden_size
    block = slice("ifgo".index(gate) * H, ("ifgo".index(gate) + 1) * H)
    return {n: p.detach().numpy()[block] for n, p in state.module().named_parameters()}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["optimiser"])
@pytest.mark.parametrize("updates", [0, 40])
def test_without_a_forget_gate_f_is_exactly_one(shape, updates):
    spec = small(**WITHOUT, **shape)
    state = advance(start(spec), updates)[0] if updates else start(spec)
    assert state.updates == updates
    recording = record(state.module(), probe(spec).inputs)
    for k in range(spec.layers):
        for direction in ("forward", "backward")[: spec.directions]:
            trace = recording.trace(k, direction)
            assert (trace.gates["f"] == 1).all()
            c, added = trace.states["c"], trace.gates["i"] * trace.gates["g"]
            wanted = c[:-1] + added if direction == "forward" else c[1:] + added
            np.testing.assert_allclose(c[1:] if direction == "forward" else c[:-1], wanted,
                                       atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["optimiser"])
def test_what_makes_it_one_never_changes(shape):
    spec = small(**WITHOUT, **shape)
    state, _ = advance(start(spec), 40)
    for name, found in rows(state, "f").items():
        assert (found == (100 if name.startswith("bias_ih") else 0)).all(), name
    for gate in "igo":
        before = rows(start(spec), gate)
        assert all((before[name] != found).any() for name, found in rows(state, gate).items())


def test_its_gradient_is_that_of_a_cell_without_a_forget_gate():
    """c' = c + i·g written out, and differentiated by autograd."""
    state = start(small(forget_gate=False))
    module = state.module()
    inputs = probe(state.spec).inputs
    module(inputs)[0].square().sum().backward()
    weights = [p.detach().clone().requires_grad_() for p in module.parameters()]
    h = c = torch.zeros(4, 4)
    total = torch.zeros(())
    for x in inputs:
        both = x @ weights[0].T + weights[2] + h @ weights[1].T + weights[3]
        i, _, g, o = both.chunk(4, -1)
        c = c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        total = total + h.square().sum()
    total.backward()
    for (name, ours), theirs in zip(module.named_parameters(), weights, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, msg=name, atol=1e-5, rtol=1e-4)
        assert (ours.grad[4:8] == 0).all()


def test_the_other_gates_begin_as_with_one():
    plain = start(small(chrono=False))
    for gate in "igo":
        found = rows(start(small(forget_gate=False)), gate)
        assert all((found[n] == rows(plain, gate)[n]).all() for n in found)


@pytest.mark.parametrize("shape", [{}, {"layers": 2, "bidirectional": True}])
@pytest.mark.parametrize("more", [{}, {"forget_bias": 1.0}, {"forget_gate": False}])
def test_the_gate_bias_is_of_the_input_and_the_output_gate(shape, more):
    plain = start(small(**shape, **more))
    state = start(small(**shape, **more, gate_bias=-1))
    for gate in "ifgo":
        found, before = rows(state, gate), rows(plain, gate)
        for name in found:
            if gate in "io" and name.startswith("bias"):
                assert (found[name] == (-1 if name.startswith("bias_ih") else 0)).all()
            else:
                assert (found[name] == before[name]).all()

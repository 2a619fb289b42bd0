"""Carry and gates: against autograd with the way through the gates cut."""

import numpy as np
import pytest
import torch

from gatesviz.cells import CELLS, Weights
from gatesviz.gradients import gradient_flow
from tests.recordings.cases import Case


def carried_only(trace, loss) -> np.ndarray:
    """∂L/∂(c or h) at every row, with h cut off from the gates of the step after it."""
    cell, name = CELLS[trace.cell], "c" if trace.cell == "lstm" else "h"
    weights = Weights(**{k: torch.from_numpy(v) for k, v in trace.weights.items()})
    state = {k: torch.from_numpy(v[0]).requires_grad_() for k, v in trace.states.items()}
    rows, outputs = [state[name]], []
    for x in torch.from_numpy(trace.inputs):
        step = cell.step(x, state | {"h": state["h"].detach()}, weights)
        state = step.state
        if trace.cell == "gru":
            z, n = step.gates["z"], step.gates["n"]
            state = {"h": (1 - z) * n + z * rows[-1]}
        rows.append(state[name])
        outputs.append(state["h"])
    return torch.stack(torch.autograd.grad(loss(torch.stack(outputs)), rows)).numpy()


@pytest.mark.parametrize("cell", ["lstm", "lstm_proj", "gru"])
def test_carry_is_what_is_left_when_the_gates_are_cut(cell):
    case = Case(cell, steps=9, given_state=True, dtype=torch.float64)
    weigh = case.random("weigh", (9, 4, 2 if cell == "lstm_proj" else 5))
    weigh[-3:] = 0

    def loss(y):
        return (weigh * y).sum()

    flow = gradient_flow(case.module(), case.inputs(), loss, case.state())
    wanted = carried_only(flow.recording.trace(), loss)
    np.testing.assert_allclose(flow.paths["carry"], wanted, rtol=1e-12)
    total = flow.gradients["h" if cell == "gru" else "c"]
    np.testing.assert_allclose(sum(flow.paths.values()), total, rtol=1e-12)
    assert (flow.layer().path_norms["gates"][:6] > 0).all()
    np.testing.assert_array_equal(flow.paths["gates"][6:], 0)


def test_carry_is_the_product_of_the_forget_gates():
    case = Case("lstm", steps=20, dtype=torch.float64)
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y[-1].sum())
    f, carry = flow.recording.trace().gates["f"], flow.paths["carry"]
    for t in range(20):
        np.testing.assert_allclose(carry[t], f[t:].prod(0) * carry[-1])


def test_a_small_part_is_exact_too():
    """Nearly closed gates pass 1e-9 of the whole: no rounding of the whole must stand there."""
    case = Case("lstm", steps=30, dtype=torch.float64, layout="unbatched")
    module = case.module()
    with torch.no_grad():
        module.bias_ih_l0[5:10] = 40  # f = 1
        module.weight_hh_l0 *= 1e-12
    parts = gradient_flow(module, case.inputs(), lambda y: y[-1].sum()).paths
    with torch.no_grad():
        module.weight_hh_l0 *= 2
    twice = gradient_flow(module, case.inputs(), lambda y: y[-1].sum()).paths
    np.testing.assert_allclose(twice["gates"][:-1], 2 * parts["gates"][:-1], rtol=1e-9)
    assert np.abs(parts["gates"]).max() < 1e-11 * np.abs(parts["carry"]).max()


def test_the_rnn_has_one_path():
    case = Case("rnn_tanh")
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y[-1].sum())
    assert list(flow.paths) == ["weights"]
    np.testing.assert_array_equal(flow.paths["weights"], flow.gradients["h"])

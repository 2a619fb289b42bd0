"""The state as a map of the state: closed forms against autograd, and products against scans."""

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian

from gatesviz.cells import CELLS, Weights
from gatesviz.gradients import gradient_flow, jacobians, singular_values, step_jacobians
from gatesviz.recordings import record
from tests.recordings.cases import Case

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "lstm_proj", "gru"]


def recorded(cell: str, **options):
    case = Case(cell, given_state=True, bidirectional=True, dtype=torch.float64, **options)
    return record(case.module(), case.inputs(), case.state())


def by_autograd(trace, t: int) -> np.ndarray:
    """∂s'/∂s of step t of an unbatched trace."""
    weights = Weights(**{k: torch.from_numpy(v) for k, v in trace.weights.items()})
    x, sizes = torch.from_numpy(trace.inputs[t]), [s.shape[-1] for s in trace.states.values()]

    def step(s):
        state = dict(zip(trace.states, s.split(sizes), strict=True))
        after = CELLS[trace.cell].step(x, state, weights).state
        return torch.cat([after[name] for name in trace.states])

    start = np.concatenate([trace.before(name)[t] for name in trace.states])
    return jacobian(step, torch.from_numpy(start)).numpy()


@pytest.mark.parametrize("cell", KINDS)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_each_step_and_their_product(cell, direction):
    batch = recorded(cell, layout="packed").trace(direction=direction)  # lengths 3, 6, 1, 6
    trace = batch.sample(0)
    steps = [by_autograd(trace, t) for t in range(3)]
    np.testing.assert_allclose(step_jacobians(batch, 0), steps, rtol=1e-11, atol=1e-15)

    in_reading_order = steps if direction == "forward" else steps[::-1]
    wanted = [np.eye(len(steps[0]))]
    for step in reversed(in_reading_order):
        wanted.append(wanted[-1] @ step)
    wanted = np.array(wanted if direction == "backward" else wanted[::-1])
    np.testing.assert_allclose(jacobians(batch, 0, "all"), wanted, rtol=1e-11, atol=1e-15)
    P = trace.states["h"].shape[-1]
    np.testing.assert_allclose(jacobians(batch, 0), wanted[:, :P, :P], rtol=1e-11, atol=1e-15)
    if "c" in trace.states:
        found = jacobians(batch, 0, "c")
        np.testing.assert_allclose(found, wanted[:, P:, P:], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("cell", KINDS)
def test_the_last_row_of_a_gradient_times_the_jacobian_is_the_gradient(cell):
    """dL/dh_t = dL/dh_T · ∂h_T/∂h_t where the loss looks at the last step alone."""
    case = Case(cell, steps=40, given_state=True, layout="unbatched", dtype=torch.float64)
    weigh = case.random("weigh", (2 if cell == "lstm_proj" else 5,))
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y[-1] @ weigh, case.state())
    found = jacobians(flow.layer().trace)
    np.testing.assert_allclose(weigh.numpy() @ found, flow.gradients["h"], rtol=1e-9, atol=1e-18)
    values = singular_values(flow.layer().trace)
    np.testing.assert_allclose(values[:, 0], np.linalg.norm(found, 2, axis=(1, 2)), rtol=1e-12)
    assert (values[:, :-1] >= values[:, 1:]).all()
    norms = flow.norms["h"] / np.linalg.norm(weigh)
    assert (norms <= values[:, 0] * (1 + 1e-12)).all()
    assert (norms >= values[:, -1] * (1 - 1e-12)).all()


def test_bad_arguments():
    trace = recorded("gru").trace()
    with pytest.raises(ValueError, match=r"state: expected one of \['h', 'all'\], got 'c'"):
        jacobians(trace, state="c")
    with pytest.raises(IndexError, match="sample 9 does not exist: samples are 0 to 3"):
        singular_values(trace, 9)


def test_nan_stays_nan():
    case = Case("lstm", dtype=torch.float64)
    inputs = case.inputs()
    inputs[2, 1] = float("nan")
    trace = record(case.module(), inputs).trace()
    values = singular_values(trace, 1)
    assert np.isnan(values[:3]).all()  # step 2 leads from row 2 to row 3
    assert not np.isnan(values[6]).any()
    assert not np.isnan(singular_values(trace, 0)).any()

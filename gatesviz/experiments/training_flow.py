"""The gradient flow at every checkpoint of a run."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.training import History


@dataclass(frozen=True, eq=False)
class Unfolding:
    """How far back the loss reaches, at every checkpoint of one run.

    Attributes:
        updates: the K numbers of updates, from 0.
        norms: "h" -> (K, T + 1), and "c" likewise for the LSTM: ‖∂L/∂h_t‖ of the last layer,
            forward, over units and probe samples together, in float64. Column 0 is the state before
            the first step, column t the state after step t.
    """

    updates: tuple[int, ...]
    norms: Mapping[str, NDArray[np.float64]]


def unfold(history: History) -> Unfolding:
    """Return the gradient flow of the task's loss on the run's probe samples.

    Takes a few milliseconds for each of at most 64 checkpoints.
    """
    rows = [_norms(history, update) for update in history.checkpoints]
    norms = {state: np.stack([row[state] for row in rows]) for state in rows[0]}
    return Unfolding(history.checkpoints, norms)


def _norms(history: History, update: int) -> dict[str, NDArray[np.float64]]:
    """Return the norms (T + 1,) of each state after ``update``."""
    from gatesviz.gradients import gradient_flow, norm
    from gatesviz.training import probe

    task, batch = history.spec.learned, probe(history.spec)
    module, readout = history.model_at(update).modules()
    readout = readout.double()
    flow = gradient_flow(module, batch.inputs, lambda output: task.loss(readout(output), batch))
    return {state: np.asarray(norm(norms), np.float64) for state, norms in flow.norms.items()}

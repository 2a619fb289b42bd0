"""Results without runs."""

import math

import numpy as np

from gatesviz.experiments import Machine, Result, Trial


def result(
    trial: Trial, score: float, solved_at: int | None = 25, train_score: float = math.nan
) -> Result:
    """Return what ``trial`` might have come to."""
    empty = np.empty(0, np.float32)
    return Result(
        trial=trial,
        solved_at=solved_at,
        stopped="",
        losses=empty,
        gradient_norms=empty,
        scored=np.array([25], np.int32),
        scores=np.array([score]),
        train_scores=np.array([train_score]),
        weights=empty,
        measured="2026-11-21T10:00:00+00:00",
        machine=Machine(2, "2.13.0", "this machine"),
    )

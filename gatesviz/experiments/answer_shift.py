"""How far edits move a model's answers over one sequence, where no right answers are known.

>>> shift = answer_shift(before, after, "choice")                     # doctest: +SKIP
>>> shift.moved.max(), shift.changed.sum()                            # doctest: +SKIP
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.tasks.batches import Kind
from gatesviz.traces import Array

ROUNDING = 1e-5
"""A smaller move can come from rounding: the edited run adds in another order.

It is a share of the probability or of a length, or of the largest of the answers that are numbers.
"""


@dataclass(frozen=True, eq=False)
class Shift:
    """How far the answers move at each of T steps.

    Attributes:
        moved: (T,), 0 or more. Of one choice: the share of the probability that moves to other
            answers, up to 1. Of several yes or no answers: the largest change of a probability, up
            to 1. Of a number: its change.
        changed: (T,), whether what the model decides is another answer: the most likely one, or a
            yes that becomes a no. A number decides nothing, so this is false.
    """

    moved: NDArray[np.float64]
    changed: NDArray[np.bool_]


def answer_shift(before: Array, after: Array, kind: Kind) -> Shift:
    """Return how far the answers move from ``before`` to ``after``, both (T, O).

    The share of the probability that moves is the total variation distance, half the sum of |p − q|
    over all answers.

    Args:
        before: answers of the unchanged run: probabilities, or one number.
        after: answers of the edited run.
        kind: what the answers mean.

    Raises:
        ValueError: if the shapes differ or are no (T, O).
    """
    p, q = _pair(before, after)
    apart = np.abs(q - p)
    if kind == "choice":
        return Shift(apart.sum(1) / 2, p.argmax(1) != q.argmax(1))
    if kind == "set":
        return Shift(apart.max(1), ((p > 0.5) != (q > 0.5)).any(1))
    return Shift(apart.max(1), np.zeros(len(p), np.bool_))


def output_shift(before: Array, after: Array) -> Shift:
    """Return how far a module's output moves, as a share of the unchanged output's mean length.

    ``moved`` is NaN if the unchanged output is 0 at all steps. ``changed`` is false.

    Args:
        before, after: the outputs of the unchanged and the edited run, (T, D·H).

    Raises:
        ValueError: as `answer_shift`.
    """
    p, q = _pair(before, after)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = np.linalg.norm(q - p, axis=1) / np.linalg.norm(p, axis=1).mean()
    return Shift(np.where(np.isfinite(moved), moved, np.nan), np.zeros(len(p), np.bool_))


def share_left(before: Array, after: Array) -> NDArray[np.float64]:
    """Return how much of a state is left: the changed one's length along the unchanged one.

    It is a share of the unchanged state's length: 1 is all, 0 nothing, -1 the opposite. A share
    within `ROUNDING` of 1 is 1. NaN where the unchanged state is 0; NaN or infinite where a state
    isn't finite.

    Args:
        before, after: the unchanged and the changed states, (..., H).

    Returns:
        (...).
    """
    p, q = before.astype(np.float64), after.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        share: NDArray[np.float64] = np.asarray((p * q).sum(-1) / (p * p).sum(-1))
    return np.where(np.abs(share - 1) < ROUNDING, 1.0, share)


def _pair(before: Array, after: Array) -> tuple["NDArray[np.float64]", "NDArray[np.float64]"]:
    """Return both as float64."""
    if before.ndim != 2:
        raise ValueError(f"before: expected shape (T, O), got {before.shape}")
    if before.shape != after.shape:
        raise ValueError(f"after: expected shape {before.shape} as before, got {after.shape}")
    return before.astype(np.float64), after.astype(np.float64)

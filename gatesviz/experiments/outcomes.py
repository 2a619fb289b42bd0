"""In one word what a change did to a trained model, from its score with and without the change."""

from gatesviz.experiments.what_if import Row
from gatesviz.tasks import Task

SAME, WORSE, LOST, WRONG = (
    "as well as before",
    "worse, but better than guessing",
    "no better than guessing",
    "worse than guessing",
)
OUTCOMES = (SAME, WORSE, LOST, WRONG)
KEPT, GONE, TURNED = 0.95, 0.1, -0.15
"""Shares of the model's lead over a constant answer. From KEPT on the lead is kept. Up to GONE it
is gone, and below TURNED the model is worse than a constant answer by more than chance explains:
with two equally likely answers and 500 sequences, two standard deviations of chance are 0.13."""
GROWN = 1.1
"""An error that grows by more than this factor has got worse, also if most of the lead is kept."""
LEAD = 0.05
"""The least lead that can be lost, as a share of the larger of both scores."""


def lead(task: Task, one: Row) -> float | None:
    """Return which share of the model's lead over a constant answer is left: 1 is all of it.

    None if the model is hardly better than a constant answer, so there is nothing to lose.
    """
    whole = one.unchanged - one.constant
    scale = max(abs(one.unchanged), abs(one.constant))
    if not task.beats(one.unchanged, one.constant) or abs(whole) < LEAD * scale:
        return None
    return (one.score - one.constant) / whole


def outcome(task: Task, one: Row) -> str | None:
    """Return which of `OUTCOMES` a change has; None if there is nothing to lose."""
    left = lead(task, one)
    if left is None:
        return None
    if left < TURNED:
        return WRONG
    if left <= GONE:
        return LOST
    grown = task.better == "lower" and one.score > GROWN * one.unchanged
    return WORSE if left < KEPT or grown else SAME

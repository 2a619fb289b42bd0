"""Scores of changed models, each measured once for all visitors, and tables that fill."""

from collections.abc import Callable, Iterable, Iterator

import streamlit as st

from gatesviz.experiments.what_if import Change, Row, measure
from gatesviz.tasks import Task
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import LOST, SAME, WORSE, WRONG

KEPT, GONE, TURNED = 0.95, 0.1, -0.25
"""Shares of the model's lead over a constant answer. From KEPT on the lead is kept. Up to GONE it
is gone, and below TURNED the model is worse than a constant answer by more than chance explains."""
LEAD = 0.05
"""The least lead that can be lost, as a share of the larger of both scores."""
Line = dict[str, str]


@st.cache_data(max_entries=2_000, show_spinner=False)
def _row(model: str, change: str, sequences: int, _subject: Subject, _change: Change) -> Row:
    """Return the row of one change; ``model`` and ``change`` identify both."""
    [row] = measure(_subject.model, [_change], sequences=sequences)
    return row


def row(subject: Subject, change: Change, key: str = "") -> Row:
    """Return the score of ``subject`` under ``change``.

    Args:
        key: identifies the change where its name doesn't.

    Raises:
        ValueError: if the change does not fit the model.
    """
    return _row(subject.key, key or change.name, subject.sequences, subject, change)


def rows(subject: Subject, changes: Iterable[Change]) -> Iterator[Row]:
    """Yield the row of each change as soon as it is known."""
    return (row(subject, change) for change in changes)


def fill(found: Iterable[Row], lines: Callable[[list[Row]], list[Line]], alt: str) -> list[Row]:
    """Draw a table that grows with each row, and return all rows."""
    place, known = st.empty(), list[Row]()
    for one in found:
        known.append(one)
        place.table(lines(known), hide_index=True, alt=alt)
    return known


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
    """Return which of `parameters.OUTCOMES` a change has; None if there is nothing to lose."""
    left = lead(task, one)
    if left is None:
        return None
    if left < TURNED:
        return WRONG
    return SAME if left >= KEPT else LOST if left <= GONE else WORSE


def arrow(task: Task, one: Row) -> str:
    """Return the score before and after, as in "accuracy 100 % → 24.6 %"."""
    return f"{task.describe_score(one.unchanged)} → {task.score_text(one.score)}"


def percent(share: float | None) -> str:
    """Return a share as a percentage; a dash where there is none."""
    if share is None or share != share:
        return "–"
    digits = f"{100 * share:.0f}" if abs(share) >= 0.1 else f"{100 * share:.2g}"
    return f"{digits} %".replace("-", "−")

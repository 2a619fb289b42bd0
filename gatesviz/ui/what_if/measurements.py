"""Scores of changed models, each measured once for all visitors, and tables that fill."""

import math
from collections.abc import Callable, Iterable, Iterator

import streamlit as st

from gatesviz.experiments.outcomes import LOST
from gatesviz.experiments.what_if import Change, Row, measure
from gatesviz.tasks import Task
from gatesviz.ui.what_if.models import Subject

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


def arrow(task: Task, one: Row) -> str:
    """Return the score before and after, as in "accuracy 100 % → 24.6 %"."""
    return f"{task.describe_score(one.unchanged)} → {task.score_text(one.score)}"


def opened(text: str) -> str:
    """Return ``text`` with a capital letter."""
    return text[:1].upper() + text[1:]


def baseline(task: Task, one: Row, result: str | None) -> str:
    """Return a sentence that compares a score with that of a constant answer."""
    score = task.score_text(one.constant)
    if result == LOST:
        return f"That is about as good as a baseline that always gives the same answer ({score})."
    return f"A baseline that always gives the same answer reaches {score}."


def percent(share: float | None) -> str:
    """Return a share as a percentage with one decimal; a dash where there is none.

    A share that is not quite 100 % never rounds up to it.
    """
    if share is None or share != share:
        return "–"
    digits = 100 * share if abs(share) >= 1 else min(max(100 * share, -99.9), 99.9)
    return f"{digits:.1f} %".replace("-", "−").replace("−0.0", "0.0")


def cell_text(task: Task, score: float) -> str:
    """Return a score for a table, where all numbers have one precision."""
    if task.unit == "%" and math.isfinite(score):
        return percent(score)
    return task.score_text(score)

"""Scores of changed models, each measured once for all visitors, and tables that fill."""

import math
from collections.abc import Callable, Iterable, Iterator

import streamlit as st

from gatesviz.experiments.changes import Change
from gatesviz.experiments.outcomes import lead
from gatesviz.experiments.what_if import Row, measure
from gatesviz.tasks import Task
from gatesviz.ui.shares import percent
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


def baseline(task: Task, one: Row) -> str:
    """Return the score of a constant answer, as a sentence."""
    return f"The best constant answer reaches {task.score_text(one.constant)}."


def describe_lead(task: Task, one: Row) -> str:
    """Return a sentence that compares the score of a change with that of a constant answer."""
    left, score = lead(task, one), task.score_text(one.constant)
    if left is None or not math.isfinite(left):
        return baseline(task, one)
    constant = f"the best constant answer ({score})"
    score_now = task.score_text(one.score)
    if score_now == score:
        return f"That is as good as {constant}."
    if left < 0:
        return f"That is worse than {constant}."
    if task.score_text(one.unchanged) == score_now:
        return baseline(task, one)
    return f"{baseline(task, one)} The model keeps {percent(left)} of its lead over this baseline."


def describe_left(subject: Subject, one: Row, when: str, without: str, between: str = "") -> str:
    """Return how much of the kept state is left, right after a change and at the answer.

    Args:
        when: "the step" or "the last edited step".
        without: what the run is compared with, such as "without the change".
        between: sentences after the first one.
    """
    state, left, later = subject.cell.kept_state, one.left, one.left_later
    assert left is not None  # else all steps are changed
    assert later is not None
    if not math.isfinite(left) or not math.isfinite(later):
        return (
            f"In some sequences, {state} is 0 {without} or isn't finite. So its mean share can't be"
            f" given.{between}"
        )
    return (
        f"We compare {state} with {state} {without} (projection, in % of its length). Right after"
        f" {when} it is {_lengths(left)}.{between} At the next expected answer it is"
        f" {_lengths(later)}."
    )


def _lengths(share: float) -> str:
    """Return a finite share of a length: "**14.7 %**", or "**23** times its length"."""
    text = share_text(share, "**")
    return text.removesuffix(" of") if text.endswith(" of") else f"{text} its length"


def share_text(share: float, mark: str = "") -> str:
    """Return a finite share of a length: "14.7 % of", or "23 times" if it is large.

    ``mark`` is put around the number, such as "**" in Markdown.
    """
    if abs(share) <= 10:
        return f"{mark}{percent(share)}{mark} of"
    if abs(share) > 1_000:
        return "more than 1,000 times" if share > 0 else "less than −1,000 times"
    return f"{mark}{share:.0f}{mark} times".replace("-", "−")


def cell_text(task: Task, score: float) -> str:
    """Return a score for a table, where all numbers have one precision."""
    if task.unit == "%" and math.isfinite(score):
        return percent(score)
    return task.score_text(score)

"""Totals above, between and below the rows that they sum up, such as a Total after each month."""

import re
from bisect import bisect_left
from collections.abc import Sequence as Ordered
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column, is_missing, is_number, read_column
from gatesviz.sequences.date_notations import rewritten
from gatesviz.sequences.dates import looks_like_dates, names_times, order
from gatesviz.sequences.rows import Rows
from gatesviz.sequences.total_words import (
    SUM,
    Statistics,
    all_statistics,
    is_statistic,
    named_statistic,
)
from gatesviz.sequences.totals import are_steps, is_roughly

_LETTER = re.compile(r"[^\W\d_]")
_LONGEST = 40  # characters of the name of a total
_LISTED = 5  # row numbers in a sentence
_MOST = 1_000  # totals among words
_LEAST = 2  # rows that a total sums up


def without_inner_totals(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without rows that begin with the name of a total, and a note on these.

    Among dates, months or numbers, the name is enough. Among other words, the values of all such
    rows must be sums or means of the rows next to them. If they aren't, the rows stay, and the note
    is a hint. Totals at the end alone are left to `without_totals`.

    Args:
        rows: those below the header.
    """
    found = _labels(rows)
    if found is None:
        return rows, ()
    place, named = found
    labels = rows.columns[place]
    valued = _have_values(rows, place)
    end = len(labels) - len([*takewhile(is_statistic, reversed(labels))])
    if all(map(named_statistic, labels[end:])) and named[:end].any():
        end = len(labels)  # the last total may be that of the last part
    totals = [k for k in np.flatnonzero(named).tolist() if valued[k] and k < end]
    others = [k for k in np.flatnonzero(~named).tolist() if valued[k] and k < end]
    if not totals or not others:
        return rows, ()
    words = [label for label in (labels[k] for k in others) if not is_missing(label)]
    if all_statistics(words):
        return rows, ()
    which, is_one = _named_rows(rows, place, totals), len(totals) == 1
    if are_steps(words, rows.separator) or _sum_up(rows, place, totals, others):
        about = f"{which} is a total and was" if is_one else f"{which} are totals and were"
        return rows.without({*totals}), (f"{about} left out.",)
    if not any(named_statistic(labels[k]) is SUM for k in totals):
        return rows, ()
    if is_one:
        return rows, (f"{which} is named like a total. If it is a total, remove it.",)
    return rows, (f"{which} are named like totals. If they are totals, remove them.",)


def without_headings(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without those that hold only a word where others hold dates, and a note.

    Such are headings ("Year 2020"), sources and remarks. A date without values stays, as a gap.
    """
    if len(rows.columns) < 2:
        return rows, ()
    labels, valued = rows.columns[0], _have_values(rows, 0)
    empty = [k for k, cell in enumerate(labels) if not valued[k] and not is_missing(cell)]
    empty = [k for k in empty if _is_word(labels[k])]
    if not empty:
        return rows, ()
    words = [cell for k, cell in enumerate(labels) if valued[k] and not _names_total(cell)]
    if not _are_times(words):
        return rows, ()
    which, is_one = _named_rows(rows, 0, empty), len(empty) == 1
    why = "was left out: it has no values." if is_one else "were left out: they have no values."
    return rows.without({*empty}), (f"{which} {why}",)


def _labels(rows: Rows) -> tuple[int, NDArray[np.bool]] | None:
    """Return the first column in which the name of a total begins a row, and where it does."""
    for place, cells in enumerate(rows.columns):
        if not _LETTER.search("".join(cells)):
            continue
        names = {cell for cell in {*cells} if named_statistic(cell)}
        wider = {cell for cell in {*cells} if _names_total(cell)}
        if wider != names and _are_times([cell for cell in cells if cell not in wider]):
            names = wider
        if not names:
            continue
        before = rows.columns[:place]
        named = [
            cell in names and all(is_missing(column[k]) for column in before)
            for k, cell in enumerate(cells)
        ]
        if any(named):
            return place, np.array(named)
    return None


def _names_total(label: str) -> bool:
    """Return whether a label names a total, also of a part: "Total January"."""
    if not _LETTER.search(label):
        return False
    if named_statistic(label):
        return True
    words = label.split() if len(label) <= _LONGEST else []
    return any(named_statistic(word) is SUM for word in words)


def _is_word(label: str) -> bool:
    """Return whether a label has letters and is neither a number nor a date."""
    if not any(map(str.isalpha, label)) or is_number(label) or names_times([label]):
        return False
    return order([label], [1]) is None


def _are_times(labels: list[str]) -> bool:
    """Return whether all labels are dates or names of months or days."""
    present = [label for label in labels if not is_missing(label)]
    if not present:
        return False
    return looks_like_dates(present) or names_times(present) or bool(rewritten(present))


def _have_values(rows: Rows, place: int) -> list[bool]:
    """Return whether each row has more than a label."""
    others = [cells for k, cells in enumerate(rows.columns) if k != place]
    return [any(not is_missing(cell) for cell in cells) for cells in zip(*others, strict=True)]


def _sum_up(rows: Rows, place: int, totals: Ordered[int], others: Ordered[int]) -> bool:
    """Return whether every total is the sum or mean of rows next to it, in a column of its own.

    These are the rows since the total before, all rows above, those up to the next total, or all.
    """
    if len(totals) > _MOST:
        return False
    columns = [read_column(c, rows.separator) for k, c in enumerate(rows.columns) if k != place]
    values = [column.values for column in columns if isinstance(column, Column)]
    return all(
        any(_sums_up(rows.columns[place][k], each, k, totals, others) for each in values)
        for k in totals
    )


def _sums_up(
    word: str, values: NDArray[np.float64], at: int, totals: Ordered[int], others: Ordered[int]
) -> bool:
    """Return whether the total in row ``at`` is what its name says of the rows next to it."""
    last = max((k for k in totals if k < at), default=-1)
    following = min((k for k in totals if k > at), default=len(values))
    start, here, stop = (bisect_left(others, k) for k in (last, at, following))
    what, written, numbers = named_statistic(word), float(values[at]), values[[*others]]
    groups = (slice(start, here), slice(here), slice(here, stop), slice(None))
    return any(_agrees(what, numbers[group], written) for group in groups)


def _agrees(what: Statistics, numbers: NDArray[np.float64], written: float) -> bool:
    """Return whether a number is about the statistic of two or more numbers that differ."""
    numbers = numbers[~np.isnan(numbers)]
    differ = len(numbers) >= _LEAST and bool(np.ptp(numbers))
    return differ and is_roughly(what, numbers, written)


def _named_rows(rows: Rows, place: int, totals: Ordered[int]) -> str:
    """Return the subject of a sentence about some rows: Rows 4 and 8, “Total”,."""
    numbers = [f"{rows.numbers[k]:,}" for k in totals]
    word = f"“{shown(rows.columns[place][totals[0]])}”"
    if len({rows.columns[place][k].lower() for k in totals}) > 1:
        word += " and others"
    if len(numbers) == 1:
        return f"Row {numbers[0]}, {word},"
    if len(numbers) > _LISTED:
        return f"{len(numbers):,} rows, {word}, the first in row {numbers[0]},"
    return f"Rows {', '.join(numbers[:-1])} and {numbers[-1]}, {word},"

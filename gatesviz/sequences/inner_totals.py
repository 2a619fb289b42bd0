"""Totals above, between and below the rows that they sum up, such as a Total after each month."""

from collections.abc import Sequence as Ordered
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column, is_missing, read_column
from gatesviz.sequences.rows import Rows
from gatesviz.sequences.total_words import SUM, all_statistics, bare, is_statistic, named_statistic
from gatesviz.sequences.totals import are_steps, is_roughly

_LISTED = 5  # row numbers in a sentence
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
        kept = [k for k in range(len(labels)) if k not in {*totals}]
        about = f"{which} is a total and was" if is_one else f"{which} are totals and were"
        return rows.chosen(kept), (f"{about} left out.",)
    if not any(named_statistic(labels[k]) is SUM for k in totals):
        return rows, ()
    if is_one:
        return rows, (f"{which} is named like a total. If it is a total, remove it.",)
    return rows, (f"{which} are named like totals. If they are totals, remove them.",)


def _labels(rows: Rows) -> tuple[int, NDArray[np.bool]] | None:
    """Return the first column in which the name of a total begins a row, and where it does."""
    for place, cells in enumerate(rows.columns):
        names = {cell for cell in {*cells} if named_statistic(cell)}
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


def _have_values(rows: Rows, place: int) -> list[bool]:
    """Return whether each row has more than a label."""
    others = [cells for k, cells in enumerate(rows.columns) if k != place]
    return [any(not is_missing(cell) for cell in cells) for cells in zip(*others, strict=True)]


def _sum_up(rows: Rows, place: int, totals: Ordered[int], others: Ordered[int]) -> bool:
    """Return whether every total is the sum or mean of rows next to it, in a column of its own.

    These are the rows since the total before, all rows above, those up to the next total, or all.
    """
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
    groups = (
        [k for k in others if last < k < at],
        [k for k in others if k < at],
        [k for k in others if at < k < following],
        [*others],
    )
    what = named_statistic(word)
    return any(
        len(group) >= _LEAST
        and np.unique(values[group]).size > 1
        and is_roughly(what, values[group], float(values[at]))
        for group in groups
    )


def _named_rows(rows: Rows, place: int, totals: Ordered[int]) -> str:
    """Return the subject of a sentence about some rows: Rows 4 and 8, “Total”,."""
    numbers = [f"{rows.numbers[k]:,}" for k in totals]
    word = f"“{shown(rows.columns[place][totals[0]])}”"
    if len({bare(rows.columns[place][k]) for k in totals}) > 1:
        word += " and others"
    if len(numbers) == 1:
        return f"Row {numbers[0]}, {word},"
    if len(numbers) > _LISTED:
        return f"{len(numbers):,} rows, {word}, the first in row {numbers[0]},"
    return f"Rows {', '.join(numbers[:-1])} and {numbers[-1]}, {word},"

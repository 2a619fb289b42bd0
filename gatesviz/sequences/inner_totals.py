"""Totals above, between and below the rows that they sum up, such as a Total after each month."""

import math
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
from gatesviz.sequences.time_words import MONTHS, WEEKDAYS
from gatesviz.sequences.total_words import (
    SUM,
    Statistics,
    all_statistics,
    is_statistic,
    named_statistic,
)
from gatesviz.sequences.totals import are_times_or_numbers, continues, decimals

_LETTER = re.compile(r"[^\W\d_]")
_LONGEST = 40  # characters of the name of a total
_LISTED = 5  # row numbers in a sentence
_MOST = 1_000  # totals among words
_LEAST = 2  # rows that a total sums up
_ROUGH = 0.02  # how far a rounded total may be from the sum, as a share of it
_FINE = 0.005  # how far a total of rounded numbers may be
_PART = re.compile(r"(?:year|quarter|month|week) [0-9]+", re.IGNORECASE)  # above some dates
_WORD = re.compile(r"[^\W\d_]+")
_STEMS = frozenset(name[:3] for name in (*MONTHS, *WEEKDAYS))


def without_inner_totals(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without rows that begin with the name of a total, and a note on these.

    Among dates, months or numbers, the name is enough. Among other words, all values of such rows
    must be sums or means of the rows next to them: see `_sum_up`. If they aren't, the rows stay,
    and the note is a hint. Totals at the end alone are left to `without_totals`.

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
    if are_times_or_numbers(words, rows.separator) or _sum_up(rows, place, totals, others):
        about = f"{which} is a total and was" if is_one else f"{which} are totals and were"
        return rows.without({*totals}), (f"{about} left out.",)
    if not any(named_statistic(labels[k]) is SUM for k in totals):
        return rows, ()
    if is_one:
        return rows, (f"{which} is named like a total. If it is a total, remove it.",)
    return rows, (f"{which} are named like totals. If they are totals, remove them.",)


def without_headings(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without those that hold only a word where others hold dates, and a note.

    Such are headings ("Year 2020"), and sources and remarks above or below all values. Dates and
    labels built like the others stay, as gaps. So do other words between values, with a hint.
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
    starts = {_first_word(cell) for cell in {*words}}
    unlike = [k for k in empty if not _is_like(labels[k], starts)]
    first, last = valued.index(True), len(valued) - 1 - valued[::-1].index(True)
    inside = [k for k in unlike if first < k < last]
    parts = [k for k in inside if _PART.fullmatch(labels[k])]
    if not (parts and (order(words, range(len(words))) or rewritten(words))):
        parts = []
    unsure = [k for k in inside if k not in {*parts}]
    gone = [k for k in unlike if k not in {*unsure}]
    notes = []
    if gone:
        is_one, which = len(gone) == 1, _named_rows(rows, 0, gone)
        why = "was left out: it has no values" if is_one else "were left out: they have no values"
        notes.append(f"{which} {why}.")
    if unsure:
        is_one, which = len(unsure) == 1, _named_rows(rows, 0, unsure)
        why = "has no values and stays as a gap. If it is a heading, remove it."
        if not is_one:
            why = "have no values and stay as gaps. If they are headings, remove them."
        notes.append(f"{which} {why}")
    return rows.without({*gone}) if gone else rows, tuple(notes)


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


def _is_like(label: str, starts: set[str]) -> bool:
    """Return whether a label begins like a date, the name of a month or day, or like others.

    Args:
        label: of a row without values.
        starts: the first words of the other labels.
    """
    word = _first_word(label)
    if label[0].isdecimal() or (word and word in starts):
        return True
    return word[:3] in _STEMS or (looks_like_dates([label]) and not _PART.fullmatch(label))


def _first_word(label: str) -> str:
    """Return the first word of a label in small letters; "" if something else comes first."""
    found = _WORD.match(label)
    return found[0].lower() if found else ""


def _are_times(labels: list[str]) -> bool:
    """Return whether all labels are dates or names of months or days."""
    present = [label for label in labels if not is_missing(label)]
    if not present:
        return False
    return looks_like_dates(present) or names_times(present) or bool(rewritten(present))


def _have_values(rows: Rows, place: int) -> list[bool]:
    """Return whether each row has more than a label."""
    others = [cells for k, cells in enumerate(rows.columns) if k != place]
    if not others:
        return [False] * len(rows.numbers)
    return [any(not is_missing(cell) for cell in cells) for cells in zip(*others, strict=True)]


def _sum_up(rows: Rows, place: int, totals: Ordered[int], others: Ordered[int]) -> bool:
    """Return whether every total is the sum or mean of rows next to it, in all its columns.

    These are the rows since the total before, all rows above, those up to the next total, or all.
    Every other row must be part of a total, or two columns or more must agree in each: in one
    column, a row may happen to be the sum of some others.
    """
    if len(totals) > _MOST:
        return False
    read = [read_column(c, rows.separator) for k, c in enumerate(rows.columns) if k != place]
    columns = [column.values for column in read if isinstance(column, Column)]
    columns = [values for values in columns if not continues(values, before=True)]
    part_of = np.zeros(len(others), bool)
    fewest = _LEAST
    for at in totals:
        what = named_statistic(rows.columns[place][at])
        agree = 0
        for group in _groups(at, totals, others):
            numbers = [(values[[*others[group]]], float(values[at])) for values in columns]
            if count := _agreeing(what, numbers):
                part_of[group] = True
                agree = max(agree, count)
        if not agree:
            return False
        fewest = min(fewest, agree)
    return fewest >= _LEAST or bool(part_of.all())


def _groups(at: int, totals: Ordered[int], others: Ordered[int]) -> list[slice]:
    """Return the parts of ``others`` that a total in row ``at`` may sum up."""
    last = max((k for k in totals if k < at), default=-1)
    following = min((k for k in totals if k > at), default=math.inf)
    start, here, stop = (bisect_left(others, k) for k in (last, at, following))
    return [slice(start, here), slice(here), slice(here, stop), slice(None)]


def _agreeing(what: Statistics, columns: list[tuple[NDArray[np.float64], float]]) -> int:
    """Return in how many columns a total is the statistic of numbers that differ.

    If it is another number in any column, return 0. A column that is the same in all these rows
    says nothing.

    Args:
        what: the statistic.
        columns: the numbers summed up, and what is written in the row of the total.
    """
    count = 0
    for numbers, written in columns:
        present = numbers[~np.isnan(numbers)]
        if np.isnan(written) or (len(present) and (present == written).all()):
            continue
        if len(present) < _LEAST or not _agrees(what, present, written):
            return 0
        count += bool(np.ptp(present))
    return count


def _agrees(what: Statistics, numbers: NDArray[np.float64], written: float) -> bool:
    """Return whether a number is the statistic of others, but for rounding."""
    for statistic in what.values():
        value = float(statistic(numbers))
        off, size = abs(value - written), abs(value)
        if off <= 1e-9 * float(np.abs(numbers).max()):
            return True
        if off > _ROUGH * size:
            continue
        of_total = 0.5 * 10.0 ** -decimals(written)
        of_numbers = 0.5 * len(numbers) * 10.0 ** -max(map(decimals, numbers.tolist()))
        if off <= of_total or off <= min(of_total + of_numbers, _FINE * size):
            return True
    return False


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

"""The labels of the rows of a table, and whether the newest row comes first."""

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Sequence as Ordered
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column, is_missing
from gatesviz.sequences.cycles import (
    DAY,
    begins_again,
    falls_evenly,
    is_even,
    mostly_falls,
    places,
)
from gatesviz.sequences.date_notations import rewritten
from gatesviz.sequences.dates import NEWEST_FIRST, Order, Times, looks_like_dates, order, order_of
from gatesviz.sequences.number_dates import (
    PARTS,
    from_numbers,
    from_parts,
    from_years,
    labels_of,
    month_numbers,
)
from gatesviz.sequences.time_words import DATE_NAMES, TIME_NAMES, says_time

_KEPT = Order(False, ())
_SEARCHED = 2_000  # cells among which the first that can't be read is searched
_YEARS = 1800, 2101
_CIRCLES = {"quarter": 4, "month": 12, "week": 53, "weekday": 7, "day": 366, "hour": 24}
"""Names of columns of whole numbers -> how many there are before they begin again."""
_WITHIN = frozenset({*_CIRCLES, "minute", "second", "time", "clock"})  # parts of a date
_MANY = 6  # rows that fall, in a column whose name doesn't say that it holds times
_UNEVEN = 5  # names of months or days that fall by uneven steps
_CLOCKS = 4  # clock times that fall: fewer may be durations
_WRITE = "so the rows keep the order of the file. Write dates like 2020-01-31."


def label_column(by_name: Mapping[str, list[str]], columns: Mapping[str, Column]) -> str | None:
    """Return the column that labels the rows: the first of dates, else of words; None for none.

    Args:
        by_name: the cells of all columns.
        columns: the numeric columns.
    """
    dates = (name for name in by_name if is_dated(name, by_name, columns))
    words = (
        name
        for name, column in by_name.items()
        if name not in columns and not all(map(is_missing, column))
    )
    return next(dates, None) or next(words, None)


def is_dated(name: str, by_name: Mapping[str, list[str]], columns: Mapping[str, Column]) -> bool:
    """Return whether a column holds dates, by its name or its cells."""
    if name.lower() in DATE_NAMES or looks_like_dates(by_name[name]):
        return True
    if name in columns:
        return _times(name, columns[name]) is not None
    return bool(rewritten([cell for cell in by_name[name] if not is_missing(cell)]))


def labelled(
    source: str | None,
    by_name: Mapping[str, list[str]],
    columns: Mapping[str, Column],
    numbers: list[int],
) -> tuple[list[str], Order]:
    """Return a label for each row, and the order of the dates, from one or several columns.

    Args:
        source: the column of labels, if there is one.
        by_name: the cells of all columns.
        columns: the numeric columns.
        numbers: the number of each row.
    """
    numbered = [*map(str, numbers)]
    if source is None:
        return numbered, _order_without_labels(columns)
    pairs = zip(by_name[source], numbered, strict=True)
    labels = [shown(cell) or number for cell, number in pairs]
    parts = _parts(by_name, columns)
    if source not in columns and (source.lower() != "month" or "year" not in parts):
        found = _order_of_words(source, by_name[source], numbers)
    else:
        own = _times(source, columns[source]) if source in columns else None
        whole = own is not None and source.lower() not in PARTS  # says more than its year
        if not whole and (times := from_parts(parts)) is not None:
            labels, found = labels_of(times, [*parts]), order_of(times, numbers)
        elif own is not None:
            found = order_of(own, numbers)
        elif source in columns:
            found = _order_of_numbers(source, columns[source].values)
        else:
            found = _KEPT
    if found.reverse and (name := _rises_within(labels, source, by_name, columns)):
        about = f"The dates fall, but column “{shown(name)}” rises in rows of the same date"
        return labels, Order(False, (f"{about}, so the rows keep the order of the file.",))
    return labels, found


def _order_without_labels(columns: Mapping[str, Column]) -> Order:
    """Return the order that the first column of numbers tells that is named as times."""
    named = (name for name in columns if name.lower() in _CIRCLES or says_time(name))
    orders = (_order_of_numbers(name, columns[name].values) for name in named)
    return next((each for each in orders if each.reverse or each.notes), _KEPT)


def _parts(
    by_name: Mapping[str, list[str]], columns: Mapping[str, Column]
) -> dict[str, NDArray[np.float64]]:
    """Return the columns that hold a part of a date: a name of `PARTS` -> its numbers."""
    named = {name.lower(): column.values for name, column in columns.items()}
    for name, cells in by_name.items():
        if name.lower() == "month" and (months := month_numbers(cells)) is not None:
            named["month"] = months
    return {name: named[name] for name in PARTS if name in named}


def _rises_within(
    labels: list[str],
    source: str,
    by_name: Mapping[str, list[str]],
    columns: Mapping[str, Column],
) -> str | None:
    """Return the column named as a part of a date that rises in rows with the same label, if any.

    Then rows from the newest date to the oldest are not simply turned around.
    """
    same = np.array([a == b for a, b in pairwise(labels)])
    if not same.any():
        return None
    for name, cells in by_name.items():
        if name == source or name.lower() not in _WITHIN:
            continue
        circle = None if name in columns else places(cells)
        if name in columns or circle:
            values = circle[0] if circle else columns[name].values
            steps = np.diff(values)[same]
            if (steps > 0).sum() > (steps < 0).sum():
                return name
    return None


def _times(name: str, column: Column) -> Times | None:
    """Return the times that a column of numbers holds, or None."""
    found = from_numbers(column.values, named=name.lower() in TIME_NAMES)
    return from_years(column.values) if found is None and says_time(name) else found


def _order_of_words(name: str, cells: list[str], rows: Ordered[int]) -> Order:
    """Return the order of labels in words, with a note if they fall and are not surely times.

    Args:
        name: of the column.
        cells: the labels.
        rows: the number of each row.
    """
    found = order(cells, rows)
    if found is not None:
        return found
    present = [cell for cell in cells if not is_missing(cell)]
    circle = places(present)
    named = says_time(name) or name.lower() in DATE_NAMES
    if circle is None:
        return _not_understood(name, cells, rows) if says_time(name) else _KEPT
    values, size = circle
    if _surely_falls(values, size, named=named):
        return Order(True, (NEWEST_FIRST,))
    even = is_even(values, size)
    steadily = len(values) > 2 and bool((np.diff(values) < 0).all())
    if falls_evenly(values, size) or (named and steadily and even):
        about = f"{_falls(name, present[0], present[1])}, but may hold no dates or times of day"
        advice = "If the newest row comes first, reverse the rows in the file."
        return Order(False, (f"{about}, so the rows keep the order of the file. {advice}",))
    if named and not even and (steadily or mostly_falls(values, size)):
        about = f"The times in column “{shown(name)}” have no date and don't run evenly"
        return Order(False, (f"{about}, {_WRITE}",))
    return _KEPT


def _surely_falls(values: NDArray[np.float64], size: int, *, named: bool) -> bool:
    """Return whether times in a circle run backwards, and are hardly names, laps or a countdown.

    Args:
        values: their places in the circle.
        size: of the circle.
        named: whether the name of the column says that it holds times.
    """
    again = begins_again(values)
    if not falls_evenly(values, size):
        uneven = named and size != DAY and len(values) >= _UNEVEN
        return uneven and bool((np.diff(values) < 0).all())
    if not named:
        return again and len(values) >= _MANY
    return again or size != DAY or (len(values) >= _CLOCKS and values[-1] > 0)


def _numbers_surely_fall(values: NDArray[np.float64], size: int) -> bool:
    """Return whether numbers of months, hours, … run backwards, and are hardly a countdown.

    They begin again, run through the whole circle, or are many and stop before 1 and 0.
    """
    if not falls_evenly(values, size):
        return False
    full = size - (size > _CIRCLES["hour"])  # a year has 52 or 53 weeks, and 365 or 366 days
    whole = values[0] >= size - 1 and len(values) >= full
    return begins_again(values) or whole or (len(values) >= _MANY and values[-1] > 1)


def _falls(name: str, first: str, second: str) -> str:
    """Return the start of a sentence about a column: Column “lap” falls (5:30, 5:20, …)."""
    return f"Column “{shown(name)}” falls ({shown(first)}, {shown(second)}, …)"


def _order_of_numbers(name: str, values: NDArray[np.float64]) -> Order:
    """Return the order of a column of numbers that is named as times but holds no whole dates."""
    present = values[~np.isnan(values)]
    steps = np.diff(present)
    size = _CIRCLES.get(name.lower(), 0)
    if size and _numbers_surely_fall(present, size):
        return Order(True, (NEWEST_FIRST,))
    if len(steps) < 2 or not (steps < 0).all():
        return _KEPT
    low, high = _YEARS
    if says_time(name) and low <= present.min() and present.max() < high:  # parts of a year
        return Order(True, (NEWEST_FIRST,))
    fall = _falls(name, f"{present[0]:.15g}", f"{present[1]:.15g}")
    about = f"{fall}, but its numbers aren't understood as dates"
    return Order(False, (f"{about}, {_WRITE}",))


def _not_understood(name: str, cells: list[str], rows: Ordered[int]) -> Order:
    """Return the order of a column named as times whose cells can't be read: that of the file."""
    place = _first_unread(cells[:_SEARCHED], rows)
    about = f"Column “{shown(name)}” is named like times, but not all its cells could be read"
    if place is not None:
        where = f"Row {rows[place]:,}, column “{shown(name)}”: “{shown(cells[place])}”"
        about = f"{where} could not be read as a time like the cells above it"
        if not any(map(_is_present, cells[:place])):
            about = f"{where} could not be read as a time"
    return Order(False, (f"{about}, {_WRITE}",))


def _first_unread(cells: list[str], rows: Ordered[int]) -> int | None:
    """Return the place of the first cell that can't be read with those before it; None for none."""
    start = next((k for k, cell in enumerate(cells) if _is_present(cell)), len(cells))
    read = range(start, len(cells))
    count = bisect_left(read, True, key=lambda place: order(cells[: place + 1], rows) is None)
    return read[count] if count < len(read) else None


def _is_present(cell: str) -> bool:
    return not is_missing(cell)

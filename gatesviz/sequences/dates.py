"""Dates in a column: their values, their order and whether they are evenly spaced."""

import re
from collections import Counter
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.columns import is_missing
from gatesviz.sequences.date_notations import rewritten
from gatesviz.sequences.time_words import MONTHS

Times = NDArray[np.datetime64]

_MONTH_WORDS = "|".join(map(re.escape, MONTHS))
_PERIOD = r"year|quarter|month|week|day|hour|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sun)day"
_BEGINS = re.compile(
    r"[0-9]{4}-[0-9]{1,2}\b|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\b"
    rf"|[0-9]{{1,2}}[ -](?:{_MONTH_WORDS})\b|(?:{_MONTH_WORDS}|{_PERIOD})\.?[ -][0-9]",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"(?:{_MONTH_WORDS}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satu?r?|sun)(?:day)?)\.?",
    re.IGNORECASE,
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *("%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y"),
    *("%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%b %Y", "%B %Y", "%b-%y", "%b-%Y"),
)


@dataclass(frozen=True, eq=False)
class Order:
    """The order of the dates of the rows.

    Attributes:
        reverse: whether the newest comes first.
        notes: sentences about their order, repeated dates and uneven steps.
    """

    reverse: bool
    notes: tuple[str, ...]


def looks_like_dates(cells: Ordered[str]) -> bool:
    """Return whether every cell that is not missing begins like a date."""
    return all(_BEGINS.match(cell) or is_missing(cell) for cell in cells) and not all(
        map(is_missing, cells)
    )


def names_times(cells: Ordered[str]) -> bool:
    """Return whether every cell is the name of a month or a day, such as Jan."""
    return all(map(_ALONE.fullmatch, cells))


def order(cells: Ordered[str], rows: Ordered[int]) -> Order | None:
    """Return the order of a column of dates, or None if they cannot be read as dates.

    Where day and month can be exchanged in every date (03/04/2020), the reading with the dates in
    order is used. If both readings are in order, the one with even steps is used. If dates are
    missing, only the others are compared, and not their steps.

    Args:
        cells: the column.
        rows: the row number of each cell.
    """
    present = [place for place, cell in enumerate(cells) if not is_missing(cell)]
    even = len(present) == len(cells)
    cells, rows = [cells[k] for k in present], [rows[k] for k in present]
    readings = _readings(cells)
    if not readings and (again := rewritten(cells)):
        readings = _readings(again)
    if not readings:
        return None
    (name, times), *others = sorted(readings.items(), key=lambda each: _disorder(each[1]))
    found = order_of(times, rows, even=even)
    if not others:
        return found
    other, its = others[0]
    if _disorder(its)[0] == 0 and order_of(its, rows).reverse != found.reverse:
        note = f"Dates like “{cells[0]}” can be read as {name} or as {other}."
        return Order(False, (f"{note} The rows are used in the order of the file.",))
    note = f"Dates like “{cells[0]}” can be read as {name} or as {other}. The first was used."
    return Order(found.reverse, (note, *found.notes))


def order_of(times: Times, rows: Ordered[int], *, even: bool = True) -> Order:
    """Return the order of times (rows,), which are compared in their own unit.

    If not ``even``, nothing is said about uneven steps.
    """
    steps = np.diff(times).astype(np.int64)
    if not len(steps) or (steps == 0).all():
        return Order(False, ())
    if (steps <= 0).all():
        uneven = _irregularities(times[::-1], rows[::-1]) if even else ()
        return Order(True, (NEWEST_FIRST, *uneven))
    if (steps < 0).any():
        row = rows[int((steps < 0).argmax()) + 1]
        note = f"The dates are not in order (row {row:,} is earlier than the row before it)."
        return Order(False, (f"{note} The rows are used in the order of the file.",))
    return Order(False, _irregularities(times, rows) if even else ())


_UNITS = {
    "day": 86_400 * 10**9,
    "hour": 3_600 * 10**9,
    "minute": 60 * 10**9,
    "second": 10**9,
    "millisecond": 10**6,
    "microsecond": 1_000,
    "nanosecond": 1,
}
_NANOSECONDS = dict(zip(("D", "h", "m", "s", "ms", "us", "ns"), _UNITS.values(), strict=True))
NEWEST_FIRST = "The dates ran from the newest to the oldest, so the rows were reversed."


def _readings(cells: Ordered[str]) -> dict[str, Times]:
    """Return each way to read the cells as dates, by its name."""
    import pandas

    if not cells or not all(_BEGINS.match(cell) for cell in cells):
        return {}
    iso = re.match(r"\d{4}-", cells[0]) is not None
    first = "" if iso else next((c for c in _CLOCKS if _fits(cells[0], c)), "")
    formats = ["ISO8601"] if iso else [day + first for day in _DAYS]
    found: dict[str, Times] = {}
    for form in formats:
        try:
            times = pandas.to_datetime(pandas.Series(cells), format=form, utc=True)
        except (ValueError, OverflowError):
            continue
        found[_in_words(form)] = times.dt.tz_localize(None).to_numpy()
    return found


def _fits(cell: str, clock: str) -> bool:
    colons = clock.count(":")
    return cell.count(":") == colons and clock.endswith("p") == cell.lower().endswith("m")


def _in_words(form: str) -> str:
    if form == "ISO8601":
        return "year, month, day"
    letters = {"%d": "day", "%m": "month", "%b": "month", "%B": "month", "%Y": "year", "%y": "year"}
    parts = re.findall(r"%[dmbBYy]", form)
    return ", ".join(letters[part] for part in parts)


def _disorder(times: Times) -> tuple[int, int]:
    """Return how often times change direction, and how many different steps they have."""
    steps = np.diff(times).astype(np.int64)
    turns = min((steps < 0).sum(), (steps > 0).sum())
    return int(turns), len(np.unique(steps))


def _irregularities(times: Times, rows: Ordered[int]) -> tuple[str, ...]:
    """Return notes on repeated dates and uneven steps of ascending times."""
    steps = np.diff(times).astype(np.int64)
    notes, twice = [], int((steps == 0).sum())
    if twice:
        row = rows[int((steps == 0).argmax()) + 1]
        notes.append(f"Dates that repeat the one before: {twice:,}, the first in row {row:,}.")
    moved = steps[steps > 0]
    if len(np.unique(moved)) > 1 and not _calendar(times):
        usual, often = Counter(moved.tolist()).most_common(1)[0]
        largest = int(moved.max())
        unit, count = np.datetime_data(times.dtype)
        size = count * _NANOSECONDS[unit]
        row = rows[int((steps == largest).argmax()) + 1]
        notes.append(
            f"The dates are not evenly spaced. The most common step is {_span(usual * size)}"
            f" ({often:,} of {len(moved):,}), the longest {_span(largest * size)} (before row"
            f" {row:,}). Each row still counts as one step."
        )
    return tuple(notes)


def _calendar(times: Times) -> bool:
    """Return whether times are months, quarters or years, which differ in length."""
    months = times.astype("datetime64[M]")
    steps = np.unique(np.diff(months).astype(np.int64))
    if len(steps) != 1 or steps[0] == 0:
        return False
    inside = np.unique((times - months).astype("timedelta64[s]").astype(np.int64))
    left = (months + 1).astype("datetime64[s]") - times.astype("datetime64[s]")
    return len(inside) == 1 or len(np.unique(left.astype(np.int64))) == 1


def _span(nanoseconds: int) -> str:
    """Return a time in its largest unit that leaves a whole number."""
    unit = next(unit for unit, size in _UNITS.items() if nanoseconds % size == 0)
    count = nanoseconds // _UNITS[unit]
    return f"{count:,} {unit}{'s' * (count != 1)}"

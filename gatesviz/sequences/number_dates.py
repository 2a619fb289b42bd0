"""Times in columns of numbers: years, 20201231, 202012, Unix timestamps, or a column a part."""

from collections.abc import Mapping
from collections.abc import Sequence as Ordered

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.dates import Times
from gatesviz.sequences.time_words import MONTHS

PARTS = ("year", "month", "day", "hour", "minute")
"""Columns that together make up a date."""
_EARLIEST, _LATEST = 5e8, 4.2e9  # seconds: the years 1985 and 2103
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_TICKS = 8  # rows from which a column without a time's name can hold timestamps


def from_parts(parts: Mapping[str, NDArray[np.float64]]) -> Times | None:
    """Return the times given by columns called year, month, …, or None if they give none.

    Args:
        parts: columns (rows,) by their names in `PARTS`.
    """
    import pandas

    if "year" not in parts:
        return None
    table = {name: parts.get(name, np.ones(len(parts["year"]))) for name in PARTS[:3]}
    table |= {name: parts[name] for name in PARTS[3:] if name in parts}
    try:
        times: Times = pandas.to_datetime(pandas.DataFrame(table)).to_numpy()
    except (ValueError, OverflowError):
        return None
    return times


def month_numbers(cells: Ordered[str]) -> NDArray[np.float64] | None:
    """Return the months of names (Dec, Dezember) as 1 to 12; None if a cell is none."""
    found = {cell: MONTHS.get(cell.lower().rstrip(".")) for cell in {*cells}}
    if None in found.values():
        return None
    return np.array([found[cell] for cell in cells], np.float64)


def from_numbers(values: NDArray[np.float64], *, named: bool) -> Times | None:
    """Return the times of a column of numbers: dates such as 20201231, or Unix timestamps.

    Unix timestamps are seconds or milliseconds since 1970. Unless the column is ``named`` as a
    time, numbers are dates only if all rise or all fall, and timestamps only if they also have one
    step of a clock (`_ticks`). Return None if the numbers are neither.
    """
    if not len(values) or not np.isfinite(values).all():
        return None
    low, high = values.min(), values.max()
    if low < 0 or high >= 1_000 * _LATEST:
        return None
    fractions = not (values == np.floor(values)).all()
    whole = values.astype(np.int64)
    if low >= 1900_01_01 and high <= 2100_12_31 and not fractions:
        return _calendar_days(whole) if named or _one_way(whole) else None
    for unit, size in (("s", 1), ("ms", 1_000)):
        if not _EARLIEST * size <= low <= high < _LATEST * size:
            continue
        if not named and (fractions or not _ticks(whole, size)):
            return None
        if fractions:  # in microseconds, which float64 still tells apart
            whole, unit = np.rint(values * (1_000_000 // size)).astype(np.int64), "us"
        times: Times = whole.astype(f"datetime64[{unit}]")
        return times
    return None


def from_years(values: NDArray[np.float64]) -> Times | None:
    """Return the times of whole years, or of years with months such as 202012.

    Return None if the numbers are neither, or neither rise nor fall.

    Args:
        values: (rows,), of a column whose name says that it holds times.
    """
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return None
    steps = np.diff(values)
    if not steps.any() or not ((steps >= 0).all() or (steps <= 0).all()):
        return None
    low, high, whole = values.min(), values.max(), values.astype(np.int64)
    if low >= _FIRST_YEAR and high <= _LAST_YEAR:
        months = 12 * whole
    elif low > 100 * _FIRST_YEAR and high <= 100 * _LAST_YEAR + 12:
        months = 12 * (whole // 100) + whole % 100 - 1
        if not ((whole % 100 >= 1) & (whole % 100 <= 12)).all():
            return None
    else:
        return None
    times: Times = (months - 12 * 1970).astype("datetime64[M]").astype("datetime64[D]")
    return times


def _ticks(stamps: NDArray[np.int64], second: int) -> bool:
    """Return whether numbers rise or fall by one step of a clock, such as 5 minutes or 1 day.

    Prices and populations may fall evenly, too, so at least `_TICKS` are needed.

    Args:
        stamps: seconds, or milliseconds.
        second: how many of them make a second.
    """
    if len(stamps) < _TICKS or np.ptp(np.diff(stamps)):
        return False
    step, left = divmod(abs(int(stamps[1] - stamps[0])), second)
    if left or not 60 <= step <= 7 * 86_400 or step % 60:
        return False
    return 86_400 % step == 0 or step % 86_400 == 0


def _one_way(values: NDArray[np.int64]) -> bool:
    steps = np.diff(values)
    return len(steps) > 1 and bool((steps > 0).all() or (steps < 0).all())


def _calendar_days(whole: NDArray[np.int64]) -> Times | None:
    """Return the dates of numbers like 20201231; None if one is no date."""
    years, months, days = whole // 10_000, whole // 100 % 100, whole % 100
    if not ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all():
        return None
    month: Times = (12 * (years - 1970) + months - 1).astype("datetime64[M]")
    found: Times = month.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    return found if (found.astype("datetime64[M]") == month).all() else None


def labels_of(times: Times, parts: Ordered[str]) -> list[str]:
    """Return times as text, to the precision of the last of their ``parts``."""
    unit = {"year": "Y", "month": "M", "day": "D", "hour": "h", "minute": "m"}[parts[-1]]
    ends = ":00" if unit == "h" else ""
    texts = np.datetime_as_string(times.astype(f"datetime64[{unit}]"))
    return [text.replace("T", " ") + ends for text in texts.tolist()]

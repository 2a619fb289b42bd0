"""Times without a year: names of months or weekdays, Apr 3, Q3 and clock times, run in a circle."""

import re
from collections.abc import Callable
from collections.abc import Sequence as Ordered
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.time_words import MONTHS, WEEKDAYS

DAY = 86_400  # seconds
_LEAST = 3  # rows: of two, either may be the later
_CLOCK = re.compile(
    r"(\d{1,2})(?::([0-5]\d)(?::([0-5]\d))?)?(?: ?([ap])\.?m\.?)?(?: ?(?:uhr|h))?",
    re.ASCII | re.IGNORECASE,
)
_DAY = re.compile(  # 3 Apr, 3-Apr, Apr 3
    r"(?:(\d\d?)\.?[ -]?([^\W\d]+)|([^\W\d]+)\.?[ -](\d\d?))\.?"
)
_QUARTER = re.compile(r"q(?:tr|uarter)? ?([1-4])", re.ASCII | re.IGNORECASE)


def falls_evenly(values: NDArray[np.float64], size: int) -> bool:
    """Return whether numbers that begin again after ``size`` all take the same short step back.

    Such are 2, 1, 12, 11 for months. A step of more than a quarter of the circle may as well be
    one forward: every 14 hours, 20:00 is followed by 10:00.

    Args:
        values: (rows,), whole numbers.
    """
    if len(values) < _LEAST:
        return False
    around = _around(values, size)
    return bool(-size / 4 <= around[0] < 0 and np.ptp(around) == 0)


def is_even(values: NDArray[np.float64], size: int) -> bool:
    """Return whether all steps around the circle are the same."""
    return len(values) > 1 and float(np.ptp(_around(values, size))) == 0


def begins_again(values: NDArray[np.float64]) -> bool:
    """Return whether falling numbers pass the start of their circle, as in 2, 1, 12."""
    return bool((np.diff(values) > 0).any())


def mostly_falls(values: NDArray[np.float64], size: int) -> bool:
    """Return whether more of the shortest ways around from row to row lead back than forward."""
    around = _around(values, size)
    return bool((around < 0).sum() > (around > 0).sum())


def _around(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the shortest way around the circle from each number to the next, −size/2 to size/2."""
    steps: NDArray[np.float64] = (np.diff(values) + size / 2) % size - size / 2
    return steps


def places(cells: Ordered[str]) -> tuple[NDArray[np.float64], int] | None:
    """Return the places (rows,) of times in their circle, and its size; None if they have none.

    Monday to Friday alone are a circle of five days.

    Args:
        cells: all of them names of months, of weekdays, quarters such as Q3, or clock times.
    """
    for read, size in _CIRCLES:
        if not cells or read(cells[0]) is None:
            continue
        found = {cell: read(cell) for cell in dict.fromkeys(cells)}
        if None not in found.values():
            values = np.array([found[cell] for cell in cells], np.float64)
            return values, 5 if size == 7 and values.max() <= 5 else size
    return None


def _month(cell: str) -> int | None:
    return MONTHS.get(cell.lower().rstrip("."))


def _weekday(cell: str) -> int | None:
    return WEEKDAYS.get(cell.lower().rstrip("."))


def _quarter(cell: str) -> int | None:
    found = _QUARTER.fullmatch(cell)
    return int(found[1]) if found else None


def _yearday(cell: str) -> int | None:
    """Return the day of a leap year of a date without a year, such as 3 Apr."""
    found = _DAY.fullmatch(cell.lower())
    month = MONTHS.get(found[2] or found[3]) if found else None
    if not found or month is None:
        return None
    try:
        return date(2000, month, int(found[1] or found[4])).timetuple().tm_yday
    except ValueError:
        return None


def _seconds(cell: str) -> int | None:
    """Return the second of the day of a clock time, such as 3:05 or 3 PM."""
    found = _CLOCK.fullmatch(cell)
    if not found or not (found[2] or found[4]):
        return None
    hour = int(found[1])
    if hour > (12 if found[4] else 23) or (found[4] and not hour):
        return None
    if found[4]:
        hour = hour % 12 + 12 * (found[4].lower() == "p")
    return 3_600 * hour + 60 * int(found[2] or 0) + int(found[3] or 0)


_CIRCLES: tuple[tuple[Callable[[str], int | None], int], ...] = (
    (_month, 12),
    (_weekday, 7),
    (_quarter, 4),
    (_yearday, 366),
    (_seconds, DAY),
)

"""What a column of a table holds: numbers, dates or words."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from itertools import compress, takewhile

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "–"})
"""Cells, in lower case, that mean "no value"."""

Way = Callable[[str], float | None]  # a way to read a cell: its number, or None

_PLAIN_LETTERS = frozenset("0123456789+-.eE")
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"[+-]?(?:\d+(?:\.\d*)?|\.\d+){_EXPONENT}", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,' \u00a0\u202f’])\d{3}(?:\1\d{3})*)?(?:\.\d*)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[. \u00a0\u202f]\d{3})+)(?:,\d*)?", re.ASCII)
_DATE = re.compile(
    r"\d{4}-\d{1,2}(-\d{1,2}([T ]\d.*)?)?|\d{1,2}([./-])\d{1,2}\3\d{2,4}( .*)?|\d{4}/\d{1,2}/\d.*",
    re.ASCII,
)
_DATE_NAMES = frozenset({"date", "datetime", "day", "month", "year", "time", "timestamp"})
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of numbers.

    Attributes:
        values: (rows,) float64; NaN where the cell is missing.
        note: how its commas and gaps were read; "" where there was nothing to decide.
    """

    values: NDArray[np.float64]
    note: str = ""


def read_column(cells: Ordered[str], separator: str) -> Column | int:
    """Return a column's numbers, or which of its cells (from 0) is the first that is none.

    A column is read in one way only: with a decimal point; with thousands grouped by a comma,
    a space or an apostrophe; or with a decimal comma. Where both of the last fit (``1,234``),
    a table separated by commas means thousands, another one decimals, and the note says which.
    """
    given = np.array([cell.lower() not in MISSING for cell in cells])
    present = [*compress(cells, given)]
    numbers = _all_plain(present)
    if numbers is not None:
        return _column(given, numbers, _plain)
    furthest = 0
    for way in [_plain, _grouped, _comma] if separator == "," else [_plain, _comma, _grouped]:
        read = [*takewhile(_is_given, map(way, present))]
        if len(read) == len(present):
            return _column(given, read, way)
        furthest = max(furthest, len(read))
    return int(given.nonzero()[0][furthest])


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, however it is written."""
    return any(way(cell) is not None for way in (_plain, _grouped, _comma))


def is_missing(cell: str) -> bool:
    """Whether a cell means "no value"."""
    return cell.lower() in MISSING


def is_date_column(name: str, cells: Ordered[str]) -> bool:
    """Whether a column looks like dates: by its name, or by every cell (missing ones aside)."""
    present = [cell for cell in cells if not is_missing(cell)]
    return name.lower() in _DATE_NAMES or (
        bool(present) and all(_DATE.fullmatch(cell) for cell in present)
    )


def header_names(cells: Ordered[str]) -> tuple[str, ...]:
    """Return one name a column, none empty and none twice."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = shown(cell, 60) or f"column {place}"
        names.append(name if name not in names else f"{name} (column {place})")
    return tuple(names)


def _all_plain(cells: Ordered[str]) -> list[float] | None:
    """Return every cell's number, if all have a decimal point or none: quicker than one by one."""
    if not _PLAIN_LETTERS.issuperset("".join(cells)):
        return None
    try:
        values = [*map(float, cells)]
    except ValueError:
        return None
    return values if all(abs(value) <= _LARGEST for value in values) else None


def _column(given: NDArray[np.bool], read: list[float] | list[float | None], way: Way) -> Column:
    values = np.full(len(given), np.nan)
    values[given] = read
    return Column(values, _READ_AS[way])


def _is_given(value: float | None) -> bool:
    return value is not None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if abs(value) <= _LARGEST else None


def _plain(cell: str) -> float | None:
    return _finite(cell) if _POINT.fullmatch(cell) else None


def _grouped(cell: str) -> float | None:
    return _finite(re.sub(r"[^\d.+-]", "", cell)) if _GROUPED.fullmatch(cell) else None


def _comma(cell: str) -> float | None:
    if not _COMMA.fullmatch(cell):
        return None
    return _finite(re.sub(r"[^\d,+-]", "", cell).replace(",", "."))


_READ_AS: Mapping[Way, str] = {
    _plain: "",
    _grouped: "Its thousands are grouped, as in 1,234.5; that was read as 1234.5.",
    _comma: "Its commas were read as decimal signs.",
}

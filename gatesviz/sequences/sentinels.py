"""Hints on numbers such as −999 that may stand for missing values."""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.columns import Column

_NINES = re.compile(r"-9{2,5}(?:\.9{1,2}|\.0)?", re.ASCII)
_FAR = 2  # times the range of all other numbers
_LEAST = 2  # cells that hold it


def with_hints(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns, with a hint in the note of each that `sentinel` finds."""
    return {name: _hinted(column) for name, column in columns.items()}


def sentinel(values: NDArray[np.float64]) -> float | None:
    """Return a number like −999 or −9999 that may stand for missing values, if there is one.

    It is the only negative number, stands in at least two cells, and is farther from the other
    numbers than twice their range.

    Args:
        values: (rows,); NaN where the cell is missing.
    """
    negative = values[values < 0]
    if len(negative) < _LEAST or np.ptp(negative) or not _NINES.fullmatch(repr(float(negative[0]))):
        return None
    others = values[values >= 0]
    if len(others) < _LEAST or others.min() - negative[0] <= _FAR * np.ptp(others):
        return None
    return float(negative[0])


def _hinted(column: Column) -> Column:
    number = sentinel(column.values)
    if number is None:
        return column
    count = int((column.values == number).sum())
    hint = (
        f"{number:.15g} stands in {count:,} cells and is the only negative number. If it means"
        " missing, leave these cells empty."
    )
    return Column(column.values, f"{column.note} {hint}".strip())

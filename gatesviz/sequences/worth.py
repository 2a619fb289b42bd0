"""Choose the column of a table that is worth forecasting."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_CALENDAR = frozenset(
    {"year", "yr", "quarter", "month", "mon", "mo", "week", "day", "doy", "dow", "weekday"}
    | {"dayofyear", "dayofmonth", "dayofweek", "hour", "hr", "minute", "min", "second", "sec"}
    | {"date", "time", "datetime", "timestamp", "unix", "epoch"}
)
_IDENTITY = frozenset(
    {"id", "no", "nr", "num", "number", "index", "idx", "row", "rowid", "key", "code", "step"}
    | {"zip", "postcode", "#"}
)


def worth_forecasting(columns: Mapping[str, NDArray[np.float64]], labels: str | None) -> str:
    """Return the first column that is worth forecasting.

    Skipped are labels, constant columns, columns that only count, and columns of whole numbers
    named like parts of a date, row numbers or identifiers.

    Args:
        columns: one or more columns (rows,), by name.
        labels: name of the column that labels the rows, if there is one.
    """
    free = [name for name in columns if name != labels]
    moving = [name for name in free if _moves(columns[name])]
    worth = [name for name in moving if not _is_named(name, columns[name])]
    return next(iter([*worth, *moving, *free, *columns]))


def _moves(values: NDArray[np.float64]) -> bool:
    """Return whether a column is neither constant nor evenly rising."""
    present = values[~np.isnan(values)]
    if len(present) < 3:
        return len(present) < 2 or bool(np.ptp(present))
    return bool(np.ptp(present)) and bool(np.ptp(np.diff(present)))


def _is_named(name: str, values: NDArray[np.float64]) -> bool:
    """Return whether a column of whole numbers is named like a part of a date or an identifier."""
    present = values[~np.isnan(values)]
    if (present != np.floor(present)).any():
        return False
    word = name.strip().lower().rstrip(".")
    bare = word.replace("_", "").replace(" ", "")
    if bare in _CALENDAR | _IDENTITY or word.startswith("unnamed:"):
        return True
    return word.endswith(("_id", " id", "_no", "_key", "_code")) or name.endswith("Id")

"""Columns of a table as your own data: those that are read, and why others are left out."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gatesviz.sequences import Table
from gatesviz.sequences.columns import Column
from gatesviz.training.user_data import OwnData, own_series


def own_columns(
    table: Table,
    column: str,
    inputs: Sequence[str] = (),
    *,
    fill: bool = False,
    rows: int | None = None,
) -> tuple[OwnData, tuple[str, ...]]:
    """Return a column to forecast and further columns to read, and what was changed, in sentences.

    A further column is left out where its value is the same in all rows that are learnt from.
    Rows that are left out, and gaps that are filled, have a sentence each.

    Args:
        table: as `gatesviz.sequences.read_table` returns it.
        column: the name of the column to forecast.
        inputs: the names of the further columns.
        fill: repeat the last value over gaps, in each column. Rows at the start where a column
            has no value yet are left out.
        rows: use only so many rows, the first ones; None uses all.

    Raises:
        ValueError: if there is no such column of numbers, a value is missing, or `own_series`
            refuses the numbers.
    """
    names = (column, *inputs)
    first, early = _first_row(table, names) if fill else (0, ())
    values = {
        name: (table.filled(name)[first:] if fill else table.values(name))[:rows] for name in names
    }
    cut = len(values[column]) * 4 // 5
    still = {name: values[name][:cut] for name in inputs if cut and not np.ptp(values[name][:cut])}
    notes = early + tuple(
        f"“{name}” isn't read: it is {known[0]:g} in all of the first {cut:,} rows, which are"
        " learnt from."
        for name, known in still.items()
    )
    read = [name for name in inputs if name not in still]
    if fill:
        notes += _filled(table, (column, *read), slice(first, first + len(values[column])))
    if not read:
        return own_series(values[column], column), notes
    return own_series(np.column_stack([values[n] for n in (column, *read)]), column, read), notes


def _filled(table: Table, names: Sequence[str], rows: slice) -> tuple[str, ...]:
    """Return a sentence for each column of which gaps in ``rows`` were filled."""
    gaps = {name: int(np.isnan(table.columns[name].values[rows]).sum()) for name in names}
    return tuple(
        f"Column “{name}”: {count:,} {'gap repeats' if count == 1 else 'gaps repeat'} the value in"
        " the row before."
        for name, count in gaps.items()
        if count
    )


def _first_row(table: Table, names: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Return the first row in which every column has a value to repeat, and a sentence on it."""
    starts = {name: int(np.isnan(table.filled(name)).sum()) for name in names}
    late = max(starts, key=lambda name: starts[name])
    first = starts[late]
    if not first:
        return 0, ()
    rows = "row is" if first == 1 else f"{first:,} rows are"
    return first, (f"The first {rows} left out: “{late}” has no value there.",)


@lru_cache(maxsize=8)
def table_of(data: OwnData) -> Table:
    """Return the columns of ``data`` as a table, the one to forecast first.

    Raises:
        TypeError: if it is a text.
    """
    names = (data.title, *data.input_names)
    values = data.values.reshape(-1, len(names))
    rows = tuple(range(1, len(values) + 1))
    return Table(
        name="Your data",
        names=names,
        columns={name: Column(values[:, k]) for k, name in enumerate(names)},
        refused={},
        rows=rows,
        labels=tuple(map(str, rows)),
        label_column=None,
        notes=(),
    )


def further_columns(table: Table, column: str) -> tuple[str, ...]:
    """Return the other columns of numbers that may help to forecast ``column``.

    Neither the labels of the rows nor a column that only counts them: it goes up by the same
    number in every row, so the held-out rows lie beyond all that was learnt from.
    """
    others = (name for name in table.numeric if name not in (column, table.label_column))
    return tuple(name for name in others if not _only_counts(table, name))


def _only_counts(table: Table, name: str) -> bool:
    steps = np.diff(table.columns[name].values)
    return bool(len(steps) and steps[0] and np.ptp(steps) == 0)

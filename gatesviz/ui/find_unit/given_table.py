"""The rows of your own table: what the model of a file reads, which sequence, and the labels."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gatesviz.sequences import Table
from gatesviz.sequences.characters import shown
from gatesviz.sequences.sequence import scaled_columns
from gatesviz.ui.feed.parameters import FILL
from gatesviz.ui.feed.tables import (
    AS_IS,
    brought,
    check_columns,
    choose_columns,
    choose_scale,
)
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.parameters import ALL_ROWS, EACH_ROW, GROUP, TEXT_COLUMN

LABELLESS = frozenset({"", "-", "na", "n/a", "nan", "null", "none"})
"""Cells of words, in lower case, that mean "no label". A full stop can be a label."""
LOOKED_AT = 200
"""Cells that say whether a column holds what a model reads."""


@dataclass(frozen=True, eq=False)
class GivenTable:
    """N rows of a table.

    Attributes:
        about: the table and the column that is read, as the end of a sentence.
        sequence: (N,), the number of the sequence that each row belongs to.
        names: the name of each sequence; () if the rows have none.
        apart: whether there can be several sequences; else all rows are one.
        values: (N, I), the numbers that the model reads; None if it reads texts.
        cells: N texts that the model reads; () if it reads numbers.
        columns: name of a column -> its N labels, those that the model doesn't read first.
    """

    about: str
    sequence: NDArray[np.int64]
    names: tuple[str, ...]
    apart: bool
    values: NDArray[np.float32] | None = None
    cells: tuple[str, ...] = ()
    columns: Mapping[str, NDArray[Any]] | None = None

    @property
    def key(self) -> str:
        """Differs for other content, for caches."""
        found = hashlib.sha256(repr((self.about, self.names, self.apart)).encode())
        found.update(self.sequence.tobytes())
        found.update(b"" if self.values is None else self.values.tobytes())
        for cells in (self.cells, *((name, *c.tolist()) for name, c in self._labels.items())):
            found.update(repr(cells).encode())
        return found.hexdigest()

    @property
    def _labels(self) -> Mapping[str, NDArray[Any]]:
        return self.columns or {}


def choose_rows(model: FileModel) -> GivenTable:
    """Draw the table, its columns and its sequences; return what the model reads.

    Raises:
        ValueError: if there is none yet, or the columns don't fit the model.
    """
    found = brought(worded=model.spelled)
    return _texts(found, model) if model.spelled else _numbers(found, model)


def _numbers(found: Table, model: FileModel) -> GivenTable:
    """Return rows of numbers, as many as the model has inputs."""
    count = model.size
    names = choose_columns(found, count)
    group, sequence, named, apart = _sequences(found, (ALL_ROWS,))
    fill = FILL.draw()
    check_columns(found, names, count)
    given = [found.values_within(name, sequence, named, fill=fill) for name in names]
    used, how = sequence >= 0, choose_scale(AS_IS)
    read = np.column_stack([values[used] for values, _ in given]).astype(np.float32)
    values, notes = scaled_columns(read, names, how)
    filled = sum(gaps for _, gaps in given)
    within = " of the same sequence" if apart else ""
    gaps = f"Gaps filled with the last value{within}: {filled:,}." if filled else ""
    for note in filter(None, (*found.notes, *map(found.how_read, names), gaps, *notes)):
        st.text(note)
    what = f"the column “{shown(names[0])}”" if count == 1 else f"{count:,} columns"
    about = f"{what} of {shown(found.name, 60)}"
    labels = labels_of(found, [group, *names], used)
    return GivenTable(about, sequence[used], named, apart, values, columns=labels)


def _texts(found: Table, model: FileModel) -> GivenTable:
    """Return rows of texts: an entry in each, or several."""
    options = [*dict.fromkeys((*found.words, *found.numeric))]
    first = max(options, key=lambda name: _known(model, cells_of(found, name)))
    column = TEXT_COLUMN.draw(options=options, index=options.index(first))
    cells = cells_of(found, column)
    some = [len(model.entries_of(cell)[0]) for cell in cells[:LOOKED_AT]]
    whole = sum(count > 1 for count in some) > len(some) / 2  # a row holds a whole text
    ways = (EACH_ROW, ALL_ROWS) if whole else (ALL_ROWS, EACH_ROW)
    about = f"the column “{shown(column)}” of {shown(found.name, 60)}"
    for note in found.notes:
        st.text(note)
    group, sequence, named, apart = _sequences(found, ways)
    used = sequence >= 0
    cells = tuple(cell for cell, one in zip(cells, used.tolist(), strict=True) if one)
    labels = labels_of(found, [group, column], used)
    return GivenTable(about, sequence[used], named, apart, cells=cells, columns=labels)


def _known(model: FileModel, cells: Sequence[str]) -> float:
    """Return which share of some cells a model knows."""
    some = [cell for cell in cells[:LOOKED_AT] if cell]
    if not some:
        return 0.0
    found = (model.entries_of(cell) for cell in some)
    return sum(bool(numbers) and not unknown for numbers, unknown in found) / len(some)


def cells_of(found: Table, column: str) -> tuple[str, ...]:
    """Return a column's cells as texts, as the table has them; "" where a number is missing."""
    if column not in found.columns:
        return found.words[column]
    values = found.columns[column].values.tolist()
    plain = (str(int(v)) if v.is_integer() else repr(v) for v in values)
    texts = found.words.get(column) or tuple(plain)
    return tuple("" if v != v else text for v, text in zip(values, texts, strict=True))


def labels_of(
    found: Table, read: Sequence[str], used: NDArray[np.bool_] | None = None
) -> Mapping[str, NDArray[Any]]:
    """Return the labels of each column (N,): numbers, or texts and None.

    The columns in ``read``, which say what the model reads, come last, and columns that only label
    or count rows before them. ``used`` says which rows count; None for all.
    """
    others = sorted((name for name in found.names if name not in read), key=found.labels_rows)
    order = [*others, *dict.fromkeys(read)]
    labels: dict[str, NDArray[Any]] = {}
    for name in order:
        if name in found.columns:
            labels[name] = found.columns[name].values
        elif name in found.words:
            cells = [None if cell.lower() in LABELLESS else cell for cell in found.words[name]]
            labels[name] = np.array(cells, object)
    return labels if used is None else {name: column[used] for name, column in labels.items()}


def _sequences(
    found: Table, ways: tuple[str, ...]
) -> tuple[str, NDArray[np.int64], tuple[str, ...], bool]:
    """Draw what a sequence is; return the choice, the number of each row's sequence, and names.

    A row without a name belongs to no sequence: its number is −1. The last value says whether there
    can be several sequences.

    Raises:
        ValueError: if no row has a name.
    """
    chosen = GROUP.draw(options=(*ways, *found.names), index=0)
    rows = len(found.rows)
    if chosen == ALL_ROWS:
        return chosen, np.zeros(rows, np.int64), (), False
    if chosen == EACH_ROW:
        return chosen, np.arange(rows), (), True
    numbers: dict[str, int] = {}
    names = cells_of(found, chosen)
    of_rows = [numbers.setdefault(cell, len(numbers)) if cell else -1 for cell in names]
    if not numbers:
        raise ValueError(
            f"the column “{shown(chosen, 40)}” is empty. Choose another one under “Sequences”"
        )
    if nameless := of_rows.count(-1):
        first = found.rows[of_rows.index(-1)]
        without = f"{nameless:,} row{' has' if nameless == 1 else 's have'} no name"
        st.text(f"Left out: {without} in the column “{shown(chosen, 40)}”, first in row {first:,}.")
    return chosen, np.array(of_rows, np.int64), tuple(numbers), True

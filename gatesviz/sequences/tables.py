"""Tables in CSV text, and the sequences in their columns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import STEPS, TYPED_CHARACTERS, UPLOAD_BYTES
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import (
    Column,
    header_names,
    is_date_column,
    is_missing,
    is_number,
    read_column,
)
from gatesviz.sequences.decoding import Row, cells, decoded
from gatesviz.sequences.sequence import Sequence, numbers


@dataclass(frozen=True, eq=False)
class Table:
    """A table with at least one column of numbers.

    Rows are counted as a spreadsheet counts them: the first is 1, also if it is the header.

    Attributes:
        name: of the file.
        columns: the numeric columns, by name.
        refused: the other columns, by name, each with the reason, as in "row 7 holds “x”".
        rows: the number of each row of data.
        labels: for the time axis, one for each row of data.
        label_column: where the labels come from: the first column of dates, else the first of
            words, else None, and the labels are row numbers.
        notes: how the table was read.
    """

    name: str
    columns: Mapping[str, Column]
    refused: Mapping[str, str]
    rows: tuple[int, ...]
    labels: tuple[str, ...]
    label_column: str | None
    notes: tuple[str, ...]

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the columns that `sequence` takes."""
        return tuple(self.columns)

    @property
    def first(self) -> str:
        """The first column worth a forecast: not the labels, and none that only counts."""
        wanted = [name for name in self.numeric if name != self.label_column] or [*self.numeric]
        steps = {name: np.diff(self.columns[name].values) for name in wanted}
        return next((n for n in wanted if not (len(steps[n]) and np.ptp(steps[n]) == 0)), wanted[0])

    def sequence(
        self,
        column: str,
        start: int = 0,
        steps: int | None = None,
        *,
        cut: bool = False,
        fill: bool = False,
    ) -> Sequence:
        """Return ``steps`` rows of a column, from data row ``start`` (counted from 0) on.

        Args:
            column: one of `numeric`.
            start: the first row of data to use.
            steps: how many; by default all that follow.
            cut: use the first that are allowed where all that follow are too many.
            fill: carry the last value forward over missing ones, and say so in the notes.

        Raises:
            ValueError: if there is no such column, the rows do not reach that far, are too few
                or too many, or a value is missing; the sentence says in which row.
        """
        if column not in self.columns:
            raise ValueError(self._no_such(column))
        stop, how_cut = self._stop(start, steps, cut)
        values, how_filled = self._part(column, start, stop, fill)
        note = self.columns[column].note
        how_read = f"“{column}”: {note}" if note else ""
        return numbers(
            values,
            f"{self.name}, {column}",
            labels=self.labels[start:stop],
            feature=column,
            notes=(*self.notes, *filter(None, (how_read, how_cut, how_filled))),
        )

    def values(self, column: str, *, fill: bool = False) -> NDArray[np.float64]:
        """Return every row of a column: as many as the table has, not only a sequence's steps.

        Raises:
            ValueError: if there is no such column, or a value is missing and ``fill`` cannot help.
        """
        if column not in self.columns:
            raise ValueError(self._no_such(column))
        return self._part(column, 0, len(self.rows), fill)[0]

    def _part(
        self, column: str, start: int, stop: int, fill: bool
    ) -> tuple[NDArray[np.float64], str]:
        """Return the values of some rows, and a note if some were filled."""
        values = self.columns[column].values
        given = values[start:stop]
        part = _carried_forward(values)[start:stop] if fill else given
        if np.isnan(part).any():
            row = self.rows[start + int(np.isnan(part).argmax())]
            why = ", and no value before it can be carried forward" if fill else ""
            raise ValueError(f"“{column}” has no value in row {row}{why}")
        count = int(np.isnan(given).sum())
        return part, f"Missing: {count:,} values repeat the one before." if count else ""

    def _stop(self, start: int, steps: int | None, cut: bool) -> tuple[int, str]:
        """Return where the rows end, and a note if they were cut."""
        left = len(self.rows) - start
        if start < 0 or left < 1 or (steps is not None and steps > left):
            asked = "" if steps is None else f"{steps:,} rows "
            raise ValueError(
                f"{asked}from row {start:,} of the data (counted from 0) asked for,"
                f" the table has {len(self.rows):,}"
            )
        if steps is None and cut and left > STEPS.high:
            return start + STEPS.high, f"Cut: {STEPS.high:,} of {left:,} rows are used."
        return start + STEPS.check(left if steps is None else steps), ""

    def _no_such(self, column: str) -> str:
        if column in self.refused:
            return f"“{column}” is not a column of numbers: {self.refused[column]}"
        known = ", ".join(f"“{name}”" for name in self.numeric[:8])
        return f"there is no column “{shown(column)}”: the columns of numbers are {known}"


def read_table(data: bytes, name: str) -> Table:
    """Read an uploaded CSV file.

    Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252, Latin-1. Separators: comma,
    semicolon, tab. The first row is the header, unless one of its cells is a number. Formulas
    (``=1+1``) are words; nothing is evaluated.

    Raises:
        ValueError: if the file is empty, too large, of another kind, ragged (which row), or has
            no column of numbers (which columns it has, and why each is none).
    """
    if not data:
        raise ValueError("the file is empty: CSV text is wanted")
    UPLOAD_BYTES.check(len(data))
    text, encoding = decoded(data)
    note = () if encoding == "UTF-8" else (f"The file was read as {encoding}.",)
    return _table(text, shown(name, 60), note)


def parse_table(text: str) -> Table:
    """Read a pasted table, by the rules of `read_table`.

    Raises:
        ValueError: as `read_table`, with the limit of what can be typed.
    """
    if not text.strip():
        raise ValueError("the table is empty: at least one column of numbers is wanted")
    TYPED_CHARACTERS.check(len(text))
    return _table(text, "Pasted table", ())


def _table(text: str, name: str, notes: tuple[str, ...]) -> Table:
    separator, rows = cells(text)
    first = rows[0][1]
    if any(map(is_number, first)):
        names = header_names([""] * len(first))
        notes = (*notes, "No header was found, so the columns are numbered.")
    else:
        names, rows = header_names(first), rows[1:]
    if not rows:
        raise ValueError(f"“{name}” has a header and no rows below it")
    by_name = dict(zip(names, zip(*(row for _, row in rows), strict=True), strict=True))
    columns, refused = _sorted_out(by_name, rows, separator)
    if not columns:
        found = "; ".join(f"“{column}” ({why})" for column, why in list(refused.items())[:5])
        more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
        raise ValueError(f"no column of “{name}” holds only numbers: {found}{more}")
    source = _label_column(by_name, columns)
    numbered = tuple(str(number) for number, _ in rows)
    labels = numbered
    if source is not None:
        pairs = zip(by_name[source], numbered, strict=True)
        labels = tuple(shown(cell) or number for cell, number in pairs)
    return Table(name, columns, refused, tuple(n for n, _ in rows), labels, source, notes)


def _sorted_out(
    by_name: Mapping[str, tuple[str, ...]], rows: list[Row], separator: str
) -> tuple[dict[str, Column], dict[str, str]]:
    """Return the numeric columns, and for each other one why it is none."""
    columns, refused = {}, {}
    for name, column in by_name.items():
        found = read_column(column, separator)
        if isinstance(found, int):
            refused[name] = f"row {rows[found][0]} holds “{shown(column[found])}”"
        elif np.isnan(found.values).all():
            refused[name] = "it holds no value"
        else:
            columns[name] = found
    return columns, refused


def _label_column(
    by_name: Mapping[str, tuple[str, ...]], columns: Mapping[str, Column]
) -> str | None:
    dates = (name for name, column in by_name.items() if is_date_column(name, column))
    words = (
        name
        for name, column in by_name.items()
        if name not in columns and not all(map(is_missing, column))
    )
    return next(dates, None) or next(words, None)


def _carried_forward(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``values`` with each NaN replaced by the last number before it, if there is one."""
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return values[last]

"""Tables in CSV text, and the sequences in their columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import STEPS, TYPED_CHARACTERS, UPLOAD_BYTES
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import (
    Column,
    Misfit,
    could_group_by_dots,
    has_decimal_comma,
    header_names,
    is_missing,
    is_number,
    read_column,
)
from gatesviz.sequences.dates import (
    PARTS,
    Order,
    from_parts,
    labels_of,
    looks_like_dates,
    order,
    order_of,
)
from gatesviz.sequences.encodings import decoded
from gatesviz.sequences.json_rows import json_rows
from gatesviz.sequences.number_rows import number_rows
from gatesviz.sequences.rows import Rows, read_rows
from gatesviz.sequences.sequence import Sequence, numbers
from gatesviz.sequences.worth import worth_forecasting

_DATE_NAMES = frozenset({"date", "datetime", "day", "month", "year", "time", "timestamp"})
_TOTAL = re.compile(
    r"(grand |sub ?)?totals?|sums?|means?|averages?|summe|gesamt|somme|total général|suma",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Table:
    """A table with at least one column of numbers.

    Rows are counted as a spreadsheet counts them: the first is 1, also if it is the header.

    Attributes:
        name: of the file.
        names: of all columns, in their order.
        columns: the numeric columns, by name.
        refused: the other columns, by name, each with the reason, as in "row 7 holds “x”".
        rows: the number of each row of data.
        labels: for the time axis, one for each row of data.
        label_column: where the labels come from: the first column of dates, else the first of
            words, else None, and the labels are row numbers.
        notes: how the table was read.
    """

    name: str
    names: tuple[str, ...]
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
        """The first column worth a forecast: see `worth_forecasting`."""
        values = {name: column.values for name, column in self.columns.items()}
        return worth_forecasting(values, self.label_column)

    def named(self, column: str) -> str:
        """Return the name of the numeric column that is meant: its name, or its number from 1.

        Raises:
            ValueError: if there is none.
        """
        name = column
        if column not in self.names and column.isascii() and column.isdigit():
            if not 1 <= int(column[:9]) <= len(self.names):
                count = len(self.names)
                raise ValueError(f"there is no column {column[:9]}: the table has {count:,}")
            name = self.names[int(column) - 1]
        if name not in self.columns:
            raise ValueError(self._no_such(name))
        return name

    def how_read(self, column: str, *, fill: bool = False) -> str:
        """Return one line on how the cells of a numeric column were read; "" if it is plain."""
        missing = int(np.isnan(self.columns[column].values).sum())
        filled = f"Gaps filled with the value before: {missing:,}." if fill and missing else ""
        note = " ".join(filter(None, (self.columns[column].note, filled)))
        return f"Column “{column}”: {note}" if note else ""

    def refusals(self, most: int = 5) -> str:
        """Return which columns are none of numbers, and why, in one line; "" if all are."""
        if not self.refused:
            return ""
        told = "; ".join(f"“{name}” ({why})" for name, why in [*self.refused.items()][:most])
        more = f"; and {len(self.refused) - most:,} more" if len(self.refused) > most else ""
        return f"Not columns of numbers: {told}{more}."

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
        return numbers(
            values,
            f"{self.name}, {column}",
            labels=self.labels[start:stop],
            feature=column,
            notes=(*self.notes, *filter(None, (self.how_read(column), how_cut, how_filled))),
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
            why = ", and no value before it can be carried forward"
            if not fill:
                missing = int(np.isnan(values).sum())
                why = f" ({missing:,} missing in all): carry the last value over gaps, or choose"
                why += " another column"
            raise ValueError(f"“{column}” has no value in row {row:,}{why}")
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
    """Read an uploaded table: CSV, JSON, or numbers alone.

    Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252, Latin-1. Separators: comma,
    semicolon, tab, bar, or blanks between numbers. The first row is the header, unless one of
    its cells is a number. JSON is a list of numbers, of rows or of objects, or an object of
    lists. Formulas (``=1+1``) are words; nothing is evaluated.

    What was decided is told in `Table.notes`, and for a column in `Column.note`. Rows that run
    from the newest date to the oldest are put the other way round; a last row named "Total" is
    left out.

    Raises:
        ValueError: if the file is empty, too large, of another kind, ragged (which row), or has
            no column of numbers (which columns it has, and why each is none).
    """
    if not data:
        raise ValueError("the file is empty: CSV text is wanted")
    UPLOAD_BYTES.check(len(data))
    text, encoding = decoded(data)
    note = () if encoding == "UTF-8" else (f"The file was read as {encoding}.",)
    return table_in(text, shown(name, 60), note)


def parse_table(text: str) -> Table:
    """Read a pasted table, by the rules of `read_table`.

    Raises:
        ValueError: as `read_table`, with the limit of what can be typed.
    """
    if not text.strip():
        raise ValueError("the table is empty: at least one column of numbers is wanted")
    TYPED_CHARACTERS.check(len(text))
    return table_in(text, "Pasted table", ())


def table_in(text: str, name: str, notes: tuple[str, ...] = ()) -> Table:
    """Return the table that a text holds, by the rules of `read_table`."""
    return table_of(json_rows(text) or number_rows(text) or read_rows(text), name, notes)


def table_of(rows: Rows, name: str, notes: tuple[str, ...] = ()) -> Table:
    """Return the table of some rows of cells, the first perhaps its header."""
    first = rows.row(0)
    names = header_names(first)
    notes += rows.notes
    if any(map(is_number, first)):
        names = header_names([""] * len(first))
        notes += ("No header was found, so the columns are numbered.", *_decimals(rows))
    else:
        rows = rows.part(slice(1, None))
    if not rows.numbers:
        raise ValueError(f"“{name}” has a header and no rows below it")
    rows, total = _without_total(rows)
    by_name = dict(zip(names, rows.columns, strict=True))
    columns, refused = _sorted_out(by_name, rows)
    if not columns:
        found = "; ".join(f"“{column}” ({why})" for column, why in list(refused.items())[:5])
        more = f" and {len(refused) - 5:,} more" if len(refused) > 5 else ""
        raise ValueError(f"no column of “{name}” holds only numbers: {found}{more}")
    source = _label_column(by_name, columns)
    labels, run = _labelled(source, by_name, columns, rows.numbers)
    numbers = rows.numbers
    if run.reverse:
        numbers, labels = numbers[::-1], labels[::-1]
        columns = {name: Column(c.values[::-1], c.note) for name, c in columns.items()}
    notes = (*notes, *total, *run.notes)
    return Table(name, names, columns, refused, tuple(numbers), tuple(labels), source, notes)


def _decimals(rows: Rows) -> tuple[str, ...]:
    """Return a note where two columns of digits could be one of decimal commas."""
    if rows.separator != "," or len(rows.columns) != 2:
        return ()
    if not all(all(map(str.isdecimal, column)) for column in rows.columns):
        return ()
    first = ",".join(rows.row(0))
    return (f"“{first}” was read as two columns. Write decimals with a point, as in 1.5.",)


def _without_total(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows without a last one that sums up the others, and a note of it."""
    word = next(filter(None, rows.row(-1)), "")
    place = rows.row(-1).index(word)
    if len(rows.numbers) < 3 or not _TOTAL.fullmatch(word) or word in rows.columns[place][:-1]:
        return rows, ()
    note = f"Row {rows.numbers[-1]:,}, “{shown(word)}”, sums up the others and was left out."
    return rows.part(slice(None, -1)), (note,)


def _sorted_out(
    by_name: Mapping[str, list[str]], rows: Rows
) -> tuple[dict[str, Column], dict[str, str]]:
    """Return the numeric columns, and for each other one why it is none."""
    columns, refused = {}, {}
    for name, column in by_name.items():
        found = read_column(column, rows.separator)
        if isinstance(found, Misfit):
            why = f", {found.why}" if found.why else ""
            refused[name] = (
                f"row {rows.numbers[found.place]:,} holds “{shown(column[found.place])}”{why}"
            )
        elif np.isnan(found.values).all():
            refused[name] = "it holds no value"
        else:
            columns[name] = found
    if any(has_decimal_comma(by_name[name], column) for name, column in columns.items()):
        for name in columns:
            if could_group_by_dots(by_name[name]):
                again = read_column(by_name[name], rows.separator, dots_group=True)
                columns[name] = again if isinstance(again, Column) else columns[name]
    return columns, refused


def _label_column(by_name: Mapping[str, list[str]], columns: Mapping[str, Column]) -> str | None:
    dates = (
        name
        for name, cells in by_name.items()
        if name.lower() in _DATE_NAMES or looks_like_dates(cells)
    )
    words = (
        name
        for name, column in by_name.items()
        if name not in columns and not all(map(is_missing, column))
    )
    return next(dates, None) or next(words, None)


def _labelled(
    source: str | None,
    by_name: Mapping[str, list[str]],
    columns: Mapping[str, Column],
    numbers: list[int],
) -> tuple[list[str], Order]:
    """Return a label for each row, and how the dates run, of one column or of several."""
    numbered = [*map(str, numbers)]
    if source is None:
        return numbered, Order(False, ())
    pairs = zip(by_name[source], numbered, strict=True)
    labels = [shown(cell) or number for cell, number in pairs]
    if source not in columns:
        return labels, order(by_name[source], numbers)
    named = {name.lower(): column.values for name, column in columns.items()}
    parts = {name: named[name] for name in PARTS if name in named}
    times = from_parts(parts)
    if times is None:
        return labels, Order(False, ())
    return labels_of(times, [*parts]), order_of(times, numbers)


def _carried_forward(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``values`` with each NaN replaced by the last number before it, if there is one."""
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return values[last]

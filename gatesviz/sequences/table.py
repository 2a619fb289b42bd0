"""Tables of numbers, the sequences in their columns, and the column worth forecasting."""

from collections.abc import Mapping
from collections.abc import Sequence as Ordered
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import STEPS
from gatesviz.names import did_you_mean
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column
from gatesviz.sequences.sequence import GapError, Sequence, numbers

_CALENDAR = frozenset(
    {"year", "yr", "quarter", "month", "mon", "mo", "week", "day", "doy", "dow", "weekday"}
    | {"dayofyear", "dayofmonth", "dayofweek", "hour", "hr", "minute", "min", "second", "sec"}
    | {"date", "time", "datetime", "timestamp", "unix", "epoch"}
)
_IDENTITY = frozenset(
    {"id", "no", "nr", "num", "number", "index", "idx", "row", "rowid", "key", "code", "step"}
    | {"zip", "postcode", "#"}
)


@dataclass(frozen=True, eq=False)
class Table:
    """A table, usually with at least one column of numbers.

    Row numbers are those of a spreadsheet: the first row is 1, even if it is the header.

    Attributes:
        name: name of the file.
        names: names of all columns, in order.
        columns: the numeric columns, by name.
        refused: name of each other column -> the reason: "row 7 holds “x”".
        rows: the number of each data row.
        labels: a label of the time axis for each data row.
        label_column: the column of the labels: the first with dates, else the first with words.
            None if there is neither; then the labels are row numbers.
        notes: sentences on how the table was read.
        spoilt: names of refused columns in which most cells are numbers.
        words: name -> cells, stripped of spaces, in the order of the rows. It has each column that
            isn't in ``columns``, and those whose cells say more than their numbers.
    """

    name: str
    names: tuple[str, ...]
    columns: Mapping[str, Column]
    refused: Mapping[str, str]
    rows: tuple[int, ...]
    labels: tuple[str, ...]
    label_column: str | None
    notes: tuple[str, ...]
    spoilt: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the columns that `sequence` takes."""
        return tuple(self.columns)

    @property
    def first(self) -> str:
        """The first column worth forecasting: see `worth_forecasting`."""
        values = {name: column.values for name, column in self.columns.items()}
        return worth_forecasting(values, self.label_column)

    @property
    def worthwhile(self) -> bool:
        """Whether `first` is more than a label, a counter or a constant.

        If another column is `spoilt`, whole numbers that only rise or fall are a counter, too, and
        so are those named like one.
        """
        name = self.first
        values = self.columns[name].values
        if name == self.label_column or not _moves(values):
            return False
        return not (self.spoilt and (_is_named(name, values) or _counts(values)))

    def labels_rows(self, column: str) -> bool:
        """Return whether a column labels or counts rows, or never changes.

        Names of columns count as in `worth_forecasting`; a column of words has only its name.
        """
        if column not in self.columns:
            return _has_name(column)
        values = self.columns[column].values
        return column == self.label_column or not _moves(values) or _is_named(column, values)

    def not_worthwhile(self) -> str:
        """Return a sentence that says why no column is worth forecasting, with those refused."""
        names = ", ".join(f"“{name}”" for name in self.numeric[:10])
        more = f" and {len(self.numeric) - 10:,} more" if len(self.numeric) > 10 else ""
        only = "only labels or counts the rows, or never changes"
        if len(self.numeric) > 1:
            only = "only label or count the rows, or never change"
        sentence = f"no column is worth forecasting: {names}{more} {only}"
        return f"{sentence}. {self.refusals()}" if self.refused else f"{sentence}."

    def named(self, column: str) -> str:
        """Return the name of a numeric column, given its name or its number from 1.

        Raises:
            ValueError: if there is no such column.
        """
        name = column
        if column not in self.names and column.isascii() and column.isdigit():
            if not 1 <= int(column[:9]) <= len(self.names):
                count = len(self.names)
                raise ValueError(
                    f"there is no column {column[:9]}: the table has {count:,} columns"
                )
            name = self.names[int(column) - 1]
        if name not in self.columns:
            raise ValueError(self._no_such(name))
        return name

    def how_read(self, column: str) -> str:
        """Return a line on how the cells of a numeric column were read; "" if they are plain."""
        note = self.columns[column].note
        return f"Column “{column}”: {note}" if note else ""

    def refusals(self, most: int = 5) -> str:
        """Return a line that names the columns that are not numeric, and why; "" if all are."""
        if not self.refused:
            return ""
        order = sorted(self.refused, key=lambda name: name not in self.spoilt)
        listed = "; ".join(f"“{name}” ({self.refused[name]})" for name in order[:most])
        more = f"; and {len(self.refused) - most:,} more" if len(self.refused) > most else ""
        return f"Not columns of numbers: {listed}{more}."

    def sequence(
        self,
        column: str,
        start: int = 0,
        steps: int | None = None,
        *,
        cut: bool = False,
        fill: bool = False,
    ) -> Sequence:
        """Return ``steps`` rows of a column, starting at data row ``start`` (counted from 0).

        Args:
            column: one of `numeric`.
            start: the first row of data to use.
            steps: the number of rows; by default all that follow.
            cut: if these are too many, use as many as allowed.
            fill: carry the last value forward over gaps, and say so in the notes.

        Raises:
            ValueError: if there is no such column, there are too few or too many rows, or a value
                is missing; the message names the row.
            GapError: if that value could be filled, and ``fill`` is False.
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
        """Return all rows of a column, even if they are more than a sequence may have.

        Raises:
            ValueError: if there is no such column, or a value is missing and cannot be filled.
        """
        if column not in self.columns:
            raise ValueError(self._no_such(column))
        return self._part(column, 0, len(self.rows), fill)[0]

    def values_within(
        self, column: str, sequence: NDArray[np.int64], names: Ordered[str], *, fill: bool = False
    ) -> tuple[NDArray[np.float64], int]:
        """Return all rows of a column, and how many gaps were filled, each within its sequence.

        Args:
            column: one of `numeric`.
            sequence: (rows,), the number of each row's sequence; −1 for rows that aren't used,
                whose gaps stay.
            names: of the sequences; () if they have none.
            fill: repeat the last value over gaps.

        Raises:
            ValueError: if a sequence begins with a gap.
            GapError: if a value is missing and ``fill`` is False.
        """
        given, used = self.columns[column].values, sequence >= 0
        found = _carried_forward(given, sequence) if fill else given
        gaps = np.isnan(found) & used
        if gaps.any():
            at = int(gaps.argmax())
            if not fill:
                raise GapError(column, self.rows[at], int((np.isnan(given) & used).sum()))
            name = f"“{shown(names[sequence[at]], 40)}”" if names else f"{sequence[at]:,}"
            raise ValueError(
                f"“{column}” has no value in row {self.rows[at]:,}. Sequence {name} has no value"
                " before it to repeat. Remove this row, or choose another column"
            )
        return found, int((np.isnan(given) & used).sum())

    def filled(self, column: str) -> NDArray[np.float64]:
        """Return every row of a column with each gap filled by the value before it.

        Rows before the first value have none to repeat and stay NaN.

        Raises:
            ValueError: if there is no such column.
        """
        if column not in self.columns:
            raise ValueError(self._no_such(column))
        return _carried_forward(self.columns[column].values)

    def _part(
        self, column: str, start: int, stop: int, fill: bool
    ) -> tuple[NDArray[np.float64], str]:
        """Return the values of some rows, and a note if some were filled."""
        values = self.columns[column].values
        given = values[start:stop]
        part = _carried_forward(values)[start:stop] if fill else given
        if np.isnan(part).any():
            row = self.rows[start + int(np.isnan(part).argmax())]
            if not fill:
                raise GapError(column, row, int(np.isnan(values).sum()))
            raise ValueError(
                f"“{column}” has no value in row {row:,}, and there is no value before it to carry"
                " forward"
            )
        count = int(np.isnan(given).sum())
        return part, f"Gaps: {count:,} values repeat the previous one." if count else ""

    def _stop(self, start: int, steps: int | None, cut: bool) -> tuple[int, str]:
        """Return where the rows end, and a note if they were cut."""
        left = len(self.rows) - start
        if start < 0 or left < 1 or (steps is not None and steps > left):
            last = start + (steps or 1) - 1
            rows = f"row {start:,} is" if steps is None else f"rows {start:,} to {last:,} are"
            raise ValueError(
                f"data {rows} not in the table, which has rows 0 to {len(self.rows) - 1:,}"
            )
        if steps is None and cut and left > STEPS.high:
            return start + STEPS.high, f"Cut: {STEPS.high:,} of {left:,} rows are used."
        return start + STEPS.check(left if steps is None else steps), ""

    def _no_such(self, column: str) -> str:
        if column in self.refused:
            return f"“{column}” is not a column of numbers: {self.refused[column]}"
        known = ", ".join(f"“{name}”" for name in self.numeric[:8])
        hint = did_you_mean(column, self.numeric)
        return f"there is no column “{shown(column)}”: the columns of numbers are {known}{hint}"


def _carried_forward(
    values: NDArray[np.float64], sequence: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Return ``values`` with each NaN replaced by the last number before it, if any.

    ``sequence``: the number of each row's sequence; a number is never carried into another one.
    """
    if sequence is None:
        sequence = np.zeros(len(values), np.int64)
    order = np.argsort(sequence, kind="stable")  # the rows of a sequence can stand apart
    apart = values[order]
    begins = np.diff(sequence[order], prepend=-2) != 0
    last = np.maximum.accumulate(np.where(np.isnan(apart) & ~begins, 0, np.arange(len(values))))
    found = np.empty_like(values)
    found[order] = apart[last]
    return found


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


def _counts(values: NDArray[np.float64]) -> bool:
    """Return whether a column holds whole numbers that only rise, or only fall."""
    present = values[~np.isnan(values)]
    steps = np.diff(present)
    return bool((present == np.floor(present)).all() and ((steps >= 0).all() or (steps <= 0).all()))


def _is_named(name: str, values: NDArray[np.float64]) -> bool:
    """Return whether a column of whole numbers is named like a part of a date or an identifier."""
    present = values[~np.isnan(values)]
    return bool((present == np.floor(present)).all()) and _has_name(name)


def _has_name(name: str) -> bool:
    """Return whether a column is named like a part of a date, a row number or an identifier."""
    word = name.strip().lower().rstrip(".")
    bare = word.replace("_", "").replace(" ", "")
    if bare in _CALENDAR | _IDENTITY or word.startswith("unnamed:"):
        return True
    return word.endswith(("_id", " id", "_no", "_key", "_code")) or name.endswith("Id")

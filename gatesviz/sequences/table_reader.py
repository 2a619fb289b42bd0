"""Read tables: CSV, JSON, or numbers alone."""

import re
from collections.abc import Mapping

import numpy as np

from gatesviz.limits import TYPED_CHARACTERS, UPLOAD_BYTES
from gatesviz.sequences.characters import check_text, shown
from gatesviz.sequences.columns import (
    LARGEST,
    Column,
    Misfit,
    could_group_by_dots,
    has_decimal_comma,
    header_names,
    is_missing,
    is_number,
    is_too_large,
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
from gatesviz.sequences.encodings import check_bytes, decoded
from gatesviz.sequences.json_rows import check_json, json_rows
from gatesviz.sequences.rows import Rows, read_rows
from gatesviz.sequences.table import Table
from gatesviz.sequences.typed import number_rows

_DATE_NAMES = frozenset({"date", "datetime", "day", "month", "year", "time", "timestamp"})
_COUNTED = 1_000  # cells that say whether a refused column holds mostly numbers
_TOTAL = re.compile(
    r"(grand |sub ?)?totals?|sums?|means?|averages?|summe|gesamt|somme|total général|suma",
    re.IGNORECASE,
)


def read_table(data: bytes, name: str) -> Table:
    """Read an uploaded table: CSV, JSON, or numbers alone.

    Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252, Latin-1. Separators: comma,
    semicolon, tab, bar, or spaces between numbers. The first row is the header, unless one of
    its cells is a number. JSON is a list of numbers, of rows or of objects, or an object of
    lists. Formulas (``=1+1``) are text and are never evaluated.

    `Table.notes` and `Column.note` say how the file was read. Rows that run from the newest date to
    the oldest are reversed. A last row named "Total" is left out.

    Raises:
        TypeError: if ``data`` are not bytes.
        ValueError: if the file is empty, too large or of another kind, has rows of different
            lengths, has no column of numbers, or is named ``.json`` and is not valid JSON; the
            sentence names the row or the columns.
    """
    check_bytes(data)
    if not data:
        raise ValueError("the file is empty: expected CSV text")
    UPLOAD_BYTES.check(len(data))
    text, encoding = decoded(data)
    check_json(text, name)
    note = () if encoding == "UTF-8" else (f"The file was read as {encoding}.",)
    return table_in(text, shown(name, 60), note)


def parse_table(text: str) -> Table:
    """Read a pasted table, by the rules of `read_table`.

    Raises:
        TypeError: if it is not a text.
        ValueError: as `read_table`, with the limit of a typed text.
    """
    check_text(text, "bytes of a file go to read_table(data, name)")
    if not text.strip():
        raise ValueError("the table is empty: expected at least one column of numbers")
    TYPED_CHARACTERS.check(len(text))
    return table_in(text, "Pasted table", ())


def table_in(text: str, name: str, notes: tuple[str, ...] = ()) -> Table:
    """Read a text as a table, by the rules of `read_table`."""
    return table_of(json_rows(text) or number_rows(text) or read_rows(text), name, notes)


def table_of(rows: Rows, name: str, notes: tuple[str, ...] = ()) -> Table:
    """Return the table of some rows, of which the first may be the header."""
    first = rows.row(0)
    names = header_names(first)
    notes += rows.notes
    if any(map(is_number, first)):
        names = header_names([""] * len(first))
        notes += ("No header was found, so the columns are numbered.", *_decimals(rows))
    else:
        rows = rows.part(slice(1, None))
    if not rows.numbers:
        raise ValueError(f"“{name}” has a header, but no rows below it")
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
    spoilt = tuple(name for name in refused if _mostly_numbers(by_name[name]))
    return Table(
        name, names, columns, refused, tuple(numbers), tuple(labels), source, notes, spoilt
    )


def _mostly_numbers(cells: list[str]) -> bool:
    """Return whether most cells that are not missing hold numbers; of a long column, of some."""
    some = [cell for cell in cells[:: 1 + len(cells) // _COUNTED] if not is_missing(cell)]
    return 2 * sum(is_number(cell) or is_too_large(cell) for cell in some) > len(some)


def _decimals(rows: Rows) -> tuple[str, ...]:
    """Return a note where two columns of digits could be one column with decimal commas."""
    if rows.separator != "," or len(rows.columns) != 2:
        return ()
    if not all(all(map(str.isdecimal, column)) for column in rows.columns):
        return ()
    first = ",".join(rows.row(0))
    return (f"“{first}” was read as two columns. Write decimals with a point, as in 1.5.",)


def _without_total(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows without a last row of totals, and a note if there was one."""
    word = next(filter(None, rows.row(-1)), "")
    place = rows.row(-1).index(word)
    if len(rows.numbers) < 3 or not _TOTAL.fullmatch(word) or word in rows.columns[place][:-1]:
        return rows, ()
    note = f"Row {rows.numbers[-1]:,}, “{shown(word)}”, is a total and was left out."
    return rows.part(slice(None, -1)), (note,)


def _sorted_out(
    by_name: Mapping[str, list[str]], rows: Rows
) -> tuple[dict[str, Column], dict[str, str]]:
    """Return the numeric columns, and for each other column why it is not numeric."""
    columns, refused = {}, {}
    for name, column in by_name.items():
        found = read_column(column, rows.separator)
        if isinstance(found, Misfit):
            cell, why = column[found.place], found.why
            if not why and is_too_large(cell):
                why = f"too large: every number must be within ±{LARGEST:.3g}"
            refused[name] = (
                f"row {rows.numbers[found.place]:,} holds “{shown(cell)}”{why and f', {why}'}"
            )
        elif np.isnan(found.values).all():
            refused[name] = "it has no values"
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
    """Return a label for each row, and the order of the dates, from one or several columns."""
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

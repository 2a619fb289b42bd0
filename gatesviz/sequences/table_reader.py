"""Read tables: CSV, JSON, or numbers alone."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from gatesviz.limits import TYPED_CHARACTERS, UPLOAD_BYTES
from gatesviz.sequences.characters import check_text, shown
from gatesviz.sequences.columns import (
    LARGEST,
    Column,
    Misfit,
    could_group,
    decimal_sign,
    header_names,
    is_infinite,
    is_missing,
    is_number,
    is_too_large,
    read_column,
    shown_number,
    unsure_note,
)
from gatesviz.sequences.encodings import check_bytes, decoded
from gatesviz.sequences.inner_totals import without_headings, without_inner_totals
from gatesviz.sequences.json_rows import check_json, json_rows
from gatesviz.sequences.row_labels import is_dated, label_column, labelled
from gatesviz.sequences.rows import Rows, read_rows
from gatesviz.sequences.sentinels import with_hints
from gatesviz.sequences.table import Table
from gatesviz.sequences.totals import sums_up, without_totals
from gatesviz.sequences.typed import number_rows

_YEAR_STEPS = (1, 2, 4, 5, 10)  # between columns that are years
_EXACT = 2.0**53  # up to here, float64 tells any two whole numbers apart
_COUNTED = 1_000  # cells that say whether a refused column holds mostly numbers


def read_table(data: bytes, name: str, *, worded: bool = False) -> Table:
    """Read an uploaded table: CSV, JSON, or numbers alone.

    Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252, Latin-1. Separators: comma,
    semicolon, tab, bar, or spaces between numbers. The first row is the header, unless one of
    its cells is a number. Years in even steps are names, too, above rows that begin with a word.
    JSON is a list of numbers, of rows or of objects, or an object of
    lists. Formulas (``=1+1``) are text and are never evaluated.

    `Table.notes` and `Column.note` say how the file was read. Rows that run from the newest date to
    the oldest are reversed. Rows that are totals or means are left out. Where dates are not
    understood or a row only may be a total, a note says so and the rows stay as they are.

    Args:
        data: of the file.
        name: of the file.
        worded: whether texts are read: `Table.words` has every column, and a table without a column
            of numbers is one, too.

    Raises:
        TypeError: if ``data`` are not bytes.
        ValueError: if the file is empty, too large or of another kind, has rows of different
            lengths, has no column of numbers, or is named ``.json`` and is not valid JSON; the
            message names the row or the columns.
    """
    check_bytes(data)
    if not data:
        raise ValueError("the file is empty: expected CSV text")
    UPLOAD_BYTES.check(len(data))
    text, encoding = decoded(data)
    check_json(text, name)
    note = () if encoding == "UTF-8" else (f"The file was read as {encoding}.",)
    return table_in(text, shown(name, 60), note, worded=worded)


def parse_table(text: str, *, worded: bool = False) -> Table:
    """Read a pasted table, by the rules of `read_table`.

    Raises:
        TypeError: if it is not a text.
        ValueError: as `read_table`, with the limit of a typed text.
    """
    check_text(text, "bytes of a file go to read_table(data, name)")
    if not text.strip():
        raise ValueError("the table is empty: expected at least one column of numbers")
    TYPED_CHARACTERS.check(len(text))
    return table_in(text, "Pasted table", (), worded=worded)


def table_in(text: str, name: str, notes: tuple[str, ...] = (), *, worded: bool = False) -> Table:
    """Read a text as a table, by the rules of `read_table`."""
    rows = json_rows(text) or number_rows(text) or read_rows(text)
    return table_of(rows, name, notes, worded=worded)


def table_of(rows: Rows, name: str, notes: tuple[str, ...] = (), *, worded: bool = False) -> Table:
    """Return the table of some rows, of which the first may be the header."""
    names, rows, about_names = _headed(rows)
    notes += (*rows.notes, *about_names)
    if not rows.numbers:
        raise ValueError(f"“{name}” has a header, but no rows below it")
    rows, headings = without_headings(rows)
    rows, inner = without_inner_totals(rows)
    rows, totals = without_totals(rows)
    by_name = dict(zip(names, rows.columns, strict=True))
    columns, refused = _sorted_out(by_name, rows)
    if not columns and not worded:
        found = "; ".join(f"“{column}” ({why})" for column, why in list(refused.items())[:5])
        more = f" and {len(refused) - 5:,} more" if len(refused) > 5 else ""
        raise ValueError(f"no column of “{name}” holds only numbers: {found}{more}")
    source = label_column(by_name, columns)
    dated = source is not None and is_dated(source, by_name, columns)
    is_total, about = sums_up(rows, columns, by_name, source, dated=dated)
    if is_total:
        rows = rows.part(slice(None, -1))
        by_name = {name: cells[:-1] for name, cells in by_name.items()}
        columns = {name: Column(c.values[:-1], c.note) for name, c in columns.items()}
    labels, run = labelled(source, by_name, columns, rows.numbers)
    numbers = rows.numbers
    if run.reverse:
        numbers, labels = numbers[::-1], labels[::-1]
        columns = {name: Column(c.values[::-1], c.note) for name, c in columns.items()}
    notes = (*notes, *headings, *inner, *totals, *run.notes, *filter(None, [about]))
    spoilt = tuple(name for name in refused if _mostly_numbers(by_name[name]))
    kept = [*refused, *(name for name in columns if worded or _is_rounded(columns[name]))]
    words = {name: tuple(by_name[name][:: -1 if run.reverse else 1]) for name in kept}
    return Table(
        name, names, columns, refused, tuple(numbers), tuple(labels), source, notes, spoilt, words
    )


def _headed(rows: Rows) -> tuple[tuple[str, ...], Rows, tuple[str, ...]]:
    """Return the names of the columns, the rows below the header, and a note on the header."""
    first, below = rows.row(0), rows.part(slice(1, None))
    if not rows.numbers[0] or not _holds_numbers(first):
        return header_names(first), below, ()
    if any(map(is_number, first)) and _names_years(rows):
        about = "The first row is the header: its numbers are years in order."
        return header_names(first), below, (about,)
    about = "No header was found, so the columns are numbered."
    return header_names([""] * len(first)), rows, (about,)


def _holds_numbers(cells: list[str]) -> bool:
    """Return whether a row holds a number, also one too large, or nothing but infinities."""
    if any(is_number(cell) or is_too_large(cell) for cell in cells):
        return True
    return all(is_infinite(cell) or is_missing(cell) for cell in cells) and any(
        map(is_infinite, cells)
    )


def _names_years(rows: Rows) -> bool:
    """Return whether the first row names columns of years, as in ``country,2019,2020,2021``.

    Two or more years in even steps must follow one or more words. Each row below must begin with a
    word and hold numbers under the years, not all of them years, too.
    """
    first = rows.row(0)
    words = next(place for place, cell in enumerate(first) if is_number(cell))
    years = first[words:]
    if not words or len(years) < 2 or not all(map(_is_year, years)):
        return False
    steps = {int(b) - int(a) for a, b in pairwise(years)}
    if len(steps) != 1 or abs(*steps) not in _YEAR_STEPS or len(rows.numbers) < 2:
        return False
    if any(is_number(cell) or is_missing(cell) for cell in rows.columns[0][1:]):
        return False
    below = zip(*(column[1:] for column in rows.columns[words:]), strict=True)
    for cells in below:
        given = [cell for cell in cells if not is_missing(cell)]
        if not all(map(is_number, given)) or (given and all(map(_is_year, given))):
            return False
    return True


def _is_year(cell: str) -> bool:
    return len(cell) == 4 and cell.isascii() and cell.isdecimal() and 1800 <= int(cell) <= 2100


def _mostly_numbers(cells: list[str]) -> bool:
    """Return whether most cells that are not missing hold numbers; of a long column, of some."""
    some = [cell for cell in cells[:: 1 + len(cells) // _COUNTED] if not is_missing(cell)]
    return 2 * sum(is_number(cell) or is_too_large(cell) for cell in some) > len(some)


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
            elif not why and is_infinite(cell):
                why = "not finite: every number must be finite"
            where = f"row {rows.numbers[found.place]:,}"
            refused[name] = f"{where} holds “{shown_number(cell)}”{why and f', {why}'}"
        elif np.isnan(found.values).all():
            refused[name] = "it has no values"
        else:
            columns[name] = found
    return with_hints(_settled(columns, by_name, rows)), refused


def _is_rounded(column: Column) -> bool:
    """Return whether a column may hold whole numbers of more digits than float64 keeps, as ids."""
    return bool((np.abs(column.values) >= _EXACT).any())


def _settled(
    columns: Mapping[str, Column], by_name: Mapping[str, list[str]], rows: Rows
) -> dict[str, Column]:
    """Return columns, with 1.234 and 1,234 read as the other columns show.

    Where these show nothing, or both signs, the note says what else the cells may mean.
    """
    signs = {name: decimal_sign(by_name[name]) for name in columns}
    found = {sign for name, sign in signs.items() if sign and not _is_exact(by_name[name], rows)}
    sure = next(iter(found)) if len(found) == 1 else ""
    marks = {
        name: mark
        for name, sign in signs.items()
        for mark in ".,"
        if not sign and not _is_exact(by_name[name], rows) and could_group(by_name[name], mark)
    }
    may_be = {".": _may_group(rows), ",": True}
    if rows.separator != "," and len({*marks.values()}) > 1:
        may_be["."] = True  # 1.234 next to 1,234: either of them groups
    settled = dict(columns)
    for name, mark in marks.items():
        cells, column = by_name[name], columns[name]
        if sure:
            again = read_column(cells, rows.separator, decimal=sure)
            settled[name] = again if isinstance(again, Column) else column
        elif found or may_be[mark]:
            settled[name] = Column(column.values, unsure_note(cells, column, mark))
    return settled


def _is_exact(cells: list[str], rows: Rows) -> bool:
    """Return whether a program wrote the numbers of a column, so that dots are decimal points."""
    return rows.exact and not any("," in cell for cell in cells)


def _may_group(rows: Rows) -> bool:
    """Return whether the dots in a table may group thousands: no comma separates its cells.

    Countries with decimal commas separate cells with semicolons, and spreadsheets with tabs.
    """
    return rows.separator in ";\t" or (len(rows.columns) == 1 and not rows.exact)

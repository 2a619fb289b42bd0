"""Split the text of a table into columns of cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gatesviz.limits import CSV_CELLS, CSV_COLUMNS, CSV_ROWS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import is_number

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_SEP_LINE = re.compile(r'[ \t]*"?sep=([,;|\t])"?[ \t]*(?=[\r\n]|$)', re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*#(?!N/?A\b|[A-Z]+/?0?[!?])", re.IGNORECASE)  # #N/A is a cell
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
_END = [""]  # marks the end: no row equals it
_CHUNK = 8_192  # rows read at a time: rows take twice the memory of columns


@dataclass(frozen=True, eq=False)
class Rows:
    """The cells of a table, column by column.

    Attributes:
        separator: the character between cells; " " means a run of spaces.
        numbers: row numbers as in a spreadsheet, from 1; blank rows and comments count.
        columns: the cells of each column, stripped of spaces.
        notes: what was left out.
    """

    separator: str
    numbers: list[int]
    columns: list[list[str]]
    notes: tuple[str, ...]

    def row(self, place: int) -> list[str]:
        """Return the cells of one row."""
        return [column[place] for column in self.columns]

    def part(self, rows: slice) -> "Rows":
        """Return some of the rows."""
        columns = [column[rows] for column in self.columns]
        return replace(self, numbers=self.numbers[rows], columns=columns)


def read_rows(text: str) -> Rows:
    """Return the cells of ``text`` without blank lines and comments, which begin with #.

    A first line like ``sep=;`` names the separator. Otherwise the first of tab, semicolon, bar and
    comma is used that gives the first twenty rows the same number of cells, two or more. Next come
    runs of spaces between numbers, and finally commas. Empty cells at the ends of all rows are
    dropped.

    Raises:
        ValueError: if the text is empty, too large, holds a NUL character, or has a row with more
            or fewer cells than the first; the sentence names the row.
    """
    if "\0" in text:
        raise ValueError(
            "the table holds a NUL character: it is not text, or UTF-16 without a byte order mark"
        )
    text = _without_end(text.removeprefix("\ufeff"))
    CSV_ROWS.check(1 + max(text.count("\n"), text.count("\r")))
    declared = _SEP_LINE.match(text)
    if declared:
        text = text[declared.end() :]
    lines, comments = _lines(text)
    separator = declared[1] if declared else separator_of(lines)
    if separator == " " and all(_SPACED.fullmatch(line.strip()) for line in lines if line.strip()):
        first = shown(next(filter(None, map(str.strip, lines))))
        raise ValueError(
            f"“{first}” can be one number with grouped thousands, or several columns: write the"
            " numbers without spaces, or separate the columns with semicolons"
        )
    notes = [f"The first line says that {NAMES[separator]} separate the cells."] if declared else []
    if comments:
        lines_that = "line that begins" if comments == 1 else "lines that begin"
        notes.append(f"Left out as comments: {comments:,} {lines_that} with #.")
    return _columns(lines, separator, notes)


def separator_of(lines: list[str]) -> str:
    """Return the separator of a table."""
    for separator in "\t;|,":
        widths = _widths(lines, separator)
        if len(widths) == 1 and widths != {1}:
            return separator
    first = next((line for line in lines if line.strip()), "")
    if not any(mark in first for mark in "\t;|,") and _spaces_separate(lines):
        return " "
    # a table with uneven rows still names its own separator
    return max(",;\t|", key=first.count)


def _without_end(text: str) -> str:
    """Return ``text`` without rows at its end that hold only separators."""
    end = len(text.rstrip(",;|\t\r\n "))
    stop = min((place for mark in "\r\n" if (place := text.find(mark, end)) >= 0), default=None)
    return text[:stop] if end else ""


def _lines(text: str) -> tuple[list[str], int]:
    """Return the lines of ``text``, with comments made blank, and the number of comments.

    Within quotes nothing is a comment. Where most rows begin with #, the sign belongs to the data.
    """
    lines = io.StringIO(text, newline="").readlines()
    if "#" not in text:
        return lines, 0
    comments, quoted = [], False
    for place, line in enumerate(lines):
        if not quoted and _COMMENT.match(line):
            comments.append(place)
        else:
            quoted ^= line.count('"') % 2 == 1
    blank = set(comments)
    rows = [place for place, line in enumerate(lines) if place not in blank and line.strip()]
    if not rows or (len(comments) > len(rows) and comments[-1] > rows[0]):
        return lines, 0
    above = [place for place in comments if place < rows[0]]
    bare = ["\n" if place in blank else line for place, line in enumerate(lines)]
    if above and _is_heading(lines[above[-1]], bare):
        bare[above[-1]] = lines[above[-1]].replace("#", " ", 1)
    return bare, sum(bare[place] == "\n" for place in comments)


def _is_heading(comment: str, lines: list[str]) -> bool:
    """Return whether a comment names the columns of the rows below, as numpy.savetxt writes it."""
    separator = separator_of(lines)
    _, first = next(split_rows(lines, separator))
    named = next(split_rows([comment.replace("#", " ", 1)], separator), (0, []))[1]
    return (
        len(named) == len(first)
        and any(map(is_number, map(str.strip, first)))
        and not any(is_number(name) or not name for name in map(str.strip, named))
    )


def _widths(lines: list[str], separator: str) -> set[int]:
    """Return the numbers of cells of the first twenty rows."""
    try:
        rows = [row for _, row in islice(split_rows(lines, separator), 20)]
    except ValueError:
        return set()
    return {len(row) for row in rows}


def _spaces_separate(lines: list[str]) -> bool:
    """Return whether runs of spaces separate numbers in each of the first rows."""
    rows = [row for _, row in islice(split_rows(lines, " "), 21)]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    below = rows[1:] or rows
    return all(any(map(is_number, column)) for column in zip(*below, strict=True)) and all(
        sum(map(is_number, row)) * 2 >= len(row) for row in below
    )


def split_rows(lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row that is not blank.

    Raises:
        ValueError: if the quotes of a row do not close, or a cell has more than 131,072 characters.
    """
    if separator == " ":
        yield from ((n, row) for n, line in enumerate(lines, 1) if (row := line.split()))
        return
    reader = csv.reader(lines, delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader, _END)
        except csv.Error as error:
            raise ValueError(f"row {number} cannot be read: {shown(str(error), 80)}") from None
        if row is _END:
            return
        if row and (row[0].strip() or any(map(str.strip, row))):
            yield number, row


def _columns(lines: list[str], separator: str, notes: list[str]) -> Rows:
    rows = split_rows(lines, separator)
    number, first = next(rows, (0, []))
    if not first:
        raise ValueError("the table is empty: expected at least one column of numbers")
    width = CSV_COLUMNS.check(len(first))
    named = max(i for i, cell in enumerate(first, 1) if cell.strip())
    numbers, columns, longer = [number], [[cell.strip()] for cell in first], False
    while chunk := [*islice(rows, _CHUNK)]:
        if {len(row) for _, row in chunk} != {width}:
            longer |= any(len(row) > width for _, row in chunk)
            chunk = [(n, _fitted(n, row, width, named, separator)) for n, row in chunk]
        CSV_CELLS.check((len(numbers) + len(chunk)) * width)
        numbers += [number for number, _ in chunk]
        for column, cells in zip(
            columns, zip(*(row for _, row in chunk), strict=True), strict=True
        ):
            column += map(str.strip, cells)
    while len(columns) > named and not any(columns[-1]):
        columns.pop()
        longer = True
    if longer:
        notes.append("Empty cells at the ends of rows were left out.")
    return Rows(separator, numbers, columns, tuple(notes))


def _fitted(number: int, row: list[str], width: int, named: int, separator: str) -> list[str]:
    """Return a row with as many cells as the first, adding or dropping empty cells.

    Raises:
        ValueError: if cells with values are missing or left over.
    """
    if len(row) == width:
        return row
    if named <= len(row) < width:
        return row + [""] * (width - len(row))
    if len(row) > width and not any(map(str.strip, row[width:])):
        return row[:width]
    raise ValueError(
        f"row {number:,} has {len(row):,} cell{'s' * (len(row) != 1)}, the first row {width:,}"
        f" (separated by {NAMES[separator]}): every row needs the same number"
    )

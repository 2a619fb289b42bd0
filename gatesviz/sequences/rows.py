"""From the text of a table to its columns of cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gatesviz.limits import CSV_CELLS, CSV_COLUMNS, CSV_ROWS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import is_number

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_SAID = re.compile(r'[ \t]*"?sep=([,;|\t])"?[ \t]*(?=[\r\n]|$)', re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*#(?!N/?A\b|[A-Z]+/?0?[!?])", re.IGNORECASE)  # #N/A is a cell
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
_END = [""]  # a row that no reader returns
_CHUNK = 8_192  # rows held as lists at a time: columns of cells take half of their memory


@dataclass(frozen=True, eq=False)
class Rows:
    """The cells of a table, column by column.

    Attributes:
        separator: what stands between cells; " " is a run of blanks.
        numbers: of each row, as a spreadsheet counts them from 1, blank rows and comments too.
        columns: the cells of each column, without the blanks around them.
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
        kept = [column[rows] for column in self.columns]
        return replace(self, numbers=self.numbers[rows], columns=kept)


def read_rows(text: str) -> Rows:
    """Return the cells of ``text``. Blank lines and lines that begin with # are left out.

    A first line like ``sep=;`` names the separator. Otherwise it is the one of tab, semicolon,
    bar or comma that gives the first twenty rows the same number of cells, two or more; then
    runs of blanks between numbers; commas otherwise. Separators at the ends of rows are left
    out if nothing stands behind them in any row.

    Raises:
        ValueError: if there is nothing, too much, a NUL, or a row with more or fewer cells than
            the first; the sentence says which row.
    """
    if "\0" in text:
        raise ValueError(
            "the table holds a NUL character: it is not text, or UTF-16 without a byte order mark"
        )
    text = _without_end(text.removeprefix("\ufeff"))
    CSV_ROWS.check(1 + max(text.count("\n"), text.count("\r")))
    said = _SAID.match(text)
    if said:
        text = text[said.end() :]
    lines, comments = _lines(text)
    separator = said[1] if said else separator_of(lines)
    if separator == " " and all(_SPACED.fullmatch(line.strip()) for line in lines if line.strip()):
        first = shown(next(filter(None, map(str.strip, lines))))
        raise ValueError(
            f"“{first}” can be one number with its thousands apart, or several columns: write the"
            " numbers without blanks, or separate the columns with semicolons"
        )
    notes = [f"The first line says that {NAMES[separator]} separate the cells."] if said else []
    if comments:
        lines_that = "line that begins" if comments == 1 else "lines that begin"
        notes.append(f"Left out as comments: {comments:,} {lines_that} with #.")
    return _columns(lines, separator, notes)


def separator_of(lines: list[str]) -> str:
    """Return what separates the cells of a table."""
    for separator in "\t;|,":
        widths = _widths(lines, separator)
        if len(widths) == 1 and widths != {1}:
            return separator
    first = next((line for line in lines if line.strip()), "")
    if not any(mark in first for mark in "\t;|,") and _blanks_separate(lines):
        return " "
    # a ragged table is still told in its own separator
    return max(",;\t|", key=first.count)


def _without_end(text: str) -> str:
    """Return ``text`` without the rows at its end that hold nothing but separators."""
    end = len(text.rstrip(",;|\t\r\n "))
    stop = min((place for mark in "\r\n" if (place := text.find(mark, end)) >= 0), default=None)
    return text[:stop] if end else ""


def _lines(text: str) -> tuple[list[str], int]:
    """Return the lines of ``text``, comments made blank, and how many comments there were.

    Within quotes nothing is a comment. Where most rows begin with the sign, it is theirs.
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
    """Whether a comment names the columns of the rows below, as numpy.savetxt writes it."""
    separator = separator_of(lines)
    _, first = next(split_rows(lines, separator))
    named = next(split_rows([comment.replace("#", " ", 1)], separator), (0, []))[1]
    return (
        len(named) == len(first)
        and any(map(is_number, map(str.strip, first)))
        and not any(is_number(name) or not name for name in map(str.strip, named))
    )


def _widths(lines: list[str], separator: str) -> set[int]:
    """Return how many cells the first twenty rows have."""
    try:
        rows = [row for _, row in islice(split_rows(lines, separator), 20)]
    except ValueError:
        return set()
    return {len(row) for row in rows}


def _blanks_separate(lines: list[str]) -> bool:
    """Whether runs of blanks stand between numbers, in every one of the first rows."""
    rows = [row for _, row in islice(split_rows(lines, " "), 21)]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    below = rows[1:] or rows
    return all(any(map(is_number, column)) for column in zip(*below, strict=True)) and all(
        sum(map(is_number, row)) * 2 >= len(row) for row in below
    )


def split_rows(lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with its number.

    Raises:
        ValueError: if the quotes of a row do not close, or a cell is longer than 131,072 letters.
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
        raise ValueError("the table is empty: at least one column of numbers is wanted")
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
        notes.append("Separators at the ends of rows, with nothing behind them, were left out.")
    return Rows(separator, numbers, columns, tuple(notes))


def _fitted(number: int, row: list[str], width: int, named: int, separator: str) -> list[str]:
    """Return a row with as many cells as the first, if only cells without a value differ.

    Raises:
        ValueError: if others do.
    """
    if len(row) == width:
        return row
    if named <= len(row) < width:
        return row + [""] * (width - len(row))
    if len(row) > width and not any(map(str.strip, row[width:])):
        return row[:width]
    raise ValueError(
        f"row {number:,} has {len(row):,} cell{'s' * (len(row) != 1)}, the first row {width:,}"
        f" (separated by {NAMES[separator]}): every row must have as many"
    )

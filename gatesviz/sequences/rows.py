"""Split the text of a table into columns of cells."""

import io
import re
from dataclasses import dataclass, replace
from itertools import chain, compress, islice, pairwise

from gatesviz.limits import CSV_CELLS, CSV_COLUMNS, CSV_ROWS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import is_missing, is_number
from gatesviz.sequences.commas import COMMAS, TwoReadingsError, could_be_single, meanings
from gatesviz.sequences.separators import LOOKED_AT, NAMES, WORD, separator_of, split_rows

_SEP_LINE = re.compile(r'[ \t]*"?sep=([,;|\t])"?[ \t]*(?=[\r\n]|$)', re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*#(?!N/?A\b|[A-Z]+/?0?[!?])", re.IGNORECASE)  # #N/A is a cell
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_CHUNK = 8_192  # rows read at a time: rows take twice the memory of columns


@dataclass(frozen=True, eq=False)
class Rows:
    """The cells of a table, column by column.

    Attributes:
        separator: the character between cells; " " means a run of spaces.
        numbers: row numbers as in a spreadsheet, from 1; blank rows and comments count. 0 is a row
            of names that is surely the header.
        columns: the cells of each column, stripped of spaces.
        notes: what was left out.
        exact: whether the numbers were written by a program, so that a dot is a decimal point.
    """

    separator: str
    numbers: list[int]
    columns: list[list[str]]
    notes: tuple[str, ...]
    exact: bool = False

    def row(self, place: int) -> list[str]:
        """Return the cells of one row."""
        return [column[place] for column in self.columns]

    def part(self, rows: slice) -> "Rows":
        """Return some of the rows."""
        columns = [column[rows] for column in self.columns]
        return replace(self, numbers=self.numbers[rows], columns=columns)

    def without(self, places: set[int]) -> "Rows":
        """Return the other rows than those at some places, counted from 0."""
        kept = [k not in places for k in range(len(self.numbers))]
        columns = [[*compress(column, kept)] for column in self.columns]
        return replace(self, numbers=[*compress(self.numbers, kept)], columns=columns)


def read_rows(text: str) -> Rows:
    """Return the cells of ``text`` without blank lines and comments, which begin with #.

    A first line like ``sep=;`` names the separator. Otherwise the first of tab, semicolon, bar and
    comma is used that gives the first twenty rows the same number of cells, two or more. Next come
    runs of spaces between numbers, and finally commas. Empty cells at the ends of all rows are
    dropped. Where the names of the columns don't tell, `commas.meanings` says whether a comma
    separates cells or belongs to a number.

    Raises:
        ValueError: if the text is empty, too large, holds a NUL character, has a row with more or
            fewer cells than the first, or commas with several possible meanings; the sentence
            names the row.
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
    if separator == "," and not declared and "," in text:
        separator = _around_commas(lines)
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
    rows = _columns(lines, separator, notes)
    if separator != "," or declared:
        return rows
    return replace(rows, notes=(*rows.notes, *_about_last_cells(rows)))


def _around_commas(lines: list[str]) -> str:
    """Return the separator of lines with commas, which may be parts of numbers.

    "," means that commas separate cells, ";" that every line is one number, " " that every word is.

    Raises:
        ValueError: if this is not certain; the message names the first such line.
    """
    filled = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    number, first = next(filled, (0, ""))
    names = [*map(str.strip, first.split(","))]
    headed = not any(map(is_number, names)) and not could_be_single(first.strip())
    if headed and len(names) > 1:
        return ","
    below = chain([] if headed else [(number, first)], filled)
    beginning = [(n, WORD.findall(line)) for n, line in islice(below, LOOKED_AT)]
    seen = [word for _, words in beginning for word in words]
    if not any(map(could_be_single, seen)):
        return ","
    rows = [*beginning, *((n, WORD.findall(line)) for n, line in below)]
    rows = [(n, words) for n, words in rows if not is_missing(" ".join(words))]
    spaced = any(len(words) > 1 for _, words in rows)
    if spaced and not all(is_number(word) or could_be_single(word) for word in seen):
        return ","
    ways = meanings([word.removesuffix(",") for _, words in rows for word in words])
    if ways == COMMAS[:1]:
        return ","
    trailing = any(word.endswith(",") for _, words in rows for word in words)
    uneven = len({sum(word.count(",") for word in words) for _, words in rows}) > 1
    if headed or uneven or (spaced and not trailing):
        ways = tuple(way for way in ways if way != COMMAS[0])
    if len(ways) == 1 and not trailing:
        return " " if spaced else ";"
    raise _unclear(rows, ways)


def _about_last_cells(rows: Rows) -> tuple[str, ...]:
    """Return a note where a number may have been cut in cells, and no name shows that it wasn't.

    Raises:
        ValueError: if the cells after a label can only be one number, as in ``Jan,1,000``.
    """
    first = rows.row(0)
    if not first[-1] and not any(map(is_number, first)):
        return _about_unnamed(rows)
    start = max((k for k, cell in enumerate(first, 1) if not is_number(cell)), default=0)
    if not 0 < start < len(first):
        return ()
    if start == len(first) - 1:
        return _about_ends(rows, start)
    if not could_be_single(",".join(first[start:])):
        return ()
    words = [*map(",".join, zip(*rows.columns[start:], strict=True))]
    ways = meanings(words)
    if ways == COMMAS[:1] or all(map(_YEAR.fullmatch, first[start:])):
        return ()
    if COMMAS[0] not in ways:
        raise _unclear([(n, [word]) for n, word in zip(rows.numbers, words, strict=True)], ways)
    return (
        f"“{shown(words[0])}” was read as {len(first) - start:,} cells. If it is one number, write"
        " it in quotes.",
    )


def _about_unnamed(rows: Rows) -> tuple[str, ...]:
    """Return a note where numbers may go on in a column without a name: 1,234 below ``date,v,``."""
    start = max((k for k, cell in enumerate(rows.row(0)) if cell), default=0)
    cells = zip(*(column[1:] for column in rows.columns[start:]), strict=True)
    words = [word for each in cells if (word := ",".join(filter(None, each)))]
    cut = next(filter(could_be_single, words), "")
    if not cut or not all(could_be_single(word) or is_number(word) for word in words):
        return ()
    count = len(rows.columns) - start
    return (
        f"“{shown(cut)}” was read as {count:,} cells. If it is one number, write it in quotes.",
    )


def _about_ends(rows: Rows, start: int) -> tuple[str, ...]:
    """Return a note where all labels end in a number, which the comma may belong to: Jan 1,5."""
    labels, last = rows.columns[start - 1 : start + 1]
    ends = [label.split()[-1] if " " in label else "" for label in labels]
    whole = [f"{end},{cell}" for end, cell in zip(ends, last, strict=True)]
    if all(map(_YEAR.fullmatch, ends)) or not all(map(could_be_single, whole)):
        return ()
    return (
        f"“{shown(f'{labels[0]},{last[0]}')}” was read as 2 cells. If “{shown(whole[0])}” is one"
        " number, write it in quotes after a comma.",
    )


def _unclear(rows: list[tuple[int, list[str]]], ways: tuple[str, ...]) -> TwoReadingsError:
    """Return the error for rows whose commas have several possible meanings."""
    number, word = next((n, w) for n, words in rows for w in words if could_be_single(w))
    word = " ".join(word.split())  # without spaces that look like others
    how = "as one number or several"
    if len(ways) > 1:
        how = f"in {len(ways)} ways: commas {' or '.join(ways)}"
    names = ",".join(map("c{}".format, range(1, 2 + word.count(","))))
    name = f"If commas separate columns, add a first row with their names, such as {names}. "
    return TwoReadingsError(
        f"row {number:,} holds “{shown(word)}”, which can be read {how}."
        f" {name if COMMAS[0] in ways else ''}Write decimals with a point, as in 1.5, and thousands"
        " without commas",
        ways,
    )


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
        bare[above[-1]] = _uncommented(lines[above[-1]], separator_of(bare))
    return bare, sum(bare[place] == "\n" for place in comments)


def _is_heading(comment: str, lines: list[str]) -> bool:
    """Return whether a comment names the columns of the rows below, as numpy.savetxt writes it."""
    separator = separator_of(lines)
    first = next(split_rows(lines, separator), (0, []))[1]
    named = next(split_rows([_uncommented(comment, separator)], separator), (0, []))[1]
    return (
        len(named) == len(first)
        and any(map(is_number, map(str.strip, first)))
        and not any(is_number(name) or not name for name in map(str.strip, named))
    )


def _uncommented(comment: str, separator: str) -> str:
    """Return a comment without its #, unless that is a whole cell, the name of the first column."""
    alone = separator.strip() and comment.lstrip()[1:].lstrip(" ").startswith(separator)
    return comment if alone else comment.replace("#", " ", 1)


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
        f"{_about_commas(row) if separator == ',' and len(row) > width else ''}"
    )


def _about_commas(row: list[str]) -> str:
    """Return what to do about a number with a comma in a row with too many cells; "" if none."""
    pairs = map(",".join, pairwise(map(str.strip, row)))
    number = next(filter(could_be_single, pairs), "")
    return number and f". If “{shown(number)}” is one number, write it in quotes"

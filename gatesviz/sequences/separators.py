"""What separates the cells of a table, and the cells of each line."""

import csv
import re
from collections.abc import Iterator
from itertools import islice

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import is_number

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
WORD = re.compile(r"(?:\S|(?<=[0-9])[\u00a0\u202f](?=[0-9]{3}(?![0-9])))+")
"""A word; a space that doesn't break a line groups thousands within it."""
_END = [""]  # marks the end: no row equals it
LOOKED_AT = 20  # rows that decide what separates cells


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


def split_rows(lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row that is not blank.

    In a table of one column, a row that holds only ``""`` is a missing value.

    Raises:
        ValueError: if the quotes of a row do not close, or a cell has more than 131,072 characters.
    """
    if separator == " ":
        yield from ((n, row) for n, line in enumerate(lines, 1) if (row := WORD.findall(line)))
        return
    reader = csv.reader(lines, delimiter=separator)
    number, width = 0, 0
    while True:
        number += 1
        try:
            row = next(reader, _END)
        except csv.Error as error:
            raise ValueError(f"row {number:,} {_in_words(error)}") from None
        if row is _END:
            return
        if row and (row[0].strip() or any(map(str.strip, row)) or (width == 1 and row == [""])):
            width = width or len(row)
            yield number, row


def _in_words(error: csv.Error) -> str:
    if not str(error).startswith("field larger"):
        return f"cannot be read: {shown(str(error), 80)}"
    return (
        f"holds a cell of more than {csv.field_size_limit():,} characters: expected at most that"
        " many. Shorten the cell, or close its quotation mark"
    )


def _widths(lines: list[str], separator: str) -> set[int]:
    """Return the numbers of cells of the first twenty rows."""
    try:
        rows = [row for _, row in islice(split_rows(lines, separator), LOOKED_AT)]
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

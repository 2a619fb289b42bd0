"""Numbers alone, in lines of any length, as one series."""

from gatesviz.limits import CSV_ROWS
from gatesviz.sequences.rows import Rows
from gatesviz.sequences.typed import Numbers, read_numbers

LETTERS = frozenset("0123456789+-.eE \t\r\n")
_ONE_LINE = LETTERS | {",", ";"}


def number_rows(text: str) -> Rows | None:
    """Return a single line of numbers, or lines of different counts, as one column.

    None if ``text`` holds anything but numbers with blanks between them, or as many in each
    line: then it is a table.
    """
    if not text.strip() or text.count("\n") > CSV_ROWS.high:
        return None
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) == 1:
        several = len(lines[0].replace(",", " ").replace(";", " ").split()) > 1
        return as_rows(read_numbers(text)) if several and _ONE_LINE.issuperset(text) else None
    if not LETTERS.issuperset(text) or len({len(line.split()) for line in lines}) == 1:
        return None
    return as_rows(read_numbers(text))


def as_rows(found: Numbers) -> Rows:
    """Return numbers as a column "value"."""
    CSV_ROWS.check(max(1, len(found.values)))
    cells = ["value", *map(repr, found.values.tolist())]
    note = f"The file was read as one series of {len(found.values):,} numbers, line after line."
    return Rows(",", [*range(len(cells))], [cells], (*found.notes, note))

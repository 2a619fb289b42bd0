"""Read an uploaded file as a table, as numbers or as text."""

from collections import Counter
from itertools import islice
from typing import Literal, NamedTuple, get_args

from gatesviz.limits import UPLOAD_BYTES
from gatesviz.sequences.columns import is_missing, is_number
from gatesviz.sequences.encodings import check_bytes, decoded
from gatesviz.sequences.json_rows import check_json, is_named_json, json_rows
from gatesviz.sequences.separators import separator_of, split_rows
from gatesviz.sequences.table import Table
from gatesviz.sequences.table_reader import read_table, table_of
from gatesviz.sequences.typed import LETTERS, as_rows, number_rows, read_numbers

Kind = Literal["table", "numbers", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LOOKED_AT = 50  # rows that decide whether it is a table
_COMMAS_TOO = LETTERS | {","}
_BEGINNING = 100_000  # characters to look for them in


class Found(NamedTuple):
    """What a file holds.

    Attributes:
        kind: how it was read.
        content: the text or the table; numbers are a table with the single column "value".
        notes: how a text was read; a table has its own notes.
    """

    kind: Kind
    content: Table | str
    notes: tuple[str, ...] = ()


def read_file(data: bytes, name: str, kind: Kind | None = None) -> Found:
    """Read a file as ``kind``, or as its content suggests.

    The name counts only where the content allows both: ``.csv`` and ``.tsv`` mean a table.

    Raises:
        TypeError: if ``data`` are not bytes.
        ValueError: if it is empty, too large, of another kind (an archive, a picture, …), holds
            NUL characters, cannot be read as its kind, or is named ``.json`` and is not valid JSON.
    """
    check_bytes(data)
    if not data:
        raise ValueError("the file is empty: expected a table, numbers or a text")
    UPLOAD_BYTES.check(len(data))
    text, encoding = decoded(data)
    if "\0" in text:
        raise ValueError(f"{name} holds NUL characters, so it is not text")
    if kind is None:
        check_json(text, name)
    kind = kind or kind_of(text, name)
    if kind == "numbers":
        return Found(kind, table_of(as_rows(read_numbers(text)), name))
    if kind == "table":
        return Found(kind, read_table(data, name))
    return Found(kind, text, () if encoding == "UTF-8" else (f"The file was read as {encoding}.",))


def kind_of(text: str, name: str = "") -> Kind:
    """Return what a text holds, judged by its content, then by its ``name``."""
    try:
        if json_rows(text) or number_rows(text) or _COMMAS_TOO.issuperset(text):
            return "table"
    except ValueError:  # lists that are not a table, or an unreadable number
        braced = text.lstrip().startswith("{") and not is_named_json(name)
        return "text" if braced else "table"
    named = name.lower().endswith((".csv", ".tsv"))
    return "table" if named or _looks_like_table(text) else "text"


def _looks_like_table(text: str) -> bool:
    """Return whether most of the first rows have equally many cells and columns of numbers."""
    lines = text[:_BEGINNING].splitlines(keepends=True)[: 4 * _LOOKED_AT]
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    try:
        rows = [row for _, row in islice(split_rows(lines, separator_of(lines)), _LOOKED_AT)]
    except ValueError:
        return False
    if len(rows) < 3:
        return False
    width, often = Counter(map(len, rows)).most_common(1)[0]
    if often < 0.8 * len(rows):
        return False
    below = [[cell.strip() for cell in row] for row in rows[1:] if len(row) == width]
    counted = [
        sum(is_number(cell) or (is_missing(cell) and bool(cell)) for cell in column)
        for column in zip(*below, strict=True)
    ]
    return max(counted) >= (0.6 if width > 1 else 0.9) * len(below)

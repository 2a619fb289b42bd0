"""From the bytes of an uploaded table to its text and its cells."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from gatesviz.limits import CSV_CELLS, CSV_COLUMNS
from gatesviz.sequences.characters import shown

_SIGNATURES = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}

Row = tuple[int, list[str]]  # its number, as a spreadsheet counts from 1, and its cells


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a table's bytes, and the encoding it was read in.

    Tried in this order: UTF-8; UTF-16, if it begins with a byte order mark; Windows-1252; and
    Latin-1, which always fits.

    Raises:
        ValueError: if the bytes are an archive or another known kind of file, or no text.
    """
    _refuse_other_files(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = [("utf-16", "UTF-16")]
    else:
        encodings = [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")]
    for codec, name in encodings:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise ValueError("the file begins like UTF-16 text, but is cut or damaged")


def cells(text: str) -> tuple[str, list[Row]]:
    """Return what separates the cells of ``text``, and its rows. Blank lines are left out.

    Semicolons or tabs are taken if they give the same number of cells, two or more, in each of
    the first twenty rows; commas otherwise.

    Raises:
        ValueError: if there is nothing, too much, a NUL, or a row with more or fewer cells than
            the first; the sentence says which row.
    """
    if "\0" in text:
        raise ValueError(
            "the table holds a NUL character: it is not text, or UTF-16 without a byte order mark"
        )
    separator = _separator(text)
    rows = _rows(text, separator)
    first = next(rows, None)
    if first is None:
        raise ValueError("the table is empty: at least one column of numbers is wanted")
    width = CSV_COLUMNS.check(len(first[1]))
    kept = [first, *islice(rows, CSV_CELLS.high // width)]
    if len(kept) * width > CSV_CELLS.high:
        raise ValueError(
            f"{CSV_CELLS.name}: more than {CSV_CELLS.high:,} given, which is the limit"
        )
    for number, row in kept:
        if len(row) != width:
            raise ValueError(
                f"row {number} has {len(row):,} cell{'s' * (len(row) > 1)}, the first row"
                f" {width:,} (separated by {_NAMES[separator]}): every row must have as many"
            )
    return separator, kept


def _refuse_other_files(data: bytes) -> None:
    kind = next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
    if data.startswith(b"PK\x03\x04"):
        excel = b"[Content_Types].xml" in data[:4096] or b"xl/" in data[:4096]
        kind = "an Excel workbook" if excel else "a zip archive"
    if kind:
        raise ValueError(f"the file is {kind}, whatever its name: save it as CSV text")


def _rows(text: str, separator: str) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            row = next(lines, None)
        except csv.Error as error:
            raise ValueError(f"row {number} cannot be read: {shown(str(error), 80)}") from None
        if row is None:
            return
        if any(map(str.strip, row)):
            yield number, [cell.strip() for cell in row]


def _separator(text: str) -> str:
    for separator in "\t;":
        try:
            widths = {len(row) for _, row in islice(_rows(text, separator), 20)}
        except ValueError:
            continue
        if len(widths) == 1 and widths != {1}:
            return separator
    # a ragged table is still told in its own separator
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)

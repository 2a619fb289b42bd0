"""Decode the bytes of a file, and recognise files that are not text by their first bytes."""

import codecs
from collections.abc import Mapping
from reprlib import repr as shortened

_SAVE_AS_CSV = "open it in a spreadsheet and save it as CSV (UTF-8)"
_UNPACK = "unpack it and bring the file inside"
_PICTURE = ("a picture", "use a file with the numbers or the text")

_BEGINNINGS: Mapping[bytes, tuple[str, str]] = {
    b"\x1f\x8b": ("a gzip archive", _UNPACK),
    b"BZh": ("a bzip2 archive", _UNPACK),
    b"\xfd7zXZ\x00": ("an xz archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "an old Office file, such as an .xls workbook",
        _SAVE_AS_CSV,
    ),
    b"PAR1": ("a Parquet file", 'save it as CSV with pandas.read_parquet(…).to_csv("data.csv")'),
    b"ARROW1": (
        "an Arrow or Feather file",
        'save it as CSV with pandas.read_feather(…).to_csv("data.csv")',
    ),
    b"\x93NUMPY": ("a NumPy array", 'save it as text with numpy.savetxt("data.txt", array)'),
    b"\x89HDF": ("an HDF5 file", 'save it as CSV with pandas.read_hdf(…).to_csv("data.csv")'),
    b"SQLite format 3\x00": ("an SQLite database", "export the table you need as CSV"),
    b"MATLAB 5.0 MAT-file": ("a MATLAB file", "save the variable with writematrix as CSV"),
    b"\x80\x02": ("a Python pickle, which can run code", "save its numbers as CSV"),
    b"\x80\x03": ("a Python pickle, which can run code", "save its numbers as CSV"),
    b"\x80\x04": ("a Python pickle, which can run code", "save its numbers as CSV"),
    b"\x80\x05": ("a Python pickle, which can run code", "save its numbers as CSV"),
    b"%PDF": ("a PDF document", "copy the text or the table out of it and paste it"),
    b"{\\rtf": ("a rich text document", "save it as plain text"),
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF87a": _PICTURE,
    b"GIF89a": _PICTURE,
    b"II*\x00": _PICTURE,
    b"MM\x00*": _PICTURE,
    b"ID3": ("a sound", "use a file with the numbers or the text"),
    b"OggS": ("a sound", "use a file with the numbers or the text"),
    b"fLaC": ("a sound", "use a file with the numbers or the text"),
    b"\x7fELF": ("a program", "use a file with the numbers or the text"),
}
_IN_RIFF: Mapping[bytes, str] = {b"WAVE": "a sound", b"WEBP": "a picture", b"AVI ": "a film"}
_IN_ZIP: Mapping[bytes, tuple[str, str]] = {
    b"xl/": ("an Excel workbook", _SAVE_AS_CSV),
    b"word/": ("a Word document", "save it as plain text"),
    b"ppt/": ("a PowerPoint file", "use a file with the numbers or the text"),
    b"opendocument.spreadsheet": ("an OpenDocument spreadsheet", _SAVE_AS_CSV),
    b"opendocument.text": ("an OpenDocument text", "save it as plain text"),
    b".npy": ("a NumPy archive", 'save an array as text with numpy.savetxt("data.txt", array)'),
    b"[Content_Types].xml": ("an Office file", _SAVE_AS_CSV),
}


def check_bytes(data: object) -> None:
    """Check that ``data`` are the bytes of a file.

    Raises:
        TypeError: if they are something else, such as a str.
    """
    if not isinstance(data, bytes):
        raise TypeError(
            f"data: expected the bytes of a file, as Path(name).read_bytes() returns them, got"
            f" {shortened(data)}"
        )


def refuse_other_files(data: bytes) -> None:
    """Refuse bytes that begin like a known type of file other than text.

    The file name does not matter: a workbook renamed to ``.csv`` is still a workbook.

    Raises:
        ValueError: the message says what the file is and what to do.
    """
    found = kind_of_bytes(data)
    if found:
        kind, advice = found
        raise ValueError(f"the file is {kind}, whatever its name: {advice}")


def kind_of_bytes(data: bytes) -> tuple[str, str] | None:
    """Return what a file is and what to do with it, or None if it may be text."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        edges = data[:4096] + data[-65_536:]  # the list of the files inside is at the end
        known = (kind for mark, kind in _IN_ZIP.items() if mark in edges)
        return next(known, ("a zip archive", _UNPACK))
    if data.startswith(b"RIFF") and data[8:12] in _IN_RIFF:
        return _IN_RIFF[data[8:12]], "use a file with the numbers or the text"
    if data[4:8] == b"ftyp":
        return "a film, a sound or a picture", "use a file with the numbers or the text"
    return next((kind for start, kind in _BEGINNINGS.items() if data.startswith(start)), None)


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding.

    The order is: UTF-16 if there is a byte order mark, else UTF-8, Windows-1252 and Latin-1, which
    always fits.

    Raises:
        ValueError: if the bytes are an archive or another known kind of file, or are not text.
    """
    refuse_other_files(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = [("utf-16", "UTF-16")]
    else:
        encodings = [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")]
    for codec, name in encodings:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise ValueError("the file begins like UTF-16 text, but is cut off or damaged")

"""The opener of files from anyone: safetensors, looked at before an array is read.

The format holds arrays and text and cannot run code. What else a file may hold to trip a reader
up ends here: dtypes that NumPy lacks, text that is no JSON, parts that do not fit.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gatesviz.limits import HEADER_PARTS
from gatesviz.recordings.atomic_write import check_path

REASON = 300
"""Characters of what is wrong with a file: it may quote the file, which may be long."""
Arrays = dict[str, np.ndarray[Any, Any]]


class Kind(NamedTuple):
    """What a file is written as, and what it may hold.

    Attributes:
        name: in a sentence: "recording".
        format, version: in its header.
        writer: the function that writes it.
        dtypes: safetensors' names of the dtypes that its arrays may have.
    """

    name: str
    format: str
    version: str
    writer: str
    dtypes: tuple[str, ...]


def opened(path: str | Path, kind: Kind) -> tuple[Mapping[str, str], Arrays]:
    """Return the header's texts and the arrays of the file at ``path``.

    Raises:
        TypeError: if ``path`` is no file name.
        ValueError: if it is no file of this kind, or a damaged one.
        OSError: if it cannot be opened.
    """
    check_path(path)
    from safetensors import SafetensorError, safe_open

    with Path(path).open("rb"):  # the operating system's own words for a missing file
        pass
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            _check_header(metadata, path, kind)
            names = list(file.keys())
            found = {name: file.get_slice(name).get_dtype() for name in names}
            _check_dtypes(found, path, kind)
            return metadata, {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise ValueError(f"{path} is no {kind.name}, or a damaged one: {error}") from error


@contextmanager
def taken_apart(path: str | Path, kind: Kind) -> Iterator[None]:
    """Turn what goes wrong with the parts of a file into one sentence, a ValueError.

    A ValueError's own words are kept, and so is the name of what is missing. Any other error
    speaks of Python and not of the file.
    """
    try:
        yield
    except Exception as error:
        reason = "its parts do not fit each other"
        if isinstance(error, KeyError):
            reason = f"{_short(error.args[0])} is missing"
        elif isinstance(error, ValueError):
            reason = _cut(str(error), REASON)
        raise ValueError(f"{path} is a damaged {kind.name}: {reason}") from error


def parsed(metadata: Mapping[str, str], name: str) -> Any:
    """Return the JSON under ``name``.

    Raises:
        KeyError: if there is none.
        ValueError: if it is no JSON, or one of thousands of levels or of more parts than
            `gatesviz.limits.HEADER_PARTS` allows.
    """
    HEADER_PARTS.check(1 + sum(map(metadata[name].count, ",[{")))
    try:
        return json.loads(metadata[name])
    except (ValueError, RecursionError):
        raise ValueError(f"{name!r} of its header is {_short(metadata[name])}, no JSON") from None


def _check_header(metadata: Mapping[str, str], path: str | Path, kind: Kind) -> None:
    found = metadata.get("format"), metadata.get("version")
    if found != (kind.format, kind.version):
        raise ValueError(
            f"{path} has the format {_short(found[0])}, version {_short(found[1])};"
            f" {kind.format!r}, version {kind.version!r} is wanted: a file written by {kind.writer}"
        )


def _check_dtypes(found: Mapping[str, str], path: str | Path, kind: Kind) -> None:
    for name, dtype in found.items():
        if dtype not in kind.dtypes:
            raise ValueError(
                f"{path} is a damaged {kind.name}: {_short(name)} is {dtype},"
                f" one of {', '.join(kind.dtypes)} is wanted"
            )


def _short(value: object) -> str:
    return _cut(repr(value), 80)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

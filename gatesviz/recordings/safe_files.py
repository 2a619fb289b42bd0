"""Open safetensors files safely: check the header before reading an array.

The format holds arrays and text and cannot run code. This module also catches dtypes that NumPy
lacks, text that is not JSON, and parts that do not fit each other.
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
"""Largest length of a reason, which may quote a long file."""
Arrays = dict[str, np.ndarray[Any, Any]]


class Kind(NamedTuple):
    """A kind of file: its format and the dtypes that it may hold.

    Attributes:
        name: name of the kind in sentences: "recording".
        format, version: values in the header.
        writer: name of the function that writes it.
        dtypes: allowed dtypes of its arrays, by safetensors' names.
    """

    name: str
    format: str
    version: str
    writer: str
    dtypes: tuple[str, ...]


def opened(path: str | Path, kind: Kind) -> tuple[Mapping[str, str], Arrays]:
    """Return the metadata and the arrays of the file at ``path``.

    Raises:
        TypeError: if ``path`` is not a file name.
        ValueError: if it is not a file of this kind, or damaged.
        OSError: if it cannot be opened.
    """
    check_path(path)
    from safetensors import SafetensorError, safe_open

    with Path(path).open("rb"):  # raises the usual error for a missing file
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
        reason = "it is not a safetensors file, or part of it is missing"
        raise ValueError(f"{path} is not a {kind.name}, or damaged: {reason}") from error


@contextmanager
def taken_apart(path: str | Path, kind: Kind) -> Iterator[None]:
    """Turn errors in the parts of a file into a ValueError with one sentence.

    The sentence quotes a ValueError, and names a missing part. Messages of other errors describe
    Python rather than the file, so they are dropped.
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
        ValueError: if it is not JSON, is nested thousands of levels deep, or has more parts than
            `gatesviz.limits.HEADER_PARTS` allows.
    """
    HEADER_PARTS.check(1 + sum(map(metadata[name].count, ",[{")))
    try:
        return json.loads(metadata[name])
    except (ValueError, RecursionError):
        raise ValueError(
            f"{name!r} of its header: expected JSON, got {_short(metadata[name])}"
        ) from None


def _check_header(metadata: Mapping[str, str], path: str | Path, kind: Kind) -> None:
    found = metadata.get("format"), metadata.get("version")
    if found != (kind.format, kind.version):
        raise ValueError(
            f"{path} has the format {_short(found[0])}, version {_short(found[1])}: expected"
            f" {kind.format!r}, version {kind.version!r}, a file written by {kind.writer}"
        )


def _check_dtypes(found: Mapping[str, str], path: str | Path, kind: Kind) -> None:
    for name, dtype in found.items():
        if dtype not in kind.dtypes:
            raise ValueError(
                f"{path} is a damaged {kind.name}: {_short(name)} is {dtype},"
                f" expected one of {', '.join(kind.dtypes)}"
            )


def _short(value: object) -> str:
    return _cut(repr(value), 80)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

"""Read HDF5 files from strangers: only plain numbers that the file itself holds.

HDF5 can point to other files (external links, external storage, virtual data sets), and a few
bytes can stand for gigabytes (unwritten or compressed chunks). All of these are refused. A damaged
file can crash HDF5's library or make it take gigabytes, so it is read in a process of its own
(`hdf5_child`, which `hdf5_process` starts). What that process answers is checked here again. Plain
numbers, as Keras writes them, are read here without HDF5.
"""

import hashlib
import json
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gatesviz.limits import MODEL_UPLOAD, MODEL_WEIGHTS
from gatesviz.model_files.contents import Stored, as_weight, quoted, shown
from gatesviz.model_files.hdf5_child import FLOATS, OBJECTS, TEXT_BYTES, joined
from gatesviz.model_files.hdf5_process import (
    Source,
    find_folders,
    printable,
    refusal,
    run_child,
)

if TYPE_CHECKING:
    from torch import Tensor

HEADER_PARTS = 200_000
"""Most parts of its answer, which take memory when they are read."""
TOGETHER = 1_000_000
"""Numbers that one process returns together, so that not each weight needs a process."""
LISTED_FILES = 8
LISTED_BYTES = 1_000_000
"""Of so many files the answers are kept, up to so many bytes of each."""


class Dataset(NamedTuple):
    """What is known of a data set without reading its values.

    Attributes:
        place: its place among the data sets of the file, sorted by name.
        kind, dtype: the letter of its type in NumPy, and its name.
        code: its type with the order of bytes, such as "<f4".
        shape: its shape, or None if it has none.
        stored: the bytes that the file holds for it.
        own: whether its values are in this file.
        offset: where its values begin in the file, if they are plain numbers in one piece.
        problem: why HDF5 can't describe it, or "".
    """

    place: int
    kind: str = ""
    dtype: str = ""
    code: str = ""
    shape: tuple[int, ...] | None = None
    stored: int = 0
    own: bool = False
    offset: int | None = None
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Listing:
    """What an HDF5 file of Keras holds besides the values of its weights.

    Attributes:
        source: the file.
        datasets: its data sets by name: "layers/lstm/cell/vars/0".
        config: the configuration of the model, or "".
        outer: the group of the layers in the format of Keras 2: "model_weights" or "".
        layers: the names of these layers, in order; None in the format of Keras 3.
        weights: name of a layer -> names of its weights in its group.
    """

    source: Source
    datasets: Mapping[str, Dataset]
    config: str
    outer: str
    layers: tuple[str, ...] | None
    weights: Mapping[str, tuple[str, ...]]
    _asked: dict[str, Dataset] = field(default_factory=dict)
    _read: "dict[str, np.ndarray[Any, Any]]" = field(default_factory=dict)

    def named(self, layer: str, weight: str) -> str:
        """Return the name of a weight's data set in the format of Keras 2."""
        return joined(self.outer, layer, weight)

    def stored(self, key: str, name: str) -> Stored:
        """Return a data set whose values can be read later, after checks of its kind and size.

        Args:
            key: its name in `datasets`.
            name: its name for the reader.

        Raises:
            ValueError: if it holds no floating-point numbers, or doesn't hold its numbers itself.
        """
        found, path = self.datasets[key], self.source.path
        where = f"{shown(path)}: {quoted(name)}"
        if found.problem:
            raise refusal("damaged", path, found.problem)
        if found.shape is None or found.kind != "f":
            raise ValueError(f"{where} is {found.dtype}: expected floating-point numbers")
        size = math.prod(found.shape)
        if size > MODEL_WEIGHTS.high:
            raise ValueError(
                f"{where} has shape {found.shape}: expected up to {MODEL_WEIGHTS.high:,} numbers"
            )
        if not found.own or found.stored < size * int(found.code[2:]):
            raise ValueError(f"{where} doesn't hold its {size:,} numbers itself")
        self._asked[key] = found

        def load() -> "Tensor":
            import torch

            numbers = self._numbers(key).reshape(found.shape)
            return as_weight(torch.from_numpy(numbers), name, path)

        return Stored(name, found.shape, load)

    def _numbers(self, key: str) -> "np.ndarray[Any, Any]":
        """Return the numbers of a data set, in float64 or float32."""
        found, source = self.datasets[key], self.source
        if found.offset is not None:
            with source.path.open("rb") as file:
                file.seek(source.start + found.offset)
                numbers = np.fromfile(file, np.dtype(found.code), math.prod(found.shape or ()))
            if numbers.size != math.prod(found.shape or ()):
                raise refusal("crash", source.path)
            return _native(numbers)
        if key not in self._read:
            self._read_together(key)
        return self._read[key].copy()

    def _read_together(self, key: str) -> None:
        """Let a process read a data set, and those that will probably be needed after it."""
        chosen, total = [], 0
        keys = [*self._asked]
        for one in keys[keys.index(key) :]:
            found = self._asked[one]
            size = math.prod(found.shape or ())
            if found.offset is None and (one == key or total + size <= TOGETHER):
                chosen.append((one, found, "<f8" if found.code[1:] == "f8" else "<f4"))
                total += size
        sizes = [math.prod(found.shape or ()) * int(kind[2:]) for _, found, kind in chosen]
        _, data = _answer(self.source, [found.place for _, found, _ in chosen], sum(sizes))
        if len(data) != sum(sizes):
            raise refusal("crash", self.source.path)
        self._read.clear()
        start = 0
        for (one, _, kind), size in zip(chosen, sizes, strict=True):
            self._read[one] = _native(np.frombuffer(data, kind, size // int(kind[2:]), start))
            start += size


def _native(numbers: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return numbers as float64 or float32 in this computer's order of bytes, to write to."""
    wide = np.float64 if numbers.dtype.itemsize == 8 else np.float32
    return np.require(numbers.astype(wide, copy=False), requirements=["C", "W"])


def record_of(archive: zipfile.ZipFile, record: zipfile.ZipInfo, path: Path) -> Source:
    """Return where an uncompressed record of a zip archive is in the file.

    Raises:
        zipfile.BadZipFile, RuntimeError: if it is damaged or encrypted.
    """
    archive.open(record).close()  # checks its header
    with path.open("rb") as file:
        file.seek(record.header_offset + 26)
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
    start = record.header_offset + 30 + name + extra
    if start + record.file_size > path.stat().st_size or record.file_size != record.compress_size:
        raise zipfile.BadZipFile
    return Source(path, start, record.file_size)


def listing(source: Source) -> Listing:
    """Return what an HDF5 file holds.

    Raises:
        ValueError: if it is damaged, too large, or refers to elsewhere.
        ModuleNotFoundError: if h5py isn't installed; the message says how to get it.
        ImportError: if the process that reads the file can't start or fails.
    """
    header, config = _answer(source, None, TEXT_BYTES * 3)
    try:
        datasets = {
            _checked(name, str): _dataset(place, one, source)
            for place, (name, one) in enumerate(header["datasets"].items())
        }
        layers = header["layers"]
        found = Listing(
            source,
            datasets,
            config.decode("utf-8", "replace"),
            _checked(header["outer"], str),
            None if layers is None else tuple(_checked(name, str) for name in layers),
            {
                name: tuple(_checked(each, str) for each in own)
                for name, own in header["weights"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise refusal("crash", source.path) from None
    if len(datasets) > OBJECTS:
        raise refusal("objects", source.path)
    return found


def _checked(value: Any, kind: type) -> Any:
    """Return a part of the answer of the other process, if it is of this type."""
    if type(value) is not kind:
        raise TypeError
    return value


def _dataset(place: int, told: dict[str, Any], source: Source) -> Dataset:
    """Return a data set as the other process described it.

    Raises:
        KeyError, TypeError, ValueError: if the description can't be true.
    """
    if "problem" in told:
        return Dataset(place, problem=_checked(told["problem"], str) or "unknown type")
    shape, offset, code = told["shape"], told["offset"], _checked(told["code"], str)
    sizes = None if shape is None else tuple(_checked(size, int) for size in shape)
    if sizes is not None and not (len(sizes) <= 32 and all(0 <= one < 1 << 63 for one in sizes)):
        raise ValueError
    if told["kind"] == "f" and not re.fullmatch(r"[<>]f\d{1,2}", code):
        raise ValueError
    if offset is not None:
        size = math.prod(sizes if sizes is not None else ()) * FLOATS[code]
        if not 0 <= _checked(offset, int) <= source.size - size:
            offset = None  # HDF5 says what is wrong
    return Dataset(
        place,
        _checked(told["kind"], str),
        printable(told["dtype"]),
        code,
        sizes,
        _checked(told["stored"], int),
        _checked(told["own"], bool),
        offset,
    )


def _answer(source: Source, places: list[int] | None, most: int) -> tuple[dict[str, Any], bytes]:
    """Return the header and the bytes, at most ``most``, that `hdf5_child` answers.

    Args:
        source: the file.
        places: the data sets to read; None to list what the file holds.
        most: most bytes after the header.

    Raises:
        ValueError, ImportError: as `listing`.
    """
    key = _key(source) if places is None else None
    data = _LISTED.get(key) or run_child(source, places, most)
    try:
        header, rest = _parts(data, most)
        if "refused" in header:
            told = _checked(header["refused"], str), _checked(header["name"], str)
            raise _refused(*told, min(_checked(header["count"], int), 1 << 63), source.path)
    except (KeyError, TypeError, RecursionError):
        raise refusal("crash", source.path) from None
    if key is not None and len(data) <= LISTED_BYTES:
        _LISTED[key] = data
        for oldest in [*_LISTED][:-LISTED_FILES]:
            _LISTED.pop(oldest, None)
    return header, rest


_LISTED: dict[tuple[bytes, int, int] | None, bytes] = {}
"""Key of a file -> answer. A page opens the same bytes again after each choice."""


def _key(source: Source) -> tuple[bytes, int, int] | None:
    """Return what identifies the bytes of a file; None for a large one."""
    find_folders(source.path)
    if source.path.stat().st_size > MODEL_UPLOAD.high:
        return None
    with source.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest(), source.start, source.size


def _parts(data: bytes, most: int) -> tuple[dict[str, Any], bytes]:
    """Return the header and the bytes of an answer.

    Raises:
        TypeError, RecursionError, KeyError: if it isn't one.
    """
    length = int.from_bytes(data[:8], "little")
    text, rest = data[8 : 8 + length], data[8 + length :]
    try:
        if len(text) < length or sum(map(text.count, b",[{")) > HEADER_PARTS:
            raise TypeError
        header = _checked(json.loads(text), dict)
    except ValueError:
        raise TypeError from None
    if header["rest"] != len(rest) or len(rest) > most:
        raise TypeError
    return header, rest


def _refused(kind: str, text: str, count: int, path: Path) -> Exception:
    """Return the error for a refusal of the other process.

    Raises:
        KeyError: if there is no such refusal.
    """
    if kind == "h5py":
        return ImportError(
            f"{shown(path)} is a Keras file, and h5py, which reads it, doesn't load:"
            f" {text[:200]!r}. Install it again: pip install 'gatesviz[keras-files]'"
        )
    return refusal(kind, path, text, count)

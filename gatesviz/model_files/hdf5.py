"""Read HDF5 files from strangers: only plain numbers that the file itself holds.

HDF5 can point to other files (external links, external storage, virtual data sets), and a few
bytes can stand for gigabytes (unwritten or compressed chunks). All of these are refused.
"""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gatesviz.limits import MODEL_WEIGHTS
from gatesviz.model_files.contents import Stored, as_weight, quoted, shown

if TYPE_CHECKING:
    from torch import Tensor

DEPTH = 16
OBJECTS = 4_000
"""Most groups and data sets of a file."""
TEXT_BYTES = 4_000_000
"""Most bytes of an attribute, such as the configuration of a model."""


REST_BYTES = 10_000_000
"""Most bytes of a file besides its numbers: the length of a text shows only when it is read."""


class Source(NamedTuple):
    """Where an HDF5 file is: at ``path``, or the ``member`` of the zip archive there."""

    path: Path
    member: str | None = None


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """Yield the HDF5 file of ``source``.

    Raises:
        ValueError: if it is damaged.
        ModuleNotFoundError: if h5py isn't installed; the message says how to get it.
    """
    path = source.path
    try:
        import h5py
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{shown(path)} is a Keras file, and reading it needs h5py: pip install"
            " 'gatesviz[keras-files]'"
        ) from None
    try:
        with ExitStack() as stack:
            file: Any = path
            if source.member is not None:
                archive = stack.enter_context(zipfile.ZipFile(path))
                file = stack.enter_context(archive.open(source.member))
            yield stack.enter_context(h5py.File(file, "r"))
    except (OSError, RuntimeError, KeyError, TypeError, UnicodeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{shown(path)} is a damaged HDF5 file: {error}"[:300]) from error


def datasets(root: Any, path: Path) -> dict[str, Any]:
    """Return the data sets of a file by name: "layers/lstm/cell/vars/0".

    Raises:
        ValueError: if it has links to elsewhere, or too many objects.
    """
    import h5py

    found: dict[str, Any] = {}
    waiting = [("", root, 0)]
    seen = 0
    while waiting:
        name, group, depth = waiting.pop()
        for key in group:
            seen += 1
            inner = f"{name}/{key}" if name else key
            if seen > OBJECTS or depth > DEPTH:
                raise ValueError(f"{shown(path)} holds too many groups or cycles of groups")
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise ValueError(
                    f"{shown(path)}: {quoted(inner)} is a link to elsewhere: expected its values"
                )
            child = group[key]
            if isinstance(child, h5py.Group):
                waiting.append((inner, child, depth + 1))
            elif isinstance(child, h5py.Dataset):
                found[inner] = child
    rest = root.id.get_filesize() - sum(one.id.get_storage_size() for one in found.values())
    if rest > REST_BYTES:  # long texts are part of it
        raise ValueError(
            f"{shown(path)} has {rest:,} bytes besides its numbers, expected up to {REST_BYTES:,}"
        )
    return dict(sorted(found.items()))


def stored(dataset: Any, name: str, source: Source) -> Stored:
    """Return a data set whose values can be read later, after checks of its kind and size.

    Raises:
        ValueError: if it holds no floating-point numbers, or doesn't hold its numbers itself.
    """
    path = source.path
    where = f"{shown(path)}: {quoted(name)}"
    if dataset.shape is None or dataset.dtype.kind != "f":
        raise ValueError(f"{where} is {dataset.dtype}: expected floating-point numbers")
    if dataset.size > MODEL_WEIGHTS.high:
        raise ValueError(
            f"{where} has shape {dataset.shape}: expected up to {MODEL_WEIGHTS.high:,} numbers"
        )
    if dataset.is_virtual or dataset.external or dataset.id.get_storage_size() < dataset.nbytes:
        raise ValueError(f"{where} doesn't hold its {dataset.size:,} numbers itself")
    key = str(dataset.name)

    def load() -> "Tensor":
        import torch

        with opened(source) as root:
            values = np.asarray(root[key][()])
        wide = values if values.dtype == np.float64 else values.astype(np.float32)
        return as_weight(torch.from_numpy(np.ascontiguousarray(wide)), name, path)

    return Stored(name, tuple(dataset.shape), load)


def text(attributes: Any, name: str, path: Path) -> str | None:
    """Return a text attribute, or None if there is none.

    Raises:
        ValueError: if it is not a string or too long.
    """
    if name not in attributes:
        return None
    _check_attribute(attributes, name, path)
    value = attributes[name]
    value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(value, str):
        raise ValueError(f"{shown(path)}: the attribute {quoted(name)} isn't text")
    return value


def names(attributes: Any, name: str, path: Path) -> list[str]:
    """Return a list of names, which may be split into ``name``0, ``name``1 and so on.

    Raises:
        ValueError: if it is too long, or a name occurs twice, as in a truncated file.
    """
    keys = [name] if name in attributes else []
    while not keys or f"{name}{len(keys)}" in attributes:
        if name in keys or f"{name}{len(keys)}" not in attributes:
            break
        keys.append(f"{name}{len(keys)}")
    found: list[str] = []
    for key in keys:
        _check_attribute(attributes, key, path)
        for value in np.ravel(attributes[key]):
            found.append(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else f"{value}"
            )
    if len(set(found)) < len(found):
        raise ValueError(f"{shown(path)} is damaged: names of weights occur twice")
    return found


def _check_attribute(attributes: Any, name: str, path: Path) -> None:
    """Check how much memory an attribute needs. Opening it would already read it."""
    from h5py import h5o

    info = h5o.get_info(attributes._id)
    size = info.meta_size.attr.heap_size + info.hdr.space.total
    if size > TEXT_BYTES:
        raise ValueError(
            f"{shown(path)}: {quoted(name)} and the attributes next to it have {size:,} bytes,"
            f" expected up to {TEXT_BYTES:,}"
        )

"""Read an HDF5 file in a process of its own, which `gatesviz.model_files.hdf5_process` starts.

Where bytes are damaged, HDF5's library may crash, or ask for gigabytes. Then only this process
ends, not the server. Before it reads the file, it gives up the right to use more memory or time, to
write files, and to start processes. It imports nothing of gatesviz, so it starts in 0.15 s.

It takes a request as JSON in its first argument and the file as its standard input. It answers
with 8 bytes (the length of a header), the header as JSON, and the bytes that the header counts.
"""

import contextlib
import io
import json
import os
import signal
import sys
from typing import Any

DEPTH = 16
OBJECTS = 4_000
"""Most groups and data sets of a file."""
NAMES = 2 * OBJECTS
"""Most names in its lists of layers and weights."""
TEXT_BYTES = 4_000_000
"""Most bytes of an attribute, such as the configuration of a model."""
REST_BYTES = 10_000_000
"""Most bytes of a file besides its numbers: the length of a text shows only when it is read."""
FLOATS = {"<f2": 2, ">f2": 2, "<f4": 4, ">f4": 4, "<f8": 8, ">f8": 8}
"""Kinds of numbers that can be read without HDF5 -> bytes of one."""


class Refused(Exception):  # noqa: N818
    """A file that isn't read: ``kind`` is a key of `gatesviz.model_files.hdf5_process.REFUSALS`."""

    def __init__(self, kind: str, name: str = "", count: int = 0) -> None:
        super().__init__(kind)
        self.header = {"refused": kind, "name": name[:2_000], "count": count}


class Window(io.RawIOBase):
    """A part of a file, such as the record of an archive, as a file that can only be read."""

    def __init__(self, file: io.FileIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._place = file, start, size, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and return it, as `io.IOBase.seek` does."""
        self._place = max(0, offset + (0, self._place, self._size)[whence])
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the place on, and return how many bytes there were."""
        length = max(0, min(len(buffer), self._size - self._place))
        if not length:
            return 0
        self._file.seek(self._start + self._place)
        read = self._file.readinto(memoryview(buffer)[:length]) or 0
        self._place += read
        return read


def joined(*names: str) -> str:
    """Return the name of an object from those of its groups, as HDF5 understands them."""
    return "/".join(part for name in names for part in name.split("/") if part not in ("", "."))


def decoded(name: bytes) -> str:
    """Return the name of an object as text, as h5py does."""
    return name.decode("utf-8", "surrogateescape")


def limit(size: int, seconds: float) -> None:
    """Let this process take at most ``size`` bytes and ``seconds`` of the processor from now on.

    Windows has none of these limits, and macOS has no limit of memory. There, only the time that
    `gatesviz.model_files.hdf5_process` waits is limited, and a crash still ends this process alone.
    """
    try:
        import resource
    except ModuleNotFoundError:
        return
    limits = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0}
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        limits["RLIMIT_AS"] = int(file.read().split()[0]) * resource.getpagesize() + size
    used = resource.getrusage(resource.RUSAGE_SELF)
    limits["RLIMIT_CPU"] = int(used.ru_utime + used.ru_stime + seconds) + 2
    for name, most in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            _, hard = resource.getrlimit(kind)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # RLIMIT_CPU knows whole seconds only


def walk(root: Any) -> tuple[set[str], dict[str, dict[str, Any]]]:
    """Return the groups of a file, and its data sets as `described`.

    Each is known by its name: "layers/lstm/cell/vars/0". None is kept open, for that takes memory.

    Raises:
        Refused: if it has links to elsewhere, or too many objects.
    """
    from h5py import h5d, h5g, h5l, h5o

    groups, found, seen, held = {""}, {}, 0, 0
    waiting = [("", 0)]
    while waiting:
        name, depth = waiting.pop()
        group = (root[name] if name else root).id
        for key in group:
            seen += 1
            inner = f"{name}/{decoded(key)}" if name else decoded(key)
            if seen > OBJECTS or depth > DEPTH:
                raise Refused("objects")
            if group.links.get_info(key).type != h5l.TYPE_HARD:
                raise Refused("link", inner)
            child = h5o.open(group, key)
            if isinstance(child, h5g.GroupID):
                groups.add(inner)
                waiting.append((inner, depth + 1))
            elif isinstance(child, h5d.DatasetID):
                held += int(child.get_storage_size())
                found[inner] = described(child)
    rest = root.id.get_filesize() - held
    if rest > REST_BYTES:  # long texts are part of it
        raise Refused("rest", count=rest)
    return groups, dict(sorted(found.items()))


def described(dataset: Any) -> dict[str, Any]:
    """Return what is known of a data set (`h5py.h5d.DatasetID`) without reading its values."""
    from h5py import h5d, h5s, h5t

    try:
        kind, space, created = dataset.get_type(), dataset.get_space(), dataset.get_create_plist()
        dtype, layout = kind.dtype, created.get_layout()
        empty = space.get_simple_extent_type() == h5s.NULL
        own = layout != h5d.VIRTUAL and not created.get_external_count()
        plain = own and layout == h5d.CONTIGUOUS and dtype.str in FLOATS
        return {
            "kind": dtype.kind,
            "dtype": f"{dtype}"[:80],
            "code": dtype.str[:80],
            "shape": None if empty else [int(size) for size in space.shape],
            "stored": int(dataset.get_storage_size()),
            "own": own,
            "offset": dataset.get_offset() if plain and kind == h5t.py_create(dtype) else None,
        }
    except MemoryError:
        raise
    except Exception as error:
        return {"problem": f"{error}"[:200]}


def text(attributes: Any, name: str) -> str:
    """Return a text attribute; "" if there is none.

    Raises:
        Refused: if it is not a string or too long.
    """
    if name not in attributes:
        return ""
    _check_attribute(attributes, name)
    value = attributes[name]
    value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(value, str):
        raise Refused("text", name)
    return value


def listed(attributes: Any, name: str) -> list[str] | None:
    """Return a list of names, which may be split into ``name``0, ``name``1 and so on.

    None if there is none.

    Raises:
        Refused: if it is too long.
    """
    import numpy as np

    keys = [name] if name in attributes else []
    while not keys or f"{name}{len(keys)}" in attributes:
        if name in keys or f"{name}{len(keys)}" not in attributes:
            break
        keys.append(f"{name}{len(keys)}")
    found: list[str] = []
    for key in keys:
        _check_attribute(attributes, key)
        for value in np.ravel(attributes[key]):
            found.append(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else f"{value}"
            )
            if len(found) > NAMES:
                raise Refused("names", count=NAMES)
    return found if keys else None


def _check_attribute(attributes: Any, name: str) -> None:
    """Check how much memory an attribute needs. Opening it would already read it."""
    from h5py import h5o

    info = h5o.get_info(attributes._id)
    size = info.meta_size.attr.heap_size + info.hdr.space.total
    if size > TEXT_BYTES:
        raise Refused("attribute", name, int(size))


def contents(root: Any) -> tuple[dict[str, Any], bytes]:
    """Return what the readers need to know of a file, and its configuration."""
    groups, found = walk(root)
    config = text(root.attrs, "model_config").encode("utf-8", "replace")
    outer = "model_weights" if "model_weights" in groups else ""
    layers = listed((root[outer] if outer else root).attrs, "layer_names")
    weights: dict[str, list[str]] = {}
    count = 0
    for name in layers or ():
        place = joined(outer, name)
        if place in groups and name not in weights:
            weights[name] = listed((root[place] if place else root).attrs, "weight_names") or []
            count += len(weights[name])
            if count > NAMES:
                raise Refused("names", count=NAMES)
    header = {"datasets": found, "outer": outer, "layers": layers, "weights": weights}
    return header, config


def values(root: Any, places: list[int]) -> list[memoryview]:
    """Return the numbers of the data sets at these places among all, as little-endian floats."""
    import numpy as np

    found = [*walk(root)[1].items()]
    answers = []
    for place in places:
        name, about = found[place]
        if not about["own"]:
            raise Refused("crash")
        numbers = np.asarray(root[name][()])
        wide = "<f8" if numbers.dtype.itemsize == 8 else "<f4"
        ready = np.ascontiguousarray(numbers.astype(wide, copy=False))
        answers.append(ready.reshape(-1).view(np.uint8).data)
    return answers


def answered(request: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the header and the bytes that answer a request."""
    try:
        sys.path += request["folders"]  # after the standard library
        import h5py
    except Exception as error:
        return {"refused": "h5py", "name": f"{error}"[:200], "count": 0}, []
    limit(request["bytes"], request["seconds"])
    try:
        file = Window(io.FileIO(0, closefd=False), request["start"], request["size"])
        with h5py.File(file, "r") as root:
            if request["places"] is None:
                header, config = contents(root)
                return header, [config]
            return {}, values(root, request["places"])
    except Refused as refused:
        return refused.header, []
    except MemoryError:
        return {"refused": "memory", "name": "", "count": 0}, []
    except Exception as error:
        said = f"{error}".strip("'\"")[:300]  # a KeyError quotes its text
        kind = "memory" if "memory allocation failed" in said else "damaged"
        return {"refused": kind, "name": said, "count": 0}, []


def main() -> None:
    """Answer one request."""
    header, rest = answered(json.loads(sys.argv[1]))
    try:
        data = json.dumps(header | {"rest": sum(map(len, rest))}).encode()
    except MemoryError:
        rest = []
        data = json.dumps({"refused": "memory", "name": "", "count": 0, "rest": 0}).encode()
    out = sys.stdout.buffer
    for part in (len(data).to_bytes(8, "little"), data, *rest):
        out.write(part)
    out.flush()
    os._exit(0)  # HDF5 could still crash while it tidies up


if __name__ == "__main__":
    main()

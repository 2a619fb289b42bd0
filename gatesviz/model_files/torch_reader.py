"""Read the tensors of a PyTorch checkpoint. Nothing in the file is run."""

import io
import pickle
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from gatesviz.model_files.contents import (
    QUOTED,
    Contents,
    Stored,
    as_weight,
    converted_note,
    quoted,
    shown,
)
from gatesviz.model_files.pickle_scan import Scan, TooManyOperationsError, scan
from gatesviz.model_files.state_dict import PARTS, contents_of

PICKLE_BYTES = 8_000_000
"""Most bytes of the pickle in a checkpoint: names, shapes and settings, not the weights."""
OLD_FILE_BYTES = 40_000_000
"""Most bytes of a file in the format before PyTorch 1.6, which is read as a whole."""
RECORDS = 20_000
"""Most files inside a checkpoint; each tensor is one."""
IN_TRAINING = "in your training script, where its classes are defined"
DEPTH = 6
CONTAINERS = 2_000
LISTED = 100
"""Longest list whose state dicts are looked for."""
_OTHER_TENSORS = (
    *("torch._utils._rebuild_", "torch.per_", "torch.ScriptObject", "torch.qint", "torch.quint"),
)
_SKIPPED = ("optim", "scheduler", "loops", "callbacks", "amp", "scaler", "rng")


def is_torch_zip(names: list[str]) -> bool:
    """Return whether a zip archive with these files is a checkpoint of PyTorch."""
    return any(name.endswith("/data.pkl") or name == "data.pkl" for name in names)


def read_zip(path: Path, archive: zipfile.ZipFile) -> Contents:
    """Return what a checkpoint of PyTorch 1.6 or later holds.

    Raises:
        ValueError: if it holds something else than tensors, or is damaged.
    """
    records = archive.infolist()
    size = path.stat().st_size
    if any("/code/" in f"/{record.filename}" for record in records):
        raise ValueError(
            f"{shown(path)} is a TorchScript program: expected a state dict. Save its weights with"
            f" these two lines:\n  script = torch.jit.load({path.name!r})\n"
            "  torch.save(script.state_dict(), 'weights.pt')"
        )
    if len(records) > RECORDS:
        raise ValueError(f"{shown(path)} holds {len(records):,} files, expected up to {RECORDS:,}")
    if any(record.compress_type for record in records) or (
        sum(record.file_size for record in records) > size
    ):
        raise ValueError(
            f"{shown(path)} is a compressed or damaged archive: expected a file as torch.save"
            " writes it, which isn't compressed"
        )
    [data] = [record for record in records if f"/{record.filename}".endswith("/data.pkl")][:1]
    if data.file_size > PICKLE_BYTES:
        raise ValueError(
            f"{shown(path)}: the settings in it have {data.file_size:,} bytes, expected up to"
            f" {PICKLE_BYTES:,}. Save only the state dict"
        )
    with archive.open(data) as file:
        _check(path, _scanned(path, io.BytesIO(file.read(PICKLE_BYTES))))
    sizes = Counter(record.file_size for record in records if "/data/" in f"/{record.filename}")
    return _loaded(path, sizes)


def read_old(path: Path) -> Contents:
    """Return what a checkpoint in the format before PyTorch 1.6 holds.

    Raises:
        ValueError: as `read_zip`.
    """
    size = path.stat().st_size
    if size > OLD_FILE_BYTES:
        raise ValueError(
            f"{shown(path)} has {size:,} bytes, expected up to {OLD_FILE_BYTES:,} in the format"
            " before PyTorch 1.6. Load and save it again with a new PyTorch"
        )
    with path.open("rb") as file:
        found = [_scanned(path, file)]
        if found[0].numbers > 1 << 64:  # the magic number; three more pickles follow
            found += [_scanned(path, file) for _ in range(3)]
    for one in found:
        _check(path, one, written_by_torch=len(found) > 1)
    claimed = found[-1].numbers
    if len(found) == 1:
        raise ValueError(
            f"{shown(path)} is a pickle, but no checkpoint of PyTorch: expected a file that"
            " torch.save(model.state_dict(), path) writes"
        )
    if claimed > 8 * size + 1_000_000:
        raise ValueError(f"{shown(path)} is damaged: it claims more numbers than it holds")
    return _loaded(path, None)


def _scanned(path: Path, file: IO[bytes]) -> Scan:
    try:
        return scan(file)
    except TooManyOperationsError as error:
        raise ValueError(
            f"{shown(path)} is too large: {error}, as many as about 3,000 tensors need. Save only"
            " the recurrent part that you want to open"
        ) from error
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{shown(path)} is damaged: {_first_line(error)}") from error


def _check(path: Path, found: Scan, *, written_by_torch: bool = True) -> None:
    if not found.foreign:
        if found.parts > 2 * PARTS:  # reading so many takes seconds; contents_of counts exactly
            raise ValueError(
                f"{shown(path)} has {found.parts:,} recurrent parts, expected up to {PARTS:,}"
            )
        return
    classes = found.foreign
    whole = any(name.startswith("torch.nn.modules.") for name in classes)
    if all(name.startswith(_OTHER_TENSORS) for name in classes):
        raise ValueError(
            f"{shown(path)} holds quantised, sparse or meta tensors ({classes[0]}): expected dense"
            " tensors with values. Save the state dict before the model is quantised"
        )
    own = tuple(
        name for name in classes if not name.startswith(("torch.", "collections.", "builtins."))
    )
    named = ", ".join((own or classes)[:3])[:QUOTED]
    if not written_by_torch:  # torch.load can't read it
        lines = f"  model = pickle.load(open({path.name!r}, 'rb'))"
        raise ValueError(
            f"{shown(path)} is a pickle ({named}), which could run code when it is opened: expected"
            " a file of torch.save with tensors only. Where you trust the file, save its weights"
            f" with these two lines, {IN_TRAINING}:\n{lines}\n"
            "  torch.save(model.state_dict(), 'weights.pt')"
        )
    load = f"torch.load({path.name!r}, weights_only=False)"
    if whole or not found.keys:
        what = "a whole pickled module" if whole else "pickled objects"
        lines = f"  model = {load}\n  torch.save(model.state_dict(), 'weights.pt')"
    else:
        what = "a checkpoint with pickled objects"
        lines = f"  checkpoint = {load}\n  torch.save({_kept(found)}, 'weights.pt')"
    raise ValueError(
        f"{shown(path)} is {what} ({named}), which could run code when it is opened: expected"
        " tensors only. Where you trust the file, save its weights with these two lines,"
        f" {IN_TRAINING}:\n{lines}"
    )


def _kept(found: Scan) -> str:
    """Return the expression of what a checkpoint holds without its pickled objects.

    A text that is found may be no key, and a vocabulary can be an object, which would be refused
    again. So the expression looks at both.
    """
    if not found.words:
        return f"checkpoint[{found.keys[0]!r}]"
    names = (found.keys[0], *found.words)
    return (
        f"{{k: v for k, v in checkpoint.items() if k in {names!r}"
        " and isinstance(v, (dict, list, tuple, str))}"
    )


def _loaded(path: Path, sizes: Counter[int] | None) -> Contents:
    """Return the contents; ``sizes`` are the bytes of the records that storages come from."""
    mmap = True if sizes is not None else None  # reads only what is used
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except (pickle.UnpicklingError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{shown(path)} is damaged: {_first_line(error)}") from error
    except Exception as error:  # torch's reader has no list of what it raises
        raise ValueError(f"{shown(path)} is damaged and can't be read") from error
    if _is_optimiser(found):
        raise ValueError(
            f"{shown(path)} holds the state of an optimiser and no model: expected the weights."
            " Save them with torch.save(model.state_dict(), 'weights.pt')"
        )
    containers: list[tuple[str, dict[str, Tensor]]] = []
    extras: dict[str, object] = {}
    _walk(found, "", containers, extras, set())
    if sizes is not None:
        _check_storages(path, [t for _, tensors in containers for t in tensors.values()], sizes)
    stored = [
        (name, {key: _stored(key, tensor, path) for key, tensor in tensors.items()})
        for name, tensors in containers
    ]
    notes = converted_note(one.dtype for _, tensors in containers for one in tensors.values())
    return replace(contents_of(path, stored, extras), notes=notes)


def _is_optimiser(found: object, depth: int = 0) -> bool:
    """Return whether a checkpoint is that of an optimiser, or has one and no other mapping."""
    if not isinstance(found, Mapping) or depth > 1:
        return False
    state = found.get("state")
    if "param_groups" in found and isinstance(state, Mapping):
        return not any(isinstance(one, Tensor) for one in state.values())  # weights of a model
    inner = [one for one in found.values() if isinstance(one, Mapping | Tensor)]
    return len(inner) == 1 and _is_optimiser(inner[0], depth + 1)


def _check_storages(path: Path, tensors: list[Tensor], sizes: Counter[int]) -> None:
    """Check that each storage is as long as a record: a mapped file could be read beyond it."""
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
    if Counter(storages.values()) - sizes:
        raise ValueError(f"{shown(path)} is damaged: it claims more numbers than it holds")


def _walk(
    value: Any,
    name: str,
    containers: list[tuple[str, dict[str, Tensor]]],
    extras: dict[str, object],
    seen: set[int],
    depth: int = 0,
) -> None:
    """Collect every mapping with tensors, and everything that may be a vocabulary."""
    if isinstance(value, list | tuple) and len(value) <= LISTED:
        value = {f"{k}": one for k, one in enumerate(value) if isinstance(one, Mapping)}
    if not isinstance(value, Mapping) or id(value) in seen or depth > DEPTH:
        return
    seen.add(id(value))
    tensors = {k: t for k, t in value.items() if isinstance(k, str) and isinstance(t, Tensor)}
    if tensors:
        containers.append((name, tensors))
    if len(seen) > CONTAINERS:
        return
    for key, inner in value.items():
        if not isinstance(key, str) or isinstance(inner, Tensor):
            continue
        if any(word in key.lower() for word in _SKIPPED):
            continue
        inside = f"{name}.{key}" if name else key
        extras[inside] = inner
        _walk(inner, inside, containers, extras, seen, depth + 1)


def _stored(name: str, tensor: Tensor, path: Path) -> Stored:
    def load() -> Tensor:
        strided = tensor.layout is torch.strided and not tensor.is_meta
        if strided and tensor.nbytes > tensor.untyped_storage().nbytes():
            raise ValueError(
                f"{shown(path)}: {quoted(name)} repeats {tensor.untyped_storage().nbytes():,} bytes"
                f" to fill {tensor.nbytes:,}: expected a tensor with its own values. Save"
                " tensor.clone()"
            )
        return as_weight(tensor, name, path)

    return Stored(name, tuple(tensor.shape), load)


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    return text[:200] if text else type(error).__name__

"""Read the tensors of a safetensors file, which holds arrays and text and cannot run code."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from gatesviz.model_files.contents import Contents, Stored, as_weight, converted_note, shown
from gatesviz.model_files.python_values import json_value
from gatesviz.model_files.state_dict import contents_of

HEADER_BYTES = 1_500_000
"""Most bytes of the header: names, shapes and metadata."""
_SMALL = {
    "F16": torch.float16, "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip


def read(path: Path) -> Contents:
    """Return what the file holds.

    Raises:
        ValueError: if it is damaged or holds no recurrent layer.
    """
    from safetensors import SafetensorError, safe_open

    size = path.stat().st_size
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    if header > min(size - 8, HEADER_BYTES):
        raise ValueError(
            f"{shown(path)} is a damaged safetensors file: its header claims {header:,} bytes, and"
            f" the file has {size:,}. At most {HEADER_BYTES:,} are allowed"
        )
    try:
        with safe_open(str(path), framework="pt") as opened:
            metadata = dict(opened.metadata() or {})
            slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
            shapes = {name: tuple(one.get_shape()) for name, one in slices.items()}
            kinds = {one.get_dtype() for one in slices.values()} & _SMALL.keys()
    except SafetensorError as error:
        raise ValueError(f"{shown(path)} is a damaged safetensors file: {error}"[:300]) from error

    def stored(name: str, shape: tuple[int, ...]) -> Stored:
        def load() -> Tensor:
            with safe_open(str(path), framework="pt") as opened:
                return as_weight(opened.get_tensor(name), name, path)

        return Stored(name, shape, load)

    tensors = {name: stored(name, shape) for name, shape in shapes.items()}
    # save_model writes shared weights once, and for every other name the one that it kept.
    tied = {name: kept for name, kept in metadata.items() if kept in shapes and name not in shapes}
    tensors |= {name: stored(kept, shapes[kept]) for name, kept in tied.items()}
    found = contents_of(path, [("", tensors)], _parsed(metadata))
    return replace(found, notes=converted_note(_SMALL[kind] for kind in kinds))


def _parsed(metadata: dict[str, str]) -> dict[str, object]:
    """Return the metadata, with JSON where a value is JSON."""
    found: dict[str, object] = {}
    for key, text in metadata.items():
        found[key] = text
        if text[:1] in "[{":
            try:
                found[key] = json_value(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(inner := found[key], dict):
                found |= {f"{key}.{name}": value for name, value in inner.items()}
    return found

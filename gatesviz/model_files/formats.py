"""Recognise the format of a model file, and read what it holds."""

import re
import zipfile
from pathlib import Path

from gatesviz.limits import MODEL_BYTES
from gatesviz.model_files import keras_reader, onnx_reader, safetensors_reader, torch_reader
from gatesviz.model_files.contents import Contents, shown
from gatesviz.model_files.hdf5_process import Source

DIRECTORY_BYTES = 2_000_000
"""Most bytes of a zip archive's table of contents: about 100 a file."""


def read_contents(path: Path) -> Contents:
    """Return what a file holds, by the format that its first bytes show.

    Raises:
        ValueError, OSError, ModuleNotFoundError: as `open_model`.
    """
    with path.open("rb") as file:
        start = file.read(16)
    shard = re.search(r"-(\d{5})-of-(\d{5})(?!\d)", path.name)
    if shard and shard[2] != "00001":
        raise ValueError(
            f"{shown(path)} is file {int(shard[1])} of {int(shard[2])} of a model: expected one"
            " file with all weights. Load the model, and save them with"
            " torch.save(model.state_dict(), 'weights.pt'). If it is a whole model, rename it"
        )
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{shown(path)} is empty: expected a model file")
    if size > MODEL_BYTES.high:
        raise ValueError(
            f"{shown(path)} has {size:,} bytes, expected up to {MODEL_BYTES.high:,}. Save only the"
            " state dict"
        )
    if start.startswith(b"PK\x03\x04"):
        return _from_zip(path)
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 40:
        return safetensors_reader.read(path)  # its length may begin as a pickle does
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return keras_reader.read_weights(Source(path, 0, size))
    if start.startswith(b"\x80"):
        return torch_reader.read_old(path)
    if path.suffix.lower() == ".onnx" or (
        start.startswith(b"\x08") and start[2:3] in b"\x12\x3a\x42"
    ):
        return onnx_reader.read(path)
    raise ValueError(f"{shown(path)} {_unknown(start, path)}")


def _unknown(start: bytes, path: Path) -> str:
    """Return what is wrong with a file of no known format, from its first bytes and its name."""
    if path.name.endswith(".index.json"):
        return (
            "is the index of a model in several files. Load the model, and save its weights in one"
            " file: torch.save(model.state_dict(), 'weights.pt')"
        )
    if start.startswith(b"version https://"):
        return "only points to a file in Git LFS: expected the file itself. Run: git lfs pull"
    if start.lower().startswith((b"<!doctype", b"<html")):
        return "is a web page: expected the model file itself. Download it again"
    return (
        "has an unknown format: expected a state dict of PyTorch (.pt, .pth, .ckpt, .bin),"
        " safetensors, Keras (.keras, .h5) or ONNX (.onnx)"
    )


def _from_zip(path: Path) -> Contents:
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if torch_reader.is_torch_zip(archive.namelist()):
                return torch_reader.read_zip(path, archive)
            if keras_reader.is_keras_zip(archive.namelist()):
                return keras_reader.read_zip(path, archive)
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:  # also of a name in its directory
        raise ValueError(
            f"{shown(path)} is damaged: it begins as an archive of torch.save or Keras, but a part"
            " is missing or wrong. Copy or download it again"
        ) from error
    except (NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise ValueError(f"{shown(path)} is a damaged archive: {error}"[:300]) from error
    raise ValueError(f"{shown(path)} is a zip archive, but no model of PyTorch or Keras")


def _check_directory(path: Path) -> None:
    """Check the size of a zip archive's table of contents, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    long = tail.rfind(b"PK\x06\x06")  # for archives with more than 65,535 files or 4 GB
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == 0xFFFF_FFFF:
        size = int.from_bytes(tail[long + 40 : long + 48], "little") if long >= 0 else size
    if size > DIRECTORY_BYTES:
        raise ValueError(
            f"{shown(path)} is an archive with a table of contents of {size:,} bytes, expected up"
            f" to {DIRECTORY_BYTES:,}"
        )

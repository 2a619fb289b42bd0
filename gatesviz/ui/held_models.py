"""Bytes of model files: once for all sessions that have them, with a limit for all together."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from gatesviz.limits import MODEL_UPLOADS_IN_ALL, megabytes
from gatesviz.ui.script_turns import step_aside

if TYPE_CHECKING:
    from gatesviz.model_files import PartChoices


@dataclass(frozen=True, eq=False)
class Upload:
    """The bytes of a model file, once for all sessions that have it.

    Attributes:
        digest: SHA-256 of the bytes, or the place and the time of a file on this machine.
        data: the bytes; none for a file on this machine.
        path: of a file on this machine, which ``gatesviz open`` was given.
    """

    digest: str
    data: bytes
    path: Path | None = None


@dataclass(frozen=True, eq=False)
class Held:
    """The file of a session.

    Attributes:
        name: as the reader's computer calls it.
        file_id: of the upload.
        upload: its bytes.
        parts: its recurrent parts, with what has to be chosen.
    """

    name: str
    file_id: str
    upload: Upload
    parts: "tuple[PartChoices, ...]"


def hold(name: str, data: bytes, file_id: str) -> Held:
    """Return a file with its choices; equal files share their bytes.

    Raises:
        ValueError, OSError, ImportError: as `gatesviz.open_model`, or if there is no room.
    """
    from gatesviz.model_files import choices_of

    upload = _shared(Upload(hashlib.sha256(data).hexdigest(), data))
    step_aside()  # another process reads a Keras file, which takes a moment
    with on_disk(upload, name) as path:
        return Held(name, file_id, upload, choices_of(path))


_UPLOADS: "WeakValueDictionary[str, Upload]" = WeakValueDictionary()
_LOCK = Lock()


def _shared(upload: Upload) -> Upload:
    with _LOCK:
        known = _UPLOADS.get(upload.digest)
        if known is not None:
            return known
        total = sum(len(other.data) for other in [*_UPLOADS.values()]) + len(upload.data)
        if total > MODEL_UPLOADS_IN_ALL.high:
            raise ValueError(
                "there is no room for this file: the model files of all sessions may have"
                f" {megabytes(MODEL_UPLOADS_IN_ALL)} MB. Try again later, or run gatesviz on your"
                " own computer"
            )
        _UPLOADS[upload.digest] = upload
        return upload


@contextmanager
def on_disk(upload: Upload, name: str) -> Iterator[Path]:
    """Write the bytes to a temporary file with a harmless name; remove it afterwards."""
    if upload.path is not None:
        yield upload.path
        return
    with tempfile.TemporaryDirectory(prefix="gatesviz-") as folder:
        path = Path(folder) / (re.sub(r"[^\w.-]", "_", name)[-60:].lstrip(".") or "model")
        path.write_bytes(upload.data)
        yield path

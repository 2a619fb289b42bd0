"""Files that are written whole or not at all: a full disk leaves the old one as it was."""

import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: str | Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` and then put it in its place.

    Where ``path`` is a link, the file it leads to is replaced; a device is written to as it is.

    Raises:
        OSError: if it cannot be written, naming ``path``. Nothing is left beside it.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise

"""Files that are written whole or not at all: a full disk leaves the old one as it was."""

import errno
import os
import secrets
import shutil
from pathlib import Path
from reprlib import repr as shortened


def write_whole(path: str | Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` and then put it in its place.

    Where ``path`` is a link, the file it leads to is replaced; a device is written to as it is.

    Raises:
        TypeError: if ``path`` is no file name.
        OSError: if it cannot be written, naming ``path``. Nothing is left beside it.
    """
    check_path(path)
    target = Path(path).resolve()
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, f"the folder {str(Path(path).parent)!r} does not exist", str(path)
        )
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
            del error.filename2
            error.filename = str(path)
        raise


def check_path(path: object) -> None:
    """Raise a TypeError unless ``path`` is a file name: a text or a Path."""
    if not isinstance(path, str | Path):
        raise TypeError(f"path: expected a file name (a text or a Path), got {shortened(path)}")

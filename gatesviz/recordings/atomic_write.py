"""Write files completely or not at all: after a full disk the old file is unchanged."""

import errno
import os
import secrets
import shutil
from pathlib import Path
from reprlib import repr as shortened


def write_whole(path: str | Path, data: bytes) -> None:
    """Write ``data`` to a temporary file next to ``path``, then rename it to ``path``.

    If ``path`` is a link, its target is replaced. A device is written to directly.

    Raises:
        TypeError: if ``path`` is not a file name.
        OSError: if it cannot be written; the error names ``path``. No temporary file remains.
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
    """Raise an error unless ``path`` can be a file name: a text or a Path.

    Raises:
        TypeError: if it is neither.
        ValueError: if it holds a NUL character, which no file name can.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path: expected a file name (a text or a Path), got {shortened(path)}")
    if "\0" in str(path):
        raise ValueError(f"path: expected a file name without a NUL, got {shortened(str(path))}")

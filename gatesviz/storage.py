"""The results folder, and what may be wrong with a disk, in plain words."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DATABASE = "GATESVIZ_DATABASE"
"""Environment variable with a URL, such as postgresql+psycopg://user@host/name."""
ROOM = 500_000  # bytes that are free on a disk that is not full
PLAIN_REASONS = {
    "No space left on device": "the disk is full",
    "database or disk is full": "the disk is full",
    "attempt to write a readonly database": "the file is read-only",
    "unable to open database file": "the file can't be opened",
    "database is locked": "another process is writing",
    "Permission denied": "no permission to write",
}
"""Message of the system or of SQLite -> the same in plain words."""
ENDINGS = ("-wal", "-shm", "-journal")
"""What SQLite adds to the name of a file for its other files."""
KEPT = "the file that GATESVIZ_DATABASE names is damaged, or is no database. It is left as it is"
BACKUPS = 20  # damaged files of one name that are kept
PAUSE = 10.0
"""Seconds without another attempt after a database failed, or a page waited for it in vain."""


class Pause:
    """A time without attempts, so that not every page waits for a database that is silent.

    Args:
        clock: in seconds; only differences count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, float("-inf")

    @property
    def active(self) -> bool:
        """Whether it began less than `PAUSE` seconds ago."""
        return self._clock() - self._began < PAUSE

    def begin(self) -> None:
        """Make no attempt from now on, for `PAUSE` seconds."""
        self._began = self._clock()


def results_folder() -> Path:
    """Return the folder of saved results.

    The environment variable ``GATESVIZ_RESULTS`` names it. The default is the user's cache
    directory.
    """
    from platformdirs import user_cache_path

    folder = os.environ.get("GATESVIZ_RESULTS", "").strip()
    return Path(folder) if folder else user_cache_path("gatesviz", False) / "results"


def database_url(name: str) -> str:
    """Return the URL of the database: that of ``GATESVIZ_DATABASE``, or the file ``name``."""
    given = os.environ.get(DATABASE, "").strip()
    return given or f"sqlite:///{results_folder() / name}.sqlite3"


def is_own(path: Path, name: str) -> bool:
    """Return whether only this app can have made the file ``name``: no URL names it."""
    given = os.environ.get(DATABASE, "").strip()
    return not given and path == results_folder() / f"{name}.sqlite3"


def reason(error: BaseException, folder: Path) -> str:
    """Return the cause of an error of the disk with ``folder`` in plain words, without a path.

    On a full disk, SQLite may report no more than an error of input and output.
    """
    text = str(error.strerror if isinstance(error, OSError) else error)
    if text == "disk I/O error" and _is_full(folder):
        return "the disk is full"
    return PLAIN_REASONS.get(text, text[:1].lower() + text[1:])


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < ROOM
    except OSError:
        return False


def is_locked(error: BaseException) -> bool:
    """Return whether another process holds the lock of the SQLite file."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY


def is_damaged(error: BaseException) -> bool:
    """Return whether an error of SQLite means that the file is damaged, or no database at all."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the detail of an extended code
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path) -> Path:
    """Rename a damaged SQLite file, and return its new path. No file is overwritten.

    Raises:
        OSError: if it cannot be renamed.
    """
    backup = _new_file(path.with_suffix(".damaged"))
    try:
        path.replace(backup)
    except OSError:
        backup.unlink()
        raise
    for ending in ENDINGS:  # SQLite would apply them to the new file
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(f"{backup}{ending}")
    return backup


def _new_file(path: Path) -> Path:
    """Create an empty file with this name, or with a number after it if the name is taken."""
    for number in range(1, BACKUPS + 1):
        name = path if number == 1 else path.with_name(f"{path.name}{number}")
        with suppress(FileExistsError):
            name.touch(exist_ok=False)
            return name
    raise FileExistsError(None, f"{BACKUPS} damaged files are there already")

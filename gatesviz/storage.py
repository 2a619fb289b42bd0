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
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError
    )


def set_aside(path: Path) -> Path:
    """Rename a damaged SQLite file, and return its new path.

    Raises:
        OSError: if it cannot be renamed.
    """
    backup = path.with_suffix(".damaged")
    path.replace(backup)
    for ending in ("-wal", "-shm", "-journal"):  # SQLite would apply them to the new file
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).unlink()
    return backup

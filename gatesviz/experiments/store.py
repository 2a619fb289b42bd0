"""Results on disk, so that no run is repeated and the next visitor finds them.

One SQLite file holds them. It serves several processes, survives a power cut and a full disk, and
reports damage. A result is JSON and safetensors, which cannot run code.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TypeVar

from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.result import Result, deserialise
from gatesviz.limits import EXPERIMENT_RUNS, KEPT_RESULT_BYTES

TIMEOUT = 10.0  # seconds that a new result waits while another process writes
READ_TIMEOUT = 2.0  # seconds that a page waits
PAUSE = 10.0  # seconds without another attempt to read after that was too short
RESERVATION = 15.0  # seconds that a reservation lasts unless it is renewed
IN_MEMORY = EXPERIMENT_RUNS.high  # results that need no second look at the disk
TABLE = """CREATE TABLE IF NOT EXISTS results
    (key TEXT PRIMARY KEY, told TEXT NOT NULL, arrays BLOB NOT NULL, bytes INTEGER NOT NULL)"""
DELETE_OLDEST = """DELETE FROM results WHERE key IN (SELECT key FROM
    (SELECT key, SUM(bytes) OVER (ORDER BY rowid DESC) AS newer FROM results) WHERE newer > ?)"""

PLAIN_REASONS = {
    "No space left on device": "the disk is full",
    "database or disk is full": "the disk is full",
    "attempt to write a readonly database": "the file is read-only",
    "unable to open database file": "the file can't be opened",
    "database is locked": "another process is writing",
    "Permission denied": "no permission to write",
}
"""Message of the system or of SQLite -> the same in plain words."""
T = TypeVar("T")


class Store:
    """Results on disk and in memory. Every method is thread-safe; none raises for a bad disk.

    Args:
        folder: the folder of the file; created when the first result is saved.
        most: the most bytes of results to keep. Beyond it, the oldest results are deleted.

    Attributes:
        problem: a sentence about a problem with the disk, or "". Results of this process stay in
            memory, so a bad disk does not lose them.
    """

    def __init__(self, folder: Path, most: int = KEPT_RESULT_BYTES.high) -> None:
        self.folder, self._most = folder, KEPT_RESULT_BYTES.check(most)
        self.problem = ""
        self._memory: dict[str, Result] = {}
        self._reserved: dict[str, tuple[str, float]] = {}
        self._locked = float("-inf")  # when the file was last locked for too long
        self._lock = Lock()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self.folder / "results.sqlite3"

    def get(self, trial: Trial) -> Result | None:
        """Return the result of ``trial``, or None if it is missing or damaged."""
        return self.get_all([trial]).get(trial)

    def get_all(self, trials: Iterable[Trial]) -> dict[Trial, Result]:
        """Return trial -> result for those of ``trials`` that have one, with at most one query.

        A damaged result counts as missing: the trial runs again and replaces it.
        """
        requested = list(trials)
        with self._lock:
            unread = {trial.key: trial for trial in requested if trial.key not in self._memory}
        for key, text, data in self._rows(tuple(unread)):
            with suppress(ValueError):
                self._remember(deserialise(unread[key], text, data))
        with self._lock:
            pairs = ((trial, self._memory.get(trial.key)) for trial in requested)
            return {trial: result for trial, result in pairs if result is not None}

    def put(self, result: Result) -> None:
        """Save ``result`` in memory and on disk."""
        text, data = result.serialise()
        row = (result.trial.key, text, data, len(text) + len(data))

        def insert(file: sqlite3.Connection) -> None:
            file.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row)
            file.execute(DELETE_OLDEST, (self._most,))

        self._with(insert)
        self._remember(result)

    def _rows(self, keys: tuple[str, ...]) -> list[tuple[str, str, bytes]]:
        if not keys or monotonic() - self._locked < PAUSE:
            return []
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, told, arrays FROM results WHERE key IN ({places})"
        return self._with(lambda file: file.execute(query, keys).fetchall(), READ_TIMEOUT) or []

    def _remember(self, result: Result) -> None:
        with self._lock:
            self._memory[result.trial.key] = result
            while len(self._memory) > IN_MEMORY:
                del self._memory[next(iter(self._memory))]

    def reserve(self, trial: Trial, owner: str) -> bool:
        """Reserve ``trial`` for ``owner``; return False if another owner in this process has it.

        A reservation lasts some seconds. Renew it while the trial runs.
        """
        with self._lock:
            other, until = self._reserved.get(trial.key, (owner, 0.0))
            if other != owner and monotonic() < until:
                return False
            self._reserved[trial.key] = (owner, monotonic() + RESERVATION)
            return True

    def release(self, trial: Trial, owner: str) -> None:
        """End the reservation of ``trial`` by ``owner``."""
        with self._lock:
            if self._reserved.get(trial.key, ("", 0.0))[0] == owner:
                del self._reserved[trial.key]

    def _with(self, act: Callable[[sqlite3.Connection], T], timeout: float = TIMEOUT) -> T | None:
        """Return the result of ``act``, or None if the disk fails."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=timeout)) as file, file:
                file.execute(TABLE)
                answer = act(file)
            self.problem = ""
            return answer
        except (OSError, sqlite3.OperationalError) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                self._locked = monotonic()
            self._report(
                f"Results can't be saved: {_reason(error)}. They are kept until the server stops.",
                f"cannot save results in {self.folder}; set GATESVIZ_RESULTS to another folder",
                error,
            )
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
        return None

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        backup = self.path.with_suffix(".damaged")
        damaged = f"The file of saved results is damaged: {_reason(error)}."
        try:
            self.path.replace(backup)
        except OSError as failed:
            sentence = f"{damaged} It can't be replaced: {_reason(failed)}."
            self._report(sentence, f"cannot replace {self.path}", failed)
        else:
            log = f"moved the damaged {self.path} to {backup}"
            self._report(f"{damaged} A new file replaces it.", log, error)

    def _report(self, sentence: str, log: str, error: Exception) -> None:
        """Set `problem` to a sentence for the page, and log a warning that names the paths."""
        if sentence != self.problem:
            logging.getLogger(__name__).warning("%s (%s)", log, error)
        self.problem = sentence


def _reason(error: Exception) -> str:
    """Return the cause of an error in plain words, without a path."""
    text = str(error.strerror if isinstance(error, OSError) else error)
    return PLAIN_REASONS.get(text, text[:1].lower() + text[1:])


def results_folder() -> Path:
    """Return the folder of saved results.

    The environment variable ``GATESVIZ_RESULTS`` names it. The default is the user's cache
    directory.
    """
    from platformdirs import user_cache_path

    folder = os.environ.get("GATESVIZ_RESULTS", "").strip()
    return Path(folder) if folder else user_cache_path("gatesviz", False) / "results"


def results_store() -> Store:
    """Return the store of this process, in `results_folder`."""
    return _store(results_folder())


@cache
def _store(folder: Path) -> Store:
    return Store(folder)

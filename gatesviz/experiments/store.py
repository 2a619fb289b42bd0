"""Results on disk, so that nothing is computed twice and the next visitor finds them.

They lie in one SQLite file: it serves several processes at a time, survives a power cut and a full
disk, and says when it is damaged. A result is JSON and safetensors; nothing in it is executed.
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
from gatesviz.experiments.result import Result, read
from gatesviz.limits import EXPERIMENT_RUNS, KEPT_RESULT_BYTES

PATIENCE = 10.0  # seconds to wait while another process writes
CLAIM = 15.0  # seconds after which whoever said to measure something, and fell silent, has gone
IN_MEMORY = EXPERIMENT_RUNS.high  # results, so that a page need not read them again
TABLE = """CREATE TABLE IF NOT EXISTS results
    (key TEXT PRIMARY KEY, told TEXT NOT NULL, arrays BLOB NOT NULL, bytes INTEGER NOT NULL)"""
CROWDED_OUT = """DELETE FROM results WHERE key IN (SELECT key FROM
    (SELECT key, SUM(bytes) OVER (ORDER BY rowid DESC) AS newer FROM results) WHERE newer > ?)"""

T = TypeVar("T")


class Store:
    """Kept results. Every method may be called from any thread; none raises for a bad disk.

    Args:
        folder: where the file lies; made when needed.
        most: bytes of results that are kept; beyond it the oldest make room.

    Attributes:
        problem: a sentence about what is wrong with the disk, or "". What this process has read
            or measured is in memory as well, so it is not lost with the disk.
    """

    def __init__(self, folder: Path, most: int = KEPT_RESULT_BYTES.high) -> None:
        self.folder, self._most = folder, KEPT_RESULT_BYTES.check(most)
        self.problem = ""
        self._memory: dict[str, Result] = {}
        self._claims: dict[str, tuple[str, float]] = {}
        self._lock = Lock()

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "results.sqlite3"

    def get(self, trial: Trial) -> Result | None:
        """Return what ``trial`` came to; None if that is not known, or is damaged."""
        return self.known([trial]).get(trial)

    def known(self, trials: Iterable[Trial]) -> dict[Trial, Result]:
        """Return what is known of ``trials``: one look at the disk for all, none if all were read.

        A damaged result is not known: it is measured again, and written over.
        """
        wanted = list(trials)
        with self._lock:
            unread = {trial.key: trial for trial in wanted if trial.key not in self._memory}
        for key, told, arrays in self._rows(tuple(unread)):
            with suppress(ValueError):
                self._remember(read(unread[key], told, arrays))
        with self._lock:
            found = ((trial, self._memory.get(trial.key)) for trial in wanted)
            return {trial: result for trial, result in found if result is not None}

    def put(self, result: Result) -> None:
        """Keep ``result``."""
        told, arrays = result.written()
        row = (result.trial.key, told, arrays, len(told) + len(arrays))

        def insert(file: sqlite3.Connection) -> None:
            file.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", row)
            file.execute(CROWDED_OUT, (self._most,))

        self._with(insert)
        self._remember(result)

    def _rows(self, keys: tuple[str, ...]) -> list[tuple[str, str, bytes]]:
        if not keys:
            return []
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, told, arrays FROM results WHERE key IN ({places})"
        return self._with(lambda file: file.execute(query, keys).fetchall()) or []

    def _remember(self, result: Result) -> None:
        with self._lock:
            self._memory[result.trial.key] = result
            while len(self._memory) > IN_MEMORY:
                del self._memory[next(iter(self._memory))]

    def claim(self, trial: Trial, owner: str) -> bool:
        """Return whether ``owner`` may measure ``trial``: no other one in this process does.

        A claim holds for some seconds; to be made again while the trial is measured.
        """
        with self._lock:
            other, until = self._claims.get(trial.key, (owner, 0.0))
            if other != owner and monotonic() < until:
                return False
            self._claims[trial.key] = (owner, monotonic() + CLAIM)
            return True

    def release(self, trial: Trial, owner: str) -> None:
        """Let others measure ``trial``."""
        with self._lock:
            if self._claims.get(trial.key, ("", 0.0))[0] == owner:
                del self._claims[trial.key]

    def _with(self, act: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what ``act`` returns, or None where the disk does not let it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE)) as file, file:
                file.execute(TABLE)
                answer = act(file)
            self.problem = ""
            return answer
        except (OSError, sqlite3.OperationalError) as error:
            self._tell(
                f"results can't be kept ({_reason(error)}), so they last until the server ends",
                f"results cannot be kept in {self.folder}; GATESVIZ_RESULTS names another folder",
                error,
            )
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
        return None

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self.path.with_suffix(".damaged")
        damaged = f"the file of kept results was damaged ({_reason(error)})"
        try:
            self.path.replace(aside)
        except OSError as failed:
            told = f"{damaged} and can't be replaced: {_reason(failed)}"
            self._tell(told, f"{self.path} cannot be replaced", failed)
        else:
            self._tell(f"{damaged}: a new one is begun", f"the old {self.path} is {aside}", error)

    def _tell(self, sentence: str, log: str, error: Exception) -> None:
        """Note a problem: a page shows the sentence, and only the log has paths."""
        if sentence != self.problem:
            logging.getLogger(__name__).warning("%s (%s)", log, error)
        self.problem = sentence


def _reason(error: Exception) -> str:
    """Return what the system says, without the path that stands beside it."""
    return str(error.strerror if isinstance(error, OSError) else error)


def results_store() -> Store:
    """Return the store of this process.

    ``GATESVIZ_RESULTS`` in the environment names its folder; without it, results lie in the
    user's cache directory.
    """
    from platformdirs import user_cache_path

    named = os.environ.get("GATESVIZ_RESULTS", "").strip()
    return _store(Path(named) if named else user_cache_path("gatesviz", False) / "results")


@cache
def _store(folder: Path) -> Store:
    return Store(folder)

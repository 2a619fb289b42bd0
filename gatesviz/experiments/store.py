"""Results on disk, so that no run is repeated and the next visitor finds them.

One SQLite file holds them. It serves several processes, survives a power cut and a full disk, and
reports damage. A result is JSON and safetensors, which cannot run code.
"""

import atexit
import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Literal, TypeVar

from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.result import Result, deserialise
from gatesviz.limits import EXPERIMENT_RUNS, KEPT_RESULT_BYTES, PENDING_RESULT_BYTES
from gatesviz.storage import is_damaged, is_locked, reason, results_folder, set_aside

TIMEOUT = 10.0  # seconds that the writer waits while another process writes
READ_TIMEOUT = 0.5  # seconds that a page waits to read
PATIENCE = 0.3  # seconds that a page waits for a new result to be written
PAUSE = 10.0  # seconds until the next attempt after the disk failed
RESERVATION = 15.0  # seconds that a reservation lasts unless it is renewed
IN_MEMORY = EXPERIMENT_RUNS.high  # results that need no second look at the disk
TABLE = """CREATE TABLE IF NOT EXISTS results
    (key TEXT PRIMARY KEY, told TEXT NOT NULL, arrays BLOB NOT NULL, bytes INTEGER NOT NULL)"""
DELETE_OLDEST = """DELETE FROM results WHERE key IN (SELECT key FROM
    (SELECT key, SUM(bytes) OVER (ORDER BY rowid DESC) AS newer FROM results) WHERE newer > ?)"""
SENTENCES = {
    "write": "Results can't be saved now",
    "read": "Saved results can't be read now",
}
LATER = {
    "write": "They are kept in memory, and saved as soon as this works again.",
    "read": "The page tries again in a moment.",
}
Row = tuple[str, str, bytes, int]
T = TypeVar("T")


class Store:
    """Results on disk and in memory. Every method is thread-safe; none raises for a bad disk.

    Args:
        folder: the folder of the file; created when the first result is saved.
        most: the most bytes of results to keep. Beyond it, the oldest results are deleted.

    A thread writes new results. If the disk fails, they stay in memory, and the thread tries again
    until they are written. If too many bytes wait, the oldest results are dropped, and `problem`
    says so.
    """

    def __init__(self, folder: Path, most: int = KEPT_RESULT_BYTES.high) -> None:
        self.folder, self._most = folder, KEPT_RESULT_BYTES.check(most)
        self._problems: dict[Literal["damage", "write", "read"], str] = {}
        self._memory: dict[str, Result] = {}
        self._pending: dict[str, Row] = {}
        self._dropped = 0  # results that waited for the disk and had to go
        self._writer: Thread | None = None
        self._idle = Event()
        self._reserved: dict[str, tuple[str, float]] = {}
        self._locked = float("-inf")  # when the file was last locked for too long
        self._damaged = float("-inf")  # when it was last found damaged
        self._lock = Lock()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self.folder / "results.sqlite3"

    @property
    def problem(self) -> str:
        """A sentence about a problem with the disk, or ""."""
        text = next(iter(dict(self._problems).values()), "")
        if text and (gone := self._dropped):
            text += (
                f" {gone:,} older result{'' if gone == 1 else 's'} had no room and won't be saved."
            )
        return text

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
        """Save ``result`` in memory and, in the background, on disk.

        This returns when it is written, or after a moment if that takes longer.
        """
        text, data = result.serialise()
        key = result.trial.key
        self._remember(result)
        with self._lock:
            self._pending[key] = key, text, data, len(text) + len(data)
            self._bound_pending()
            self._idle.clear()
            if self._writer is None:
                self._writer = Thread(target=self._write, name="result writer", daemon=True)
                self._writer.start()
        if not self._problems:
            self._idle.wait(PATIENCE)

    def _bound_pending(self) -> None:
        """Drop the oldest results that wait for the disk while they are too large together."""
        size = sum(row[-1] for row in self._pending.values())
        while size > PENDING_RESULT_BYTES.high and len(self._pending) > 1:
            size -= self._pending.pop(next(iter(self._pending)))[-1]
            self._dropped += 1

    def flush(self) -> bool:
        """Try now to write what is not written yet. Return whether everything is."""
        with self._lock:
            rows = dict(self._pending)

        def insert(file: sqlite3.Connection) -> bool:
            file.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", rows.values())
            file.execute(DELETE_OLDEST, (self._most,))
            return True

        if rows and not self._with(insert, "write", TIMEOUT):
            return False
        with self._lock:
            self._dropped = 0
            for key, row in rows.items():
                if self._pending.get(key) is row:
                    del self._pending[key]
            return not self._pending

    def _write(self) -> None:
        """Write until nothing is pending."""
        while True:
            if not self.flush() and self._problems:
                sleep(PAUSE)
            with self._lock:
                if not self._pending:
                    self._writer = None
                    self._idle.set()
                    return

    def _rows(self, keys: tuple[str, ...]) -> list[tuple[str, str, bytes]]:
        if not keys or monotonic() - self._locked < PAUSE:
            return []
        places = ", ".join("?" * len(keys))
        query = f"SELECT key, told, arrays FROM results WHERE key IN ({places})"
        rows = self._with(lambda file: file.execute(query, keys).fetchall(), "read", READ_TIMEOUT)
        return rows or []

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

    def _with(
        self, act: Callable[[sqlite3.Connection], T], kind: Literal["write", "read"], timeout: float
    ) -> T | None:
        """Return the result of ``act``, or None if the disk fails."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=timeout)) as file, file:
                file.execute(TABLE)
                answer = act(file)
            self._problems.pop(kind, None)
            if kind == "write" or monotonic() - self._damaged > PAUSE:
                self._problems.pop("damage", None)
            return answer
        except (OSError, sqlite3.DatabaseError) as error:
            if is_locked(error):
                self._locked = monotonic()
            if is_damaged(error):
                self._set_aside(error)
            else:
                self._report(
                    kind,
                    f"{SENTENCES[kind]}: {reason(error, self.folder)}. {LATER[kind]}",
                    f"cannot use {self.folder}; GATESVIZ_RESULTS can name another folder",
                    error,
                )
        return None

    def _set_aside(self, error: Exception) -> None:
        damaged = f"The file of saved results is damaged: {reason(error, self.folder)}."
        self._damaged = monotonic()
        try:
            backup = set_aside(self.path)
        except OSError as failed:
            sentence = f"{damaged} It can't be replaced: {reason(failed, self.folder)}."
            self._report("damage", sentence, f"cannot replace {self.path}", failed)
        else:
            log = f"moved the damaged {self.path} to {backup}"
            self._report("damage", f"{damaged} A new file replaces it.", log, error)

    def _report(
        self, kind: Literal["damage", "write", "read"], sentence: str, log: str, error: Exception
    ) -> None:
        """Note a sentence for the page, and log a warning that names the paths, once."""
        if sentence != self._problems.get(kind):
            logging.getLogger(__name__).warning("%s (%s)", log, error)
        self._problems[kind] = sentence


def results_store() -> Store:
    """Return the store of this process, in `results_folder`."""
    return _store(results_folder())


@cache
def _store(folder: Path) -> Store:
    store = Store(folder)
    atexit.register(store.flush)
    return store

"""Store the runs of the engine while they go on, and bring them back after a restart."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Literal

from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.engine.sessions import Sessions
from gatesviz.training import TrainingSpec

if TYPE_CHECKING:
    from gatesviz.engine.stored_runs import RunStore, StoredRun

EVERY = 4.0
"""Seconds between two snapshots of a run that goes on. A run that rests is stored at once."""
LOOK = 0.5  # seconds between two looks for runs to store
SHARED = 0.1
"""Seconds between two looks if servers share the database. Then each slice is stored."""
TROUBLED = 5.0  # seconds to the next attempt after the disk failed
TOGETHER = 32  # runs in one transaction
SHARE = 0.05
"""Of a processor core, at most. In a large class there are fewer snapshots."""
RESTORED = (
    "this run paused at its last snapshot, because its server stopped or no page showed it."
    " Start it to continue"
)
KNOWN, KNOWN_SHARED = 60.0, 2.0
"""Seconds that the stored runs of a person are remembered: less if other servers change them."""
PEOPLE = 1_000  # whose stored runs are remembered
Mark = tuple[int, int]
Restored = Literal["restored", "lost", "later"]
"""What became of a stored run. Later: there are too many runs, or the database doesn't answer."""


class RunKeeper:
    """Keeps the snapshots of the resumable runs of people with a cookie.

    A thread of its own writes them, because a disk may take its time. Methods may be called from
    any thread.

    Args:
        sessions, queue: of the engine.
        open_store: returns the database of the snapshots. It is called once.
        clock: in seconds; only differences count.
    """

    def __init__(
        self,
        sessions: Sessions,
        queue: SliceQueue[Run],
        open_store: "Callable[[], RunStore]",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions, self._queue = sessions, queue
        self._open_store, self._clock = open_store, clock
        self._store: RunStore | None = None
        self._opening = Lock()
        self._stored: dict[str, tuple[Mark, float]] = {}  # run -> what of it is stored, and since
        self._found: dict[str, tuple[float, tuple[StoredRun, ...]]] = {}  # person -> when, runs
        self._replaced = 0
        self._forgotten: deque[tuple[str, TrainingSpec]] = deque()
        self._wake, self._stopping = Event(), False
        self._thread = Thread(target=self._keep, name="run keeper", daemon=True)

    @property
    def problem(self) -> str:
        """A sentence about a problem with the database, or ""."""
        return self._store.problem if self._store else ""

    def start(self) -> None:
        """Begin to store snapshots."""
        self._thread.start()

    def stop(self) -> None:
        """Store every run once more, and end."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._store is not None:
            self._store.close()

    def forget(self, person: str, specs: Iterable[TrainingSpec]) -> None:
        """Delete the stored runs of ``person`` and ``specs`` that no tab shows."""
        self._found.pop(person, None)
        self._forgotten.extend((person, spec) for spec in specs)
        self._wake.set()

    def adopt(self, owner: str, specs: Iterable[TrainingSpec]) -> None:
        """Give ``owner`` the runs of ``specs`` that a closed tab of its person had here.

        A run that another server has continued is left to `find` and `restore`. One that was reset
        there is dropped.
        """
        specs = tuple(specs)
        with self._queue.changed:
            person = self._sessions.person(owner)
            asks = person != owner and self._sessions.may_adopt(owner, specs)
        reset = self._reset_elsewhere(person) if asks else frozenset()
        rows = self._rows(person) if asks else None
        with self._queue.changed:
            for run_id in reset:
                self._sessions.drop_closed(run_id)
            behind = {row.run_id for row in rows or () if self._is_newer(row)}
            self._sessions.adopt(owner, specs, behind)

    def _reset_elsewhere(self, person: str) -> frozenset[str]:
        """Return the runs of ``person`` that were stored, and that another server has deleted.

        What this server remembers of the database can be older than the run. So it asks again
        before it believes that a run is gone.
        """
        stored = frozenset(self._stored)  # before the database is asked
        with self._queue.changed:
            stored &= {run.run_id for run in self._sessions.all() if run.person == person}
        for fresh in (False, True):
            if fresh:
                self._found.pop(person, None)
            rows = self._rows(person) if self._opened().shared else None
            gone = frozenset() if rows is None else stored - {row.run_id for row in rows}
            if not gone:
                break
        return gone

    def find(
        self, person: str, specs: Iterable[TrainingSpec]
    ) -> "dict[TrainingSpec, StoredRun] | None":
        """Return spec -> the newest stored run of ``person`` that is not in memory.

        A run that rests in memory, in a closed tab, counts only if it has as many updates. None
        means that the database does not answer now. It is not asked at each call.
        """
        from gatesviz.engine.stored_runs import spec_key

        rows = self._rows(person)
        if not rows:
            return None if rows is None else {}
        keys, alive = {spec_key(person, spec): spec for spec in specs}, self._alive()
        with self._queue.changed:
            alive -= {row.run_id for row in rows if self._is_newer(row)}
        return {
            keys[row.spec_key]: row
            for row in rows
            if row.spec_key in keys and row.run_id not in alive
        }

    def _rows(self, person: str) -> "tuple[StoredRun, ...] | None":
        """Return the stored runs of ``person``, or None if the database does not answer now."""
        at, rows = self._found.get(person, (float("-inf"), ()))
        store = self._opened()
        if self._clock() - at > (KNOWN_SHARED if store.shared else KNOWN):
            asked = store.find(person)
            if asked is None:
                return None
            if len(self._found) >= PEOPLE:
                self._found.clear()
            rows, self._found[person] = asked, (self._clock(), asked)
        return rows

    def _is_newer(self, row: "StoredRun") -> bool:
        """Return whether another server has continued a run that only rests here."""
        return row.complete and self._sessions.behind(row.run_id, row.updates)

    def restore(self, found: "StoredRun", spec: TrainingSpec, owner: str) -> Restored:
        """Give ``owner`` a stored run, paused at its last snapshot, and return what became of it.

        If it has to wait, it stays in the database.
        """
        if not found.complete:
            return "lost"
        loaded = self._opened().load(found, spec)
        if isinstance(loaded, str):
            return loaded
        with self._queue.changed:
            made = loaded[0].updates
            if self._sessions.behind(found.run_id, made):
                self._sessions.drop(self._sessions.get(found.run_id))
            if found.run_id in self._alive():  # another tab was faster
                return "restored"
            person = self._sessions.person(owner)
            run = Run(found.run_id, owner, spec, found.end, self._queue, person, True)
            try:
                self._sessions.add(run)
            except ValueError:
                return "later"
            run.take_up(*loaded, message="" if made >= found.end else RESTORED)
            self._stored[run.run_id] = ((made, found.end), self._clock())
            return "restored"

    def store_due(self, everything: bool = False) -> int:
        """Write the snapshots that are due, or all that are not stored. Return how many."""
        from gatesviz.engine.stored_runs import RunSnapshot

        store = self._opened()
        self._forget(store)
        if store.replaced != self._replaced:  # a new file is empty
            self._replaced = store.replaced
            self._stored.clear()
        now, written = self._clock(), 0
        due = self._due(now, everything, 0.0 if store.shared else EVERY)
        while due:
            some, due = due[:TOGETHER], due[TOGETHER:]
            marks: dict[str, Mark] = {}
            snapshots = []
            for run in some:
                if taken := run.snapshot():
                    state, history, end = taken
                    marks[run.run_id] = state.updates, end
                    each = RunSnapshot(run.run_id, run.person, run.spec, end, state, history)
                    snapshots.append(each)
            if not snapshots or not store.save(snapshots):
                break
            self._stored |= {run_id: (mark, now) for run_id, mark in marks.items()}
            written += len(snapshots)
            if not everything:
                break
        return written

    def _opened(self) -> "RunStore":
        with self._opening:
            if self._store is None:
                self._store = self._open_store()  # loads SQLAlchemy
            return self._store

    def _due(self, now: float, everything: bool, every: float) -> list[Run]:
        """Return the runs to store, the one first that has waited longest.

        A run that goes on is due ``every`` so many seconds, and only if it has changed.
        """
        with self._queue.changed:
            runs = [run for run in self._sessions.all() if run.resumable]
            runs = [run for run in runs if run.person != run.owner]  # the others have no cookie
            alive = {run.run_id for run in runs}
            self._stored = {one: mark for one, mark in self._stored.items() if one in alive}
            waited = {}
            for run in runs:
                mark, since = self._stored.get(run.run_id, (None, float("-inf")))
                rests = everything or not run.busy
                if run.stands not in (None, mark) and (rests or now - since >= every):
                    waited[run] = since
        return sorted(waited, key=lambda run: waited[run])

    def _alive(self) -> set[str]:
        with self._queue.changed:
            return {run.run_id for run in self._sessions.all() if run.status != "cancelled"}

    def _forget(self, store: "RunStore") -> None:
        while self._forgotten:
            if not store.forget(*self._forgotten[0], self._alive()):
                return  # the database does not answer now
            self._forgotten.popleft()

    def _keep(self) -> None:
        while not self._stopping:
            began = time.thread_time()
            self._surviving(lambda: self.store_due())
            used = time.thread_time() - began
            look = SHARED if self._store and self._store.shared else LOOK
            self._wake.wait(TROUBLED if self.problem else max(look, used / SHARE))
            self._wake.clear()
        self._surviving(lambda: self.store_due(everything=True))

    def _surviving(self, step: Callable[[], object]) -> None:
        """Call ``step``. Runs go on whatever happens to their snapshots."""
        try:
            step()
        except Exception:
            logging.getLogger(__name__).exception("runs could not be stored")

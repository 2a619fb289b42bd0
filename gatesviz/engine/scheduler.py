"""The engine: it takes runs, and sends their slices to workers in turn."""

import atexit
import logging
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock, Thread
from typing import TYPE_CHECKING

from gatesviz.engine.backend import Backend
from gatesviz.engine.dispatcher import Dispatcher
from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.engine.run_keeper import RunKeeper
from gatesviz.engine.sessions import GRACE, Sessions
from gatesviz.storage import database_url
from gatesviz.training import TrainingSpec

if TYPE_CHECKING:
    from gatesviz.engine.stored_runs import RunStore, StoredRun

TICK = 0.5  # seconds between two looks at owners and workers
STOPPING = "the server is being stopped"
FAULT = "the engine had an error, so this run paused: start it to try again"


class Engine:
    """Training runs of all sessions, sharing one pool. Methods may be called from any thread.

    Args:
        backend: where slices run.
        grace: see `Sessions`.
        clock: seconds, for the sessions.
        open_store: returns the database for the snapshots of runs. Without it, none are stored.
    """

    def __init__(
        self,
        backend: Backend,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
        open_store: "Callable[[], RunStore] | None" = None,
    ) -> None:
        self._queue: SliceQueue[Run] = SliceQueue()
        self._sessions = Sessions(self._queue, grace, clock)
        self._dispatcher = Dispatcher(backend, self._queue)
        self._keeper = open_store and RunKeeper(self._sessions, self._queue, open_store)
        self._stopping = False
        self._thread = Thread(target=self._tend, name="training engine", daemon=True)

    def start(self) -> "Engine":
        """Begin to run slices. The pool opens in the background."""
        self._thread.start()
        if self._keeper:
            self._keeper.start()
        return self

    def stop(self) -> None:
        """End every run and the pool. No process stays behind."""
        if self._keeper:
            self._keeper.stop()
        with self._queue.changed:
            self._stopping = True
            for run in self._sessions.all():
                self._sessions.drop(run, STOPPING)
            self._queue.changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def submit(
        self,
        spec: TrainingSpec,
        owner: str,
        updates: int,
        go: bool = True,
        resumable: bool = False,
    ) -> str:
        """Take a run of ``updates`` and return its id.

        Args:
            spec: what to train.
            owner: the id of the browser session; see `seen`.
            updates: the length of the whole run.
            go: whether to start at once. If not, only the state before the first update is
                computed.
            resumable: whether a new tab of the same person may take it over; see `adopt`.

        Raises:
            ValueError: if a number is not allowed, or there are too many runs.
        """
        with self._queue.changed:
            if self._stopping:
                raise ValueError(STOPPING)
            person = self._sessions.person(owner)
            run = Run(uuid.uuid4().hex, owner, spec, updates, self._queue, person, resumable)
            self._sessions.add(run)
            if go:
                run.go()
            else:
                run.reset()
            return run.run_id

    def run(self, run_id: str) -> Run:
        """Return a run by its id.

        Raises:
            ValueError: if there is none, or none any more.
        """
        with self._queue.changed:
            return self._sessions.get(run_id)

    def runs(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of ``owner``, oldest first."""
        with self._queue.changed:
            return self._sessions.of(owner)

    def adopt(self, owner: str, specs: Iterable[TrainingSpec]) -> None:
        """Give ``owner`` the runs of ``specs`` that a closed tab of its person had.

        This changes nothing if it has its own. A run that was going goes on. The other runs of
        that tab come along while there is room.
        """
        if self._keeper is not None:
            self._keeper.adopt(owner, specs)
            return
        with self._queue.changed:
            self._sessions.adopt(owner, specs)

    def find_stored(
        self, owner: str, specs: Iterable[TrainingSpec]
    ) -> "dict[TrainingSpec, StoredRun]":
        """Return the runs of ``specs`` that were stored before a restart, for `restore`.

        Each session looks once for a spec, unless it has to wait, and only if it has no run of it.
        """
        if self._keeper is None:
            return {}
        with self._queue.changed:
            person, new = self._sessions.sought(owner, specs)
        if not new or person == owner:  # a person without a cookie cannot be recognised
            return {}
        found = self._keeper.find(person, new)
        if found is None:
            return {}
        with self._queue.changed:
            self._sessions.note_sought(owner, new)
        return found

    def restore(self, owner: str, found: "Mapping[TrainingSpec, StoredRun]") -> None:
        """Give ``owner`` what `find_stored` returned, paused. It takes a while.

        A run of which only a note is left is in `lost`. One that has to wait is looked for again.
        """
        for spec, stored in found.items():
            became = self._keeper.restore(stored, spec, owner) if self._keeper else "lost"
            if became == "restored":
                continue
            with self._queue.changed:
                if became == "lost":
                    self._sessions.note_lost(owner, spec, stored.updates)
                else:
                    self._sessions.note_later(owner, spec)

    def lost(self, owner: str) -> dict[TrainingSpec, int]:
        """Return spec -> the updates of each run that could not be brought back."""
        with self._queue.changed:
            return self._sessions.lost(owner)

    def forget(self, owner: str, specs: Iterable[TrainingSpec]) -> None:
        """Delete the stored runs of ``specs``, so that they do not come back."""
        if self._keeper is not None:
            with self._queue.changed:
                person = self._sessions.person(owner)
            self._keeper.forget(person, specs)

    @property
    def problem(self) -> str:
        """A sentence about runs that cannot be stored now, or ""."""
        return self._keeper.problem if self._keeper else ""

    def seen(self, owner: str) -> None:
        """Note that ``owner`` is looking at its runs. Call it whenever a page draws one."""
        with self._queue.changed:
            self._sessions.seen(owner)

    def watch(
        self,
        owner: str,
        person: str,
        connected: Callable[[], bool] | None = None,
        address: str = "",
    ) -> None:
        """Note whose session ``owner`` is, and how to find out whether its tab is open.

        People share the workers, and not their tabs or runs. Without ``connected``, only `seen` and
        `left` say who is there. The runs of one network ``address`` are bounded.
        """
        with self._queue.changed:
            self._sessions.watch(owner, person, connected, address)

    def present(self) -> int:
        """Return how many sessions look at a page now."""
        with self._queue.changed:
            return self._sessions.present()

    def left(self, owner: str) -> None:
        """Note that ``owner`` disconnected. Its runs end unless it is seen again in time."""
        with self._queue.changed:
            self._sessions.left(owner)

    def _tend(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # The processes that this thread starts inherit it. Ctrl-C is for the server, also
            # before they ignore it themselves.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._surviving(self._dispatcher.warm)
        while not self._stopping:
            self._surviving(self._turn)
        self._surviving(self._dispatcher.close)

    def _turn(self) -> None:
        with self._queue.changed:
            self._queue.changed.wait_for(lambda: self._stopping or self._dispatcher.due, TICK)
            if self._stopping:
                return
            self._sessions.tend()
        self._dispatcher.tend()

    def _surviving(self, step: Callable[[], None]) -> None:
        """Call ``step``. Every run depends on this thread, so no error may end it."""
        try:
            step()
        except Exception:
            logging.getLogger(__name__).exception("the engine met an error")
            try:
                self._dispatcher.start_over(FAULT)
            except Exception:
                logging.getLogger(__name__).exception("and could not stop every waiting run")
            time.sleep(TICK)  # an error that comes again must not take the whole core


_lock = Lock()
_engine: Engine | None = None


def start_engine() -> Engine:
    """Start the engine unless it runs, and return it. Returns at once.

    ``GATESVIZ_ENGINE`` in the environment is the address of a Dask scheduler, as in
    ``tcp://host:8786``; without it, training runs in processes on this machine.
    """
    global _engine
    with _lock:
        if _engine is None:
            _engine = Engine(_backend(), open_store=_open_store).start()
            atexit.register(stop_engine)  # before multiprocessing waits for the workers
        return _engine


def engine() -> Engine:
    """Return the engine, started if need be."""
    return start_engine()


def stop_engine() -> None:
    """End every run and every worker. The engine can be started again."""
    global _engine
    with _lock:
        stopping, _engine = _engine, None
        atexit.unregister(stop_engine)
    if stopping is not None:
        stopping.stop()


def change_together(runs: Sequence[Run], rate: float) -> int:
    """Change the learning rate of all ``runs`` at the same update, and return that update.

    It is the earliest that none of them has begun, so that the runs stay comparable and a link can
    name it. There must be at least one run.

    Raises:
        ValueError: if a run is over, or the rate is not allowed.
    """
    with runs[0].lock:  # no slice departs meanwhile
        made = max(run.begun for run in runs)
        for run in runs:
            run.set_learning_rate(rate, made)
    return made


def _open_store() -> "RunStore":
    """Return the database of snapshots: that of ``GATESVIZ_DATABASE``, or a file."""
    from gatesviz.engine.stored_runs import RunStore

    return RunStore(database_url("runs"))


def _backend() -> Backend:
    address = os.environ.get("GATESVIZ_ENGINE", "").strip()
    if address:
        from gatesviz.engine.cluster import Cluster

        return Cluster(address)
    from gatesviz.engine.processes import Processes

    return Processes()

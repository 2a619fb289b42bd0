"""The engine: takes runs, sends their slices to workers in turn, and takes them in again."""

import logging
import time
import uuid
from collections.abc import Callable
from threading import Thread

from gatesviz.engine.flights import Flights
from gatesviz.engine.line import Line
from gatesviz.engine.owners import GRACE, Owners
from gatesviz.engine.place import Place
from gatesviz.engine.run import Run
from gatesviz.training import TrainingSpec

TICK = 0.5  # seconds between two looks at owners and workers
STOPPING = "the server is being stopped"
FAULT = "the engine met an error of its own, so this run rests; start it to try again"


class Engine:
    """Runs of training for everybody, sharing one pool. Methods may be called from any thread.

    Args:
        place: where slices run.
        grace: see `Owners`.
        clock: of the owners' presence.
    """

    def __init__(
        self, place: Place, grace: float = GRACE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._line: Line[Run] = Line()
        self._owners = Owners(self._line, grace, clock)
        self._flights = Flights(place, self._line)
        self._stopping = False
        self._thread = Thread(target=self._tend, name="training engine", daemon=True)

    def start(self) -> "Engine":
        """Begin to run slices; the pool is opened in the background."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End every run and the pool. No process is left."""
        with self._line.changed:
            self._stopping = True
            for run in self._owners.all():
                self._owners.drop(run, STOPPING)
            self._line.changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, spec: TrainingSpec, owner: str, updates: int, go: bool = True) -> str:
        """Take a run of ``updates`` and return its id.

        Args:
            spec: what to train.
            owner: a name for the person's browser session; see `seen`.
            updates: how many make the whole run.
            go: whether to start at once; if not, only the state before the first update is made.

        Raises:
            ValueError: if a number is not allowed, or there are too many runs.
        """
        with self._line.changed:
            if self._stopping:
                raise ValueError(STOPPING)
            run = Run(uuid.uuid4().hex, owner, spec, updates, self._line)
            self._owners.add(run)
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
        with self._line.changed:
            return self._owners.get(run_id)

    def runs(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of ``owner``, oldest first."""
        with self._line.changed:
            return self._owners.of(owner)

    def seen(self, owner: str) -> None:
        """Note that ``owner`` looks at his runs: to be called whenever a page draws one."""
        with self._line.changed:
            self._owners.seen(owner)

    def present(self) -> int:
        """Return how many owners look at a page now."""
        with self._line.changed:
            return self._owners.present()

    def left(self, owner: str) -> None:
        """Note that ``owner``'s connection ended: unless seen again in time, his runs end."""
        with self._line.changed:
            self._owners.left(owner)

    def _tend(self) -> None:
        self._surviving(self._flights.warm)
        while not self._stopping:
            self._surviving(self._turn)
        self._surviving(self._flights.close)

    def _turn(self) -> None:
        with self._line.changed:
            self._line.changed.wait_for(lambda: self._stopping or self._flights.due, TICK)
            if self._stopping:
                return
            self._owners.tend()
        self._flights.tend()

    def _surviving(self, step: Callable[[], None]) -> None:
        """Take ``step``; everybody waits for this thread, so no error may end it."""
        try:
            step()
        except Exception as error:
            logging.getLogger(__name__).exception("the engine met an error")
            try:
                self._flights.start_over(f"{FAULT}: {type(error).__name__}: {error}")
            except Exception:
                logging.getLogger(__name__).exception("and could not tell everybody")
            time.sleep(TICK)  # an error that comes again must not take the whole core

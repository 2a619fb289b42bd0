"""Slices on their way to workers and back."""

import logging
import time
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

from gatesviz.engine.line import Line
from gatesviz.engine.place import Place, UnreachableError, Verdict
from gatesviz.engine.run import Run
from gatesviz.engine.slices import Outcome, Slice, work

LOST = "a training process died; what it was at was done again from the last good state"
SHORTEN = 4.0  # to a slice of 0.05 seconds, whose way there and back still is a hundredth of it
LATE = (
    "a slice of this run took too long and was ended, so the run rests where it was: start it"
    " again, or make it smaller"
)


@dataclass(frozen=True, eq=False)
class Flight:
    """A slice at a worker, or on its way."""

    run: Run
    piece: Slice
    since: float = field(default_factory=time.monotonic)


class Flights:
    """The slices at workers, and the pool they are in. Used by one thread, the engine's."""

    def __init__(self, place: Place, line: Line[Run]) -> None:
        self._place, self._line = place, line
        self._executor: Executor | None = None
        self._slots, self._broken = 1, False
        self._away: list[Flight] = []
        self._landed: deque[tuple[Flight, Future[Outcome]]] = deque()

    @property
    def due(self) -> bool:
        """Whether there is something to do now."""
        room = len(self._away) < self._slots
        return self._broken or bool(self._landed) or (room and len(self._line) > 0)

    def warm(self) -> None:
        """Open the pool before it is needed; where it cannot be had, the first run is told."""
        try:
            self._open()
        except UnreachableError:
            return

    def tend(self) -> None:
        """Take in what has landed and send out what is next."""
        with self._line.changed:
            while self._landed:
                self._take_in(*self._landed.popleft())
        if self._executor is not None and self._lost_pool(self._executor):
            self._replace(self._executor)
        if self._executor is not None:
            self._slots = self._place.slots(self._executor)
        for flight in self._board():
            if flight in self._away:  # nobody has given up meanwhile
                self._send(flight)

    def close(self) -> None:
        """End the pool and wait for it."""
        if self._executor is not None:
            self._place.close(self._executor)
            self._executor = None

    def _open(self) -> Executor:
        if self._executor is None:
            self._executor = self._place.open()
            self._slots = self._place.slots(self._executor)
        return self._executor

    def _board(self) -> list[Flight]:
        """Take out of the queue what there is room for."""
        boarding: list[Flight] = []
        with self._line.changed:
            while len(self._away) < self._slots and (run := self._line.next()):
                piece = run.depart(self._seconds())
                if piece is not None:
                    boarding.append(Flight(run, piece))
                    self._keep([*self._away, boarding[-1]])
        return boarding

    def _seconds(self) -> float:
        """Return how long a slice should take: shorter where many wait for theirs."""
        crowd = (len(self._line) + 1) / self._slots
        return self._place.seconds / min(max(1.0, crowd / 2), SHORTEN)

    def _keep(self, away: list[Flight]) -> None:
        self._away, self._line.away = away, len(away)

    def _send(self, flight: Flight) -> None:
        try:
            executor = self._open()
        except UnreachableError as error:
            self.give_up(str(error))
            return
        try:
            future = executor.submit(work, flight.piece)
        except (BrokenExecutor, RuntimeError):
            self._broken = True
        else:
            future.add_done_callback(partial(self._land, flight))

    def _land(self, flight: Flight, future: "Future[Outcome]") -> None:
        """Called in a thread of the pool's."""
        self._landed.append((flight, future))
        with self._line.changed:
            self._line.changed.notify_all()

    def _take_in(self, flight: Flight, future: "Future[Outcome]") -> None:
        if flight not in self._away:  # of a pool that is gone
            return
        error = _error(future)
        verdict = None if error is None else self._place.verdict(error)
        if verdict is Verdict.BROKEN:
            self._broken = True  # it is lost with the others
            return
        self._keep([other for other in self._away if other is not flight])
        if not flight.run.awaits(flight.piece):  # reset or cancelled meanwhile
            return
        if verdict is None:
            flight.run.arrive(future.result())
        elif verdict is Verdict.LOST:
            flight.run.lose(LOST)
        elif verdict is Verdict.LATE:
            flight.run.stop(LATE)
        else:
            flight.run.fail(f"training stopped: {type(error).__name__}: {error}")

    def _lost_pool(self, executor: Executor) -> bool:
        overdue = time.monotonic() - self._place.patience
        late = any(flight.since < overdue for flight in self._away)
        return self._broken or late or not self._place.alive(executor)

    def _replace(self, executor: Executor) -> None:
        """Leave a broken pool; the next slice opens another."""
        self._leave(executor)
        with self._line.changed:
            for flight in reversed(self._all_back()):  # each goes to the front
                if self._place.rebuilds:
                    flight.run.lose(self._place.broken)
                else:
                    flight.run.stop(self._place.broken)

    def _leave(self, executor: Executor) -> None:
        self._executor, self._broken = None, False
        Thread(target=self._close, args=(executor,), daemon=True).start()

    def _close(self, executor: Executor) -> None:
        try:
            self._place.close(executor)
        except Exception:
            logging.getLogger(__name__).exception("a pool could not be closed")

    def start_over(self, sentence: str) -> None:
        """After a fault nobody foresaw: leave the pool, and let everybody rest who waits."""
        if self._executor is not None:
            self._leave(self._executor)
        self.give_up(sentence)

    def give_up(self, sentence: str) -> None:
        """Tell everybody who waits why nothing is done for him; nothing is under way any more."""
        self._broken = False
        with self._line.changed:
            waiting = [flight.run for flight in self._all_back()]
            while run := self._line.next():
                waiting.append(run)
            for run in waiting:
                run.stop(sentence)

    def _all_back(self) -> list[Flight]:
        """Return the flights that somebody waits for, none of which will land."""
        away = self._away
        self._keep([])
        return [flight for flight in away if flight.run.awaits(flight.piece)]


def _error(future: "Future[Outcome]") -> BaseException | None:
    return BrokenExecutor("cancelled") if future.cancelled() else future.exception()

"""Send slices to the workers of a backend and take their results in."""

import logging
import time
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

from gatesviz.engine.backend import Backend, Fault, UnreachableError
from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.engine.slices import Outcome, Slice, work

LOST = "A training process died. Its slice was computed again from the last good state."
SHORTEN = 4.0  # to a slice of 0.05 seconds, where the round trip still costs about 1 %
FAILED = "training stopped: its worker met an error, and the server's log has the details"
LATE = (
    "One slice of this run took too long and was stopped. Start the run again, or make the model"
    " smaller."
)


@dataclass(frozen=True, eq=False)
class SentSlice:
    """A slice that a worker has, or that is on its way there."""

    run: Run
    piece: Slice
    seconds: float  # that its person is charged with until it comes back
    since: float = field(default_factory=time.monotonic)


class Dispatcher:
    """The slices at workers, and the pool that they are in. Only the engine's thread uses it."""

    def __init__(self, backend: Backend, queue: SliceQueue[Run]) -> None:
        self._backend, self._queue = backend, queue
        self._executor: Executor | None = None
        self._slots, self._broken = 1, False
        self._away: list[SentSlice] = []
        self._landed: deque[tuple[SentSlice, Future[Outcome]]] = deque()

    @property
    def due(self) -> bool:
        """Whether there is something to do now."""
        room = len(self._away) < self._slots
        return self._broken or bool(self._landed) or (room and len(self._queue) > 0)

    def warm(self) -> None:
        """Open the pool before it is needed. If that fails, the first run says so."""
        try:
            self._open()
        except UnreachableError:
            return

    def tend(self) -> None:
        """Take in the slices that came back, and send the next ones."""
        with self._queue.changed:
            while self._landed:
                self._take_in(*self._landed.popleft())
        if self._executor is not None and self._lost_pool(self._executor):
            self._replace(self._executor)
        if self._executor is not None:
            self._slots = self._backend.slots(self._executor)
        for sent in self._take_from_queue():
            if sent in self._away:  # it was not given up meanwhile
                self._send(sent)

    def close(self) -> None:
        """End the pool and wait for it."""
        if self._executor is not None:
            self._backend.close(self._executor)
            self._executor = None

    def _open(self) -> Executor:
        if self._executor is None:
            self._executor = self._backend.open()
            self._slots = self._backend.slots(self._executor)
        return self._executor

    def _take_from_queue(self) -> list[SentSlice]:
        """Take as many slices out of the queue as the pool has room for."""
        taken: list[SentSlice] = []
        with self._queue.changed:
            while len(self._away) < self._slots and (run := self._queue.next()):
                seconds = self._seconds()
                piece = run.depart(seconds)
                if piece is not None:
                    taken.append(SentSlice(run, piece, seconds if piece.updates else 0.0))
                    self._keep([*self._away, taken[-1]])
                    self._queue.shares.use(run.person, taken[-1].seconds)
            if not self._away:
                self._queue.shares.forget()
        return taken

    def _seconds(self) -> float:
        """Return how long a slice should take: shorter where many runs wait."""
        crowd = (len(self._queue) + 1) / self._slots
        return self._backend.seconds / min(max(1.0, crowd / 2), SHORTEN)

    def _keep(self, away: list[SentSlice]) -> None:
        self._away, self._queue.away = away, len(away)

    def _send(self, sent: SentSlice) -> None:
        try:
            executor = self._open()
        except UnreachableError as error:
            self.stop_all(str(error))
            return
        try:
            future = executor.submit(work, sent.piece)
        except (BrokenExecutor, RuntimeError):
            self._broken = True
        else:
            future.add_done_callback(partial(self._land, sent))

    def _land(self, sent: SentSlice, future: "Future[Outcome]") -> None:
        """Note that a slice came back. A thread of the pool calls this."""
        self._landed.append((sent, future))
        with self._queue.changed:
            self._queue.changed.notify_all()

    def _take_in(self, sent: SentSlice, future: "Future[Outcome]") -> None:
        if sent not in self._away:  # its pool is gone
            return
        error = _error(future)
        fault = None if error is None else self._backend.fault_of(error)
        if fault is Fault.BROKEN:
            self._broken = True  # it is lost with the others
            return
        self._keep([other for other in self._away if other is not sent])
        self._charge(sent, None if error else future.result())
        if not sent.run.awaits(sent.piece):  # reset or cancelled meanwhile
            return
        if fault is None:
            sent.run.arrive(future.result())
        elif fault is Fault.LOST:
            sent.run.lose(LOST)
        elif fault is Fault.LATE:
            sent.run.stop(LATE)
        else:
            logging.getLogger(__name__).error("a slice of training failed", exc_info=error)
            sent.run.fail(FAILED)

    def _charge(self, sent: SentSlice, outcome: Outcome | None) -> None:
        """Charge the person for a slice that took longer than planned, and not for a lost one."""
        used = max(outcome.seconds - sent.seconds, 0.0) if outcome else -sent.seconds
        self._queue.shares.use(sent.run.person, used)

    def _lost_pool(self, executor: Executor) -> bool:
        overdue = time.monotonic() - self._backend.patience
        late = any(sent.since < overdue for sent in self._away)
        return self._broken or late or not self._backend.alive(executor)

    def _replace(self, executor: Executor) -> None:
        """Leave a broken pool; the next slice opens another."""
        self._leave(executor)
        with self._queue.changed:
            for sent in reversed(self._all_back()):  # each goes to the front
                if self._backend.rebuilds:
                    sent.run.lose(self._backend.broken)
                else:
                    sent.run.stop(self._backend.broken)

    def _leave(self, executor: Executor) -> None:
        self._executor, self._broken = None, False
        Thread(target=self._close, args=(executor,), daemon=True).start()

    def _close(self, executor: Executor) -> None:
        try:
            self._backend.close(executor)
        except Exception:
            logging.getLogger(__name__).exception("a pool could not be closed")

    def start_over(self, message: str) -> None:
        """Leave the pool after an unexpected error, and stop every waiting run with ``message``."""
        if self._executor is not None:
            self._leave(self._executor)
        self.stop_all(message)

    def stop_all(self, message: str) -> None:
        """Stop every waiting run with this message."""
        self._broken = False
        with self._queue.changed:
            waiting = [sent.run for sent in self._all_back()]
            while run := self._queue.next():
                waiting.append(run)
            for run in waiting:
                run.stop(message)

    def _all_back(self) -> list[SentSlice]:
        """Forget every sent slice, and return those that a run still waits for."""
        away = self._away
        self._keep([])
        for sent in away:
            self._charge(sent, None)
        return [sent for sent in away if sent.run.awaits(sent.piece)]


def _error(future: "Future[Outcome]") -> BaseException | None:
    return BrokenExecutor("cancelled") if future.cancelled() else future.exception()

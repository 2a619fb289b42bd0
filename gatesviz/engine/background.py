"""Run calls in the background, each in a process of its own, one at a time and fair to people."""

import logging
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from gatesviz.engine.backend import UnreachableError
from gatesviz.engine.fair_share import FairShare
from gatesviz.engine.processes import Processes

T = TypeVar("T")
WAITS = 3.0
"""Seconds for which a refused person comes first: pages ask again sooner."""


def run_in_process(patience: float, fn: Callable[..., T], /, *args: Any) -> Future[T]:
    """Call ``fn`` in a new process and return its future. The process ends with the call.

    Cancelling the future ends the process at once.

    Args:
        patience: seconds after which the call is ended with a TimeoutError.
        fn, args: must be picklable.

    Raises:
        UnreachableError: if the system starts no process.
    """
    pool = Processes(1, patience).open()
    try:
        future = pool.submit(fn, *args)
        # Only who waits for the pool ends its worker.
        Thread(target=pool.shutdown, name="end of a process", daemon=True).start()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return future


@dataclass(eq=False)
class BackgroundCall(Generic[T]):
    """A call that is running.

    Attributes:
        key: what it computes.
        owner: the session that began it.
        person: whose session that is.
        since, until: when it began, and when it ended; None before.
        future: its result to come. None while the process starts.
    """

    key: Hashable
    owner: str
    person: str
    since: float
    future: Future[T] | None = None
    until: float | None = None


class BackgroundCalls(Generic[T]):
    """Run one call at a time for all sessions, because two would slow each other down.

    If several people ask, the one whose calls have taken the least time so far comes first. So a
    person who measures much, in many tabs, takes turns with the others.

    Results are kept by their key. Every method may be called from any thread. Only ``begin``
    takes a moment, because it starts a process.

    Args:
        kept: how many results and problems are kept.
        split: returns the parts of a result to keep, by their keys. Called with the key of the call
            and its result. The whole result is kept by default.
        clock: in seconds; only differences count.
    """

    def __init__(
        self,
        kept: int,
        split: Callable[[Hashable, T], Mapping[Hashable, T]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept, self._lock, self._clock = kept, Lock(), clock
        self._shares = FairShare()
        self._refused: dict[str, float] = {}  # person -> when last
        self._split = split or (lambda key, value: {key: value})
        self._now: BackgroundCall[T] | None = None
        self._found: dict[Hashable, T] = {}
        self._problems: dict[Hashable, str] = {}

    def begin(
        self, key: Hashable, call: Callable[[], Future[T]], owner: str = "", person: str = ""
    ) -> bool:
        """Begin ``call``. Return False if another call is running, or another person comes first.

        Also return False if a call with this key has just ended: its result is there. Ask again
        until it begins. If it can't begin, `problem` says why.
        """
        person = person or owner
        with self._lock:
            running = self._now
            self._take_in()
            if running is not None and self._now is None and running.key == key:
                return False
            if self._now is not None or self._comes_later(person):
                self._refused[person] = self._clock()
                return False
            self._refused.pop(person, None)
            self._shares.serve(person)
            turn = self._now = BackgroundCall(key, owner, person, self._clock())
            self._problems.pop(key, None)
        try:
            future, problem = call(), ""
        except Exception as error:  # whatever it is, the next one is to have a turn
            future, problem = None, _sentence(error)
        if future is not None:
            future.add_done_callback(lambda _: setattr(turn, "until", self._clock()))
        with self._lock:
            turn.future = future
            if self._now is not turn and future is not None:
                future.cancel()  # it was stopped meanwhile
            elif future is None:
                if self._now is turn:
                    self._end(turn)
                self._remember(self._problems, key, problem)
        return True

    def under_way(self) -> BackgroundCall[T] | None:
        """Return the running call, after taking in what has finished."""
        with self._lock:
            self._take_in()
            return self._now

    def stop(self, key: Hashable = None, owner: str | None = None) -> None:
        """End the running call if its key is ``key`` or its owner is ``owner``."""
        with self._lock:
            turn = self._now
            if turn is None or not (turn.key == key or turn.owner == owner):
                return
            self._refused.pop(turn.person, None)  # who stops doesn't wait for the next turn
            self._end(turn)
            if turn.future is not None:
                turn.future.cancel()

    def found(self, key: Hashable) -> T | None:
        """Return the last result for ``key``, or None."""
        return self._found.get(key)

    def keep(self, key: Hashable, value: T) -> None:
        """Keep ``value``. If there are too many, the oldest is dropped."""
        with self._lock:
            self._remember(self._found, key, value)

    def problem(self, key: Hashable) -> str:
        """Return a sentence about what went wrong last time, or ""."""
        return self._problems.get(key, "")

    def forgive(self, key: Hashable) -> None:
        """Forget the problem with ``key``."""
        with self._lock:
            self._problems.pop(key, None)

    def _take_in(self) -> None:
        turn = self._now
        if turn is None or turn.future is None or not turn.future.done():
            return
        self._end(turn)
        try:
            for key, value in self._split(turn.key, turn.future.result()).items():
                self._remember(self._found, key, value)
        except CancelledError:
            return
        except Exception as error:  # whatever ended the call, `problem` says so
            self._remember(self._problems, turn.key, _sentence(error))

    def _comes_later(self, person: str) -> bool:
        """Return whether another person waits who has used less time."""
        now, rank = self._clock(), self._shares.rank(person)
        self._refused = {name: at for name, at in self._refused.items() if now - at < WAITS}
        return any(self._shares.rank(other) < rank for other in self._refused if other != person)

    def _end(self, turn: BackgroundCall[T]) -> None:
        self._now = None
        until = self._clock() if turn.until is None else turn.until
        self._shares.use(turn.person, until - turn.since)

    def _remember(self, values: dict[Hashable, Any], key: Hashable, value: Any) -> None:
        values.pop(key, None)
        values[key] = value
        while len(values) > self._kept:
            del values[next(iter(values))]


def _sentence(error: Exception) -> str:
    """Return the sentence for the page. The text of other errors goes to the log."""
    if isinstance(error, ValueError | UnreachableError):
        return str(error)
    logging.getLogger(__name__).error("a call in the background failed", exc_info=error)
    if isinstance(error, TimeoutError):
        return "it took too long and was stopped"
    return "it met an error, and the server's log has the details"

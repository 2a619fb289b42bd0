"""Calls that are made in a process of their own, one by one, and what they came to."""

from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from gatesviz.engine.processes import Processes

T = TypeVar("T")


def apart(patience: float, fn: Callable[..., T], /, *args: Any) -> Future[T]:
    """Call ``fn`` in a process of its own, which ends with the call; the caller does not wait.

    Cancelling the future ends the process at once.

    Args:
        patience: seconds after which the call is ended, with a TimeoutError.
        fn, args: can be pickled.

    Raises:
        UnreachableError: if the system grants no process.
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
class Turn(Generic[T]):
    """A call under way.

    Attributes:
        key: of what.
        owner: who began it.
        future: what comes; None while its process is started.
    """

    key: Hashable
    owner: str
    future: Future[T] | None = None


class OneByOne(Generic[T]):
    """One call at a time, for everybody, as two would slow each other; results by their key.

    Every method may be called from any thread. None waits, but that ``begin`` starts a process.

    Args:
        kept: how many results and problems are remembered.
    """

    def __init__(self, kept: int) -> None:
        self._kept, self._lock = kept, Lock()
        self._now: Turn[T] | None = None
        self._found: dict[Hashable, T] = {}
        self._problems: dict[Hashable, str] = {}

    def begin(self, key: Hashable, call: Callable[[], Future[T]], owner: str = "") -> bool:
        """Begin ``call``; False where something else is under way.

        What keeps it from beginning is a `problem`.
        """
        with self._lock:
            self._take_in()
            if self._now is not None:
                return False
            turn = self._now = Turn(key, owner)
            self._problems.pop(key, None)
        try:
            future, problem = call(), ""
        except Exception as error:  # whatever it is, the next one is to have a turn
            future, problem = None, str(error) or type(error).__name__
        with self._lock:
            turn.future = future
            if self._now is not turn and future is not None:
                future.cancel()  # it was stopped meanwhile
            elif future is None:
                self._now = None if self._now is turn else self._now
                self._remember(self._problems, key, problem)
        return True

    def under_way(self) -> Turn[T] | None:
        """Take in what has finished; return what is under way."""
        with self._lock:
            self._take_in()
            return self._now

    def stop(self, key: Hashable = None, owner: str | None = None) -> None:
        """End what is under way, if it is ``key``, or if ``owner`` began it."""
        with self._lock:
            turn = self._now
            if turn is None or not (turn.key == key or turn.owner == owner):
                return
            self._now = None
            if turn.future is not None:
                turn.future.cancel()

    def found(self, key: Hashable) -> T | None:
        """Return what was found last, None if nothing."""
        return self._found.get(key)

    def keep(self, key: Hashable, value: T) -> None:
        """Remember ``value``; of many, what was found first is forgotten."""
        with self._lock:
            self._remember(self._found, key, value)

    def problem(self, key: Hashable) -> str:
        """Return a sentence about what went wrong the last time, or ""."""
        return self._problems.get(key, "")

    def forgive(self, key: Hashable) -> None:
        """Forget what went wrong."""
        with self._lock:
            self._problems.pop(key, None)

    def _take_in(self) -> None:
        turn = self._now
        if turn is None or turn.future is None or not turn.future.done():
            return
        self._now = None
        try:
            self._remember(self._found, turn.key, turn.future.result())
        except CancelledError:
            return
        except Exception as error:  # whatever ended the call, somebody is told
            self._remember(self._problems, turn.key, str(error) or type(error).__name__)

    def _remember(self, told: dict[Hashable, Any], key: Hashable, value: Any) -> None:
        told.pop(key, None)
        told[key] = value
        while len(told) > self._kept:
            del told[next(iter(told))]

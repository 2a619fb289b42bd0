"""The queue of runs that want a slice: first come, first served."""

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

R = TypeVar("R")


class SliceQueue(Generic[R]):
    """Runs R in the order in which they asked for their next slice.

    Each run is in it at most once. A run asks again only after its last slice came back, so it
    joins behind every waiting run. Of thirty runs, each gets one slice before any gets a second.

    Attributes:
        changed: the lock of the engine and all of its runs, notified when there is work.
        away: how many slices are at workers.
    """

    def __init__(self) -> None:
        self.changed = Condition()
        self.away = 0
        self._waiting: deque[R] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, run: R) -> None:
        """Add ``run`` at the end, unless it is in the queue."""
        if run not in self._waiting:
            self._waiting.append(run)
        self.changed.notify_all()

    def return_first(self, run: R) -> None:
        """Put ``run`` at the front, because its slice was lost."""
        self.leave(run)
        self._waiting.appendleft(run)
        self.changed.notify_all()

    def leave(self, run: R) -> None:
        """Take ``run`` out, if it is there."""
        if run in self._waiting:
            self._waiting.remove(run)

    def next(self) -> R | None:
        """Take out the first and return it."""
        return self._waiting.popleft() if self._waiting else None

    def before(self, run: R) -> int:
        """Return how many slices come before the next one of ``run``, those at workers included."""
        return self._waiting.index(run) + self.away if run in self._waiting else 0

"""The queue of runs that want a slice: first come, first served, and fair to people."""

from threading import Condition
from typing import Generic, Protocol, TypeVar

from gatesviz.engine.fair_share import FairShare

HEAD_START = 1.0
"""Seconds of used time that a run without updates is ahead, so that its page soon shows it."""


class Waiting(Protocol):
    """What the queue needs to know of a run."""

    person: str

    @property
    def fresh(self) -> bool:
        """Whether it has no update yet."""


R = TypeVar("R", bound=Waiting)


class SliceQueue(Generic[R]):
    """Runs R in the order in which they asked for their next slice.

    Each run is in it at most once. A run asks again only after its last slice came back, so it
    joins behind every waiting run. Of thirty people with one run, each gets one slice before any
    gets a second. A person with ten runs gets as much time as a person with one.

    Attributes:
        changed: the lock of the engine and all of its runs, notified when there is work.
        away: how many slices are at workers.
        shares: the time that each person used.
    """

    def __init__(self) -> None:
        self.changed = Condition()
        self.away = 0
        self.shares = FairShare()
        self._waiting: list[R] = []

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
        self._waiting.insert(0, run)
        self.changed.notify_all()

    def leave(self, run: R) -> None:
        """Take ``run`` out, if it is there."""
        if run in self._waiting:
            self._waiting.remove(run)

    def next(self) -> R | None:
        """Take out the next run and return it."""
        if not self._waiting:
            return None
        run = min(self._waiting, key=self._rank)
        self._waiting.remove(run)
        self.shares.serve(run.person)
        return run

    def before(self, run: R) -> int:
        """Return how many slices come before the next one of ``run``, those at workers included."""
        if run not in self._waiting:
            return 0
        return sorted(self._waiting, key=self._rank).index(run) + self.away

    def _rank(self, run: R) -> float:
        return self.shares.rank(run.person) - HEAD_START * run.fresh

"""Browser sessions: which are there, how many runs each may have, and how they end."""

import time
from collections.abc import Callable

from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.limits import RUNS_EACH, RUNS_IN_ALL

GRACE = 90.0
"""Seconds: longer than the minute that a browser lets pass between two timers of a hidden tab."""
FORGOTTEN = 1800.0
REST = "this run paused because no page showed it. Start it to continue"
END = "the page of this run was left, so it has ended"


class Sessions:
    """The runs of every session. The caller of each method holds the lock of the queue.

    Args:
        queue: the queue.
        grace: seconds without a sign of its session after which a run pauses. If the session is
            known to have ended, the run ends.
        clock: in seconds; only differences count.
    """

    def __init__(
        self,
        queue: SliceQueue[Run],
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._grace, self._clock = queue, grace, clock
        self._runs: dict[str, Run] = {}
        self._seen: dict[str, float] = {}
        self._left: dict[str, float] = {}

    def add(self, run: Run) -> None:
        """Keep ``run``. If there are too many, drop one that is over or that no session watches.

        Raises:
            ValueError: if the session, or all sessions together, have too many.
        """
        self._make_room(self.of(run.owner), RUNS_EACH.high)
        RUNS_EACH.check(len(self.of(run.owner)) + 1)
        self._make_room(self.all(), RUNS_IN_ALL.high)
        RUNS_IN_ALL.check(len(self._runs) + 1)
        self._runs[run.run_id] = run
        self.seen(run.owner)

    def get(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            ValueError: if no run has this id, or it was dropped.
        """
        if run_id not in self._runs:
            raise ValueError(f"there is no run {run_id!r}: it ended, or the server was restarted")
        return self._runs[run_id]

    def of(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of ``owner``, oldest first."""
        return tuple(run for run in self._runs.values() if run.owner == owner)

    def all(self) -> tuple[Run, ...]:
        """Return every run, oldest first."""
        return tuple(self._runs.values())

    def seen(self, owner: str) -> None:
        """Note that the session ``owner`` is there."""
        self._seen[owner] = self._clock()
        self._left.pop(owner, None)

    def left(self, owner: str) -> None:
        """Note that ``owner`` has disconnected. Its runs end unless it is seen again in time."""
        self._left.setdefault(owner, self._clock())

    def present(self) -> int:
        """Return how many sessions are there: seen lately, and not disconnected."""
        return sum(o not in self._left and not self._absent(o) for o in self._seen)

    def drop(self, run: Run, message: str = END) -> None:
        """End ``run`` and forget it."""
        self._runs.pop(run.run_id, None)
        run.cancel(message)

    def tend(self) -> None:
        """Pause or end the runs of sessions that have gone."""
        for owner in {*self._seen, *self._left}:
            if self._gone(owner):
                for run in self.of(owner):
                    self.drop(run)
                self._seen.pop(owner, None)
                self._left.pop(owner, None)
            elif self._absent(owner):
                for run in self.of(owner):
                    if run.status in ("waiting", "running"):
                        run.stop(REST)

    def _absent(self, owner: str) -> bool:
        return self._clock() - self._seen.get(owner, -FORGOTTEN) > self._grace

    def _gone(self, owner: str) -> bool:
        now = self._clock()
        left = now - self._left.get(owner, now) > self._grace
        return left or now - self._seen.get(owner, now) > max(FORGOTTEN, self._grace)

    def _make_room(self, runs: tuple[Run, ...], most: int) -> None:
        """Drop cancelled runs first, then unwatched ones, then watched ones that are over."""
        ended = [run for run in runs if run.status == "cancelled"]
        deserted = [run for run in runs if run not in ended and self._absent(run.owner)]
        over = [run for run in runs if run.status in ("failed", "finished") and run not in deserted]
        for run in [*ended, *deserted, *over][: max(0, len(runs) + 1 - most)]:
            self.drop(run, "it made room for a newer run")

"""One run: what a person asks of it, where it stands, and its way through the queue."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from gatesviz.engine.line import Line
from gatesviz.engine.pace import Pace
from gatesviz.engine.slices import Outcome, Slice
from gatesviz.engine.view import Status, View
from gatesviz.limits import LEARNING_RATE, RUN_UPDATES, UPDATES_AT_ONCE
from gatesviz.training import History, State, TrainingSpec, with_learning_rate

LOST_IN_A_ROW = 3
LATELY = 10  # slices that the speed is measured over


class Run:
    """A run of training, as a page holds it. Every method may be called from any thread.

    Attributes:
        run_id, owner, spec: as submitted.
    """

    def __init__(self, run_id: str, owner: str, spec: TrainingSpec, end: int, line: Line) -> None:
        self.run_id, self.owner, self.spec = run_id, owner, spec
        self._line, self._end = line, RUN_UPDATES.check(end)
        self._pace = Pace()
        self._over: Literal["failed", "cancelled"] | None = None
        self._version = self._slices = self._lost = 0
        self._clear()

    def _clear(self) -> None:
        self._state: State | None = None
        self._history = History(self.spec)
        self._rate: float | None = None  # asked for, not yet in the state
        self._goal, self._going, self._message = 0, False, ""
        self._losses = 0
        self._piece: Slice | None = None  # at a worker
        self._speed: deque[tuple[float, int]] = deque(maxlen=LATELY)

    # What a person asks of it.

    def go(self, updates: int | None = None) -> None:
        """Make ``updates`` more; without a number, go on to the end.

        Raises:
            ValueError: if the run is over, or the number is not allowed.
        """
        with self._changing():
            self._refuse_over()
            if updates is None:
                self._goal = self._end
            else:
                goal = self._ahead() + UPDATES_AT_ONCE.check(updates)
                self._goal = RUN_UPDATES.check(goal)
                self._end = max(self._end, goal)
            self._going = self._made < self._goal
            self._message = ""
            self._losses = 0
            self._speed.append((time.monotonic(), self._made))
            self._ask()

    def pause(self) -> None:
        """Ask for no further slice; one at a worker still comes back and counts."""
        with self._changing():
            self._rest()

    def reset(self) -> None:
        """Go back to before the first update, and rest there.

        Raises:
            ValueError: if the run is cancelled.
        """
        with self._changing():
            if self._over == "cancelled":
                self._refuse_over()
            self._over = None
            self._clear()
            self._ask()

    def cancel(self, message: str = "") -> None:
        """End the run for good."""
        with self._changing():
            if self._over != "cancelled":
                self._over, self._piece, self._message = "cancelled", None, message
                self._rest()

    def set_learning_rate(self, rate: float) -> None:
        """Use another learning rate from the next slice on.

        Raises:
            ValueError: if the run is over, or the rate is not allowed.
        """
        LEARNING_RATE.check(rate)
        with self._changing():
            self._refuse_over()
            self._rate = rate
            if self._piece is None:
                self._take_rate()

    def view(self) -> View:
        """Return how it stands now."""
        with self._line.changed:
            speed = self._updates_per_second() if self._going else None
            return View(
                run_id=self.run_id,
                owner=self.owner,
                spec=self.spec,
                version=self._version,
                status=self._status,
                message=self._message,
                state=self._state,
                history=self._history,
                learning_rate=self._learning_rate,
                goal=self._goal,
                end=self._end,
                before=self._line.before(self) if self._status == "waiting" else 0,
                updates_per_second=speed,
                seconds_left=(self._goal - self._made) / speed if speed else None,
                slices=self._slices,
                lost=self._lost,
            )

    # Its way through the queue: for the engine, which holds the lock.

    @property
    def status(self) -> Status:
        """As in `View`."""
        with self._line.changed:
            return self._status

    def depart(self, seconds: float) -> Slice | None:
        """Return its next slice, of about ``seconds``; None if it wants none any more."""
        if not self._wants:
            return None
        left = self._goal - self._made if self._going else 0
        updates = self._pace.updates(seconds, left) if left else 0
        self._piece = Slice(self._state or self.spec, None if self._state else self._rate, updates)
        self._version += 1
        return self._piece

    def awaits(self, piece: Slice) -> bool:
        """Return whether ``piece`` is the slice that it has at a worker."""
        return self._piece is piece

    def arrive(self, outcome: Outcome) -> None:
        """Take in what its slice came to."""
        with self._changing():
            self._piece, self._losses = None, 0
            self._state = outcome.state
            self._take_rate()
            self._history = self._history.add(outcome.snapshots)
            self._pace.measured(len(outcome.snapshots), outcome.seconds)
            self._slices += 1
            self._speed.append((time.monotonic(), self._made))
            if outcome.state.stopped:
                self._fail(outcome.state.stopped)
            elif self._made >= self._goal:
                self._going = False
            self._ask()

    def lose(self, message: str) -> None:
        """Ask for the same slice again, its worker having died; rest if that happens too often."""
        with self._changing():
            self._piece, self._message = None, message
            self._lost += 1
            self._losses += 1
            self._pace.shorten()
            if self._losses < LOST_IN_A_ROW:
                self._line.return_first(self)
            else:
                self._rest(
                    f"{message}; this happened {self._losses} times in a row, so the run rests"
                    " where it was: start it again, or make it smaller"
                )

    def stop(self, message: str) -> None:
        """Rest with its last state; it can be started again."""
        with self._changing():
            self._piece = None
            self._pace.shorten()
            self._rest(message)

    def fail(self, message: str) -> None:
        """Give up, keeping the last good state."""
        with self._changing():
            self._piece = None
            self._fail(message)

    # Inside, under the lock.
    @property
    def _made(self) -> int:
        return self._history.updates

    @property
    def _wants(self) -> bool:
        return self._over is None and self._piece is None and (self._going or self._state is None)

    @property
    def _status(self) -> Status:
        if self._over or not self._going:
            return self._over or ("finished" if self._made >= self._end else "paused")
        return "running" if self._piece else "waiting"

    @property
    def _learning_rate(self) -> float:
        if self._rate is not None:
            return self._rate
        return self._state.learning_rate if self._state else self.spec.learning_rate

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._line.changed:
            self._version += 1
            yield

    def _ask(self) -> None:
        if self._wants:
            self._line.join(self)

    def _rest(self, message: str | None = None) -> None:
        self._going = False
        self._speed.clear()
        self._message = self._message if message is None else message
        if self._over or self._state is not None or message is not None:
            self._line.leave(self)

    def _fail(self, message: str) -> None:
        self._over = "failed"
        self._rest(message)

    def _ahead(self) -> int:
        """Return how many updates there will be when all that is asked for is made."""
        piece = self._piece.updates if self._piece else 0
        return max(self._made + piece, self._goal if self._going else 0)

    def _take_rate(self) -> None:
        if self._rate is not None and self._state is not None:
            self._state, self._rate = with_learning_rate(self._state, self._rate), None

    def _refuse_over(self) -> None:
        if self._over:
            raise ValueError(f"this run is {self._over}{self._message and ': ' + self._message}")

    def _updates_per_second(self) -> float | None:
        (start, before), (now, made) = self._speed[0], self._speed[-1]
        return (made - before) / (now - start) if made > before and now > start else None

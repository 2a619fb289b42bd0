"""One run: its numbers, what a page asks of it, and its way through the queue."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event
from typing import Any, Literal

from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.rates import Changes, Rates
from gatesviz.engine.slices import Outcome, Pace, Slice
from gatesviz.engine.view import Status, View
from gatesviz.limits import RUN_UPDATES, UPDATES_AT_ONCE
from gatesviz.training import History, State, TrainingSpec, with_learning_rate

LOST_IN_A_ROW = 3
LATELY = 10  # slices that the speed is measured over


class Run:
    """A training run, as a page holds it. Every method may be called from any thread.

    Its numbers change only under the engine's lock.

    Attributes:
        run_id, owner, spec: as submitted.
        person: who it belongs to. Several owners may be one person.
        resumable: whether a new tab of its person may take it over.
    """

    def __init__(
        self,
        run_id: str,
        owner: str,
        spec: TrainingSpec,
        end: int,
        queue: SliceQueue[Any],
        person: str = "",
        resumable: bool = False,
    ) -> None:
        self.run_id, self.owner, self.spec = run_id, owner, spec
        self.person, self.resumable = person or owner, resumable
        self._queue, self._end = queue, RUN_UPDATES.check(end)
        self._pace = Pace()
        self._over: Literal["failed", "cancelled"] | None = None
        self._version = self._slices = self._lost = 0
        self._shows = Event()  # there is an update, or none comes by itself
        self._clear()

    def _clear(self) -> None:
        self._state: State | None = None
        self._history = History(self.spec)
        self._rates = Rates(self.spec.learning_rate)
        self._goal, self._going, self._message = 0, False, ""
        self._losses = 0
        self._piece: Slice | None = None  # at a worker
        self._speed: deque[tuple[float, int]] = deque(maxlen=LATELY)

    @property
    def status(self) -> Status:
        """As in `View`."""
        with self._queue.changed:
            return self._status

    @property
    def lock(self) -> Condition:
        """The lock of the engine. While you hold it, no slice of any run leaves or comes back."""
        return self._queue.changed

    @property
    def begun(self) -> int:
        """How many updates are made, or are being made by a worker."""
        return self._made + (self._piece.updates if self._piece else 0)

    @property
    def busy(self) -> bool:
        """Whether updates may still come by themselves, as in `View`."""
        return self._status in ("waiting", "running", "pausing")

    @property
    def stands(self) -> tuple[int, int] | None:
        """How many updates are made, and how many make the whole run. None as in `snapshot`."""
        gone = self._state is None or self._over == "cancelled"
        return None if gone else (self._made, self._end)

    @property
    def fresh(self) -> bool:
        """Whether it has no update yet."""
        return self._made == 0

    # What a page asks of it.

    def go(self, updates: int | None = None) -> None:
        """Make ``updates`` more. Without a number, go on to the end.

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
        """Ask for no further slice.

        A slice that a worker has still comes back and counts: until then the run is "pausing".
        """
        with self._changing():
            self._rest()

    def reset(self) -> None:
        """Go back to before the first update, and stay paused there.

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

    def set_learning_rate(self, rate: float, made: int | None = None) -> None:
        """Use another learning rate from update ``made`` on, by default from `begun` on.

        Raises:
            ValueError: if the run is over, the rate is not allowed, or that update has begun.
        """
        with self._changing():
            self._refuse_over()
            made = self.begun if made is None else made
            if not self.follow((*self._rates.changes, (made, rate))):
                raise ValueError(f"update {made + 1:,} has begun: its learning rate stays")

    def follow(self, changes: Changes) -> bool:
        """Use these ``changes`` of the learning rate. Return False if finished updates used others.

        Raises:
            ValueError: if an update or a rate is not allowed.
        """
        with self.lock:
            rates = self._rates.changed(changes)
            if rates.before(self.begun) != self._rates.before(self.begun):
                return False
            if rates != self._rates:
                with self._changing():
                    self._rates = rates
                    self._take_rate()
            return True

    def take_up(self, state: State, history: History, message: str = "") -> None:
        """Continue from a saved run, paused at first, with ``message`` for the person.

        Raises:
            ValueError: if it is of another spec.
        """
        if state.spec != self.spec or history.updates != state.updates:
            raise ValueError(f"expected a run of {self.spec}, got one of {state.spec}")
        with self._changing():
            self._clear()
            self._queue.leave(self)
            self._state, self._history, self._message = state, history, message
            self._rates = self._rates.changed(state.rates)
            self._end = max(self._end, state.updates)
            if state.stopped:
                self._fail(state.stopped)

    def view(self) -> View:
        """Return an unchanging picture of the run."""
        with self._queue.changed:
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
                learning_rate=self._rates.at(self.begun),
                rates=self._rates.changes,
                goal=self._goal,
                end=self._end,
                before=self._queue.before(self) if self._status == "waiting" else 0,
                updates_per_second=speed,
                seconds_left=(self._goal - self._made) / speed if speed else None,
                slices=self._slices,
                lost=self._lost,
            )

    def await_update(self, seconds: float) -> bool:
        """Wait until there is an update, or none will come by itself, at most ``seconds``.

        Return whether that is so.
        """
        return self._shows.wait(seconds)

    def snapshot(self) -> tuple[State, History, int] | None:
        """Return where it stands, and its end; None before it begins and once it is cancelled."""
        with self.lock:
            if self._state is None or self.stands is None:
                return None
            return self._state, self._history, self._end

    # Its way through the queue. The engine calls these and holds the lock.

    def depart(self, seconds: float) -> Slice | None:
        """Return its next slice, of about ``seconds``, or None if it needs none."""
        if not self._wants:
            return None
        left = self._goal - self._made if self._going else 0
        most = min(left, self._rates.until_change(self._made))
        updates = self._pace.updates(seconds, most) if left else 0
        self._piece = Slice(self._state or self.spec, self._rates.at(self._made), updates)
        self._version += 1
        return self._piece

    def awaits(self, piece: Slice) -> bool:
        """Return whether ``piece`` is the slice that a worker has."""
        return self._piece is piece

    def arrive(self, outcome: Outcome) -> None:
        """Take in the result of its slice."""
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
        """Ask for the same slice again after its worker died. Pause if that happens too often."""
        with self._changing():
            self._piece, self._message = None, message
            self._lost += 1
            self._losses += 1
            self._pace.shorten()
            if self._losses < LOST_IN_A_ROW:
                self._queue.return_first(self)
            else:
                self._rest(
                    f"{message}; this happened {self._losses} times in a row, so the run paused"
                    " where it was: start it again, or make it smaller"
                )

    def stop(self, message: str) -> None:
        """Pause with the last state. The run can be started again."""
        with self._changing():
            self._piece = None
            self._pace.shorten()
            self._rest(message)

    def fail(self, message: str) -> None:
        """Give up, keeping the last good state."""
        with self._changing():
            self._piece = None
            self._fail(message)

    def _ask(self) -> None:
        if self._wants:
            self._queue.join(self)

    def _rest(self, message: str | None = None) -> None:
        self._going = False
        self._speed.clear()
        self._message = self._message if message is None else message
        if self._over or self._state is not None or message is not None:
            self._queue.leave(self)

    def _fail(self, message: str) -> None:
        self._over = "failed"
        self._rest(message)

    # What follows from the numbers, under the lock.

    @property
    def _made(self) -> int:
        return self._history.updates

    @property
    def _wants(self) -> bool:
        return self._over is None and self._piece is None and (self._going or self._state is None)

    @property
    def _status(self) -> Status:
        if self._over:
            return self._over
        if self._going:
            return "running" if self._piece else "waiting"
        if self._piece and self._piece.updates:  # a slice without updates only begins the run
            return "pausing"
        return "finished" if self._made >= self._end else "paused"

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._queue.changed:
            self._version += 1
            yield
            if self.fresh and self.busy:
                self._shows.clear()
            else:
                self._shows.set()

    def _ahead(self) -> int:
        """Return how many updates there will be when all that is asked for is made."""
        return max(self.begun, self._goal if self._going else 0)

    def _take_rate(self) -> None:
        if self._piece is None and self._state is not None:
            self._state = with_learning_rate(self._state, self._rates.at(self._made))

    def _refuse_over(self) -> None:
        if self._over:
            raise ValueError(f"this run is {self._over}{self._message and ': ' + self._message}")

    def _updates_per_second(self) -> float | None:
        (start, before), (now, made) = self._speed[0], self._speed[-1]
        return (made - before) / (now - start) if made > before and now > start else None

"""One run: what a person asks of it, where it stands, and its way through the queue."""

import time
from collections.abc import Sequence

from gatesviz.engine.rates import Changes
from gatesviz.engine.slices import Outcome, Slice
from gatesviz.engine.standing import Standing
from gatesviz.engine.view import View
from gatesviz.limits import RUN_UPDATES, UPDATES_AT_ONCE
from gatesviz.training import History, State

LOST_IN_A_ROW = 3


class Run(Standing):
    """A run of training, as a page holds it. Every method may be called from any thread."""

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

    def set_learning_rate(self, rate: float, made: int | None = None) -> None:
        """Use another learning rate once ``made`` updates are made; by default from `begun` on.

        Raises:
            ValueError: if the run is over, the rate is not allowed, or that update has begun.
        """
        with self._changing():
            self._refuse_over()
            made = self.begun if made is None else made
            if not self.follow((*self._rates.changes, (made, rate))):
                raise ValueError(f"update {made + 1:,} has begun: its learning rate stays")

    def follow(self, changes: Changes) -> bool:
        """Take ``changes`` of the learning rate for its own; False if what is made used others.

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

    def take_up(self, state: State, history: History) -> None:
        """Go on from what was saved elsewhere, resting there first.

        Raises:
            ValueError: if it is of another spec.
        """
        if state.spec != self.spec or history.updates != state.updates:
            raise ValueError(f"a run of {state.spec} is given, one of {self.spec} is wanted")
        with self._changing():
            self._clear()
            self._line.leave(self)
            self._state, self._history = state, history
            self._rates = self._rates.changed(state.rates)
            self._end = max(self._end, state.updates)
            if state.stopped:
                self._fail(state.stopped)

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
                learning_rate=self._rates.at(self.begun),
                rates=self._rates.changes,
                goal=self._goal,
                end=self._end,
                before=self._line.before(self) if self._status == "waiting" else 0,
                updates_per_second=speed,
                seconds_left=(self._goal - self._made) / speed if speed else None,
                slices=self._slices,
                lost=self._lost,
            )

    # Its way through the queue: for the engine, which holds the lock.

    def depart(self, seconds: float) -> Slice | None:
        """Return its next slice, of about ``seconds``; None if it wants none any more."""
        if not self._wants:
            return None
        left = self._goal - self._made if self._going else 0
        most = min(left, self._rates.until_change(self._made))
        updates = self._pace.updates(seconds, most) if left else 0
        self._piece = Slice(self._state or self.spec, self._rates.at(self._made), updates)
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


def change_together(runs: Sequence[Run], rate: float) -> int:
    """Use another learning rate from the same update on in all of ``runs``, and return which.

    It is the earliest that none of them has begun, so that they stay comparable and a link can
    name it. At least one run is wanted.

    Raises:
        ValueError: if a run is over, or the rate is not allowed.
    """
    with runs[0].lock:  # no slice departs meanwhile
        made = max(run.begun for run in runs)
        for run in runs:
            run.set_learning_rate(rate, made)
    return made

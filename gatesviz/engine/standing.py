"""Where a run stands: its numbers, and what follows from them. `Run` moves them."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any, Literal

from gatesviz.engine.line import Line
from gatesviz.engine.pace import Pace
from gatesviz.engine.rates import Rates
from gatesviz.engine.slices import Slice
from gatesviz.engine.view import Status
from gatesviz.limits import RUN_UPDATES
from gatesviz.training import History, State, TrainingSpec, with_learning_rate

LATELY = 10  # slices that the speed is measured over


class Standing:
    """The numbers of a run, which change only under the engine's lock.

    Attributes:
        run_id, owner, spec: as submitted.
    """

    def __init__(
        self, run_id: str, owner: str, spec: TrainingSpec, end: int, line: Line[Any]
    ) -> None:
        self.run_id, self.owner, self.spec = run_id, owner, spec
        self._line, self._end = line, RUN_UPDATES.check(end)
        self._pace = Pace()
        self._over: Literal["failed", "cancelled"] | None = None
        self._version = self._slices = self._lost = 0
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
        with self._line.changed:
            return self._status

    @property
    def lock(self) -> Condition:
        """The engine's: who holds it sees no slice of any run depart or come back."""
        return self._line.changed

    @property
    def begun(self) -> int:
        """How many updates are made or at a worker."""
        return self._made + (self._piece.updates if self._piece else 0)

    # Under the lock.

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

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._line.changed:
            self._version += 1
            yield

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

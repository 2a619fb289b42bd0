"""Slices: the part of a run that a worker computes at a time, and how long it should be."""

import time
from dataclasses import dataclass

from gatesviz import training
from gatesviz.limits import UPDATES_AT_ONCE
from gatesviz.training import Snapshot, State, TrainingSpec

FIRST, GROWTH, WEIGHT = 1, 8, 0.7


@dataclass(frozen=True, eq=False)
class Slice:
    """A part of a run, small enough that other runs wait only briefly.

    Attributes:
        origin: where the run stands; its spec if it has not begun.
        rate: learning rate from here on; None keeps it.
        updates: how many to make; 0 only begins the run.
    """

    origin: TrainingSpec | State
    rate: float | None
    updates: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a slice came to.

    Attributes:
        state: after it.
        snapshots: one of each update.
        seconds: that the updates took, without the beginning of a run.
    """

    state: State
    snapshots: tuple[Snapshot, ...]
    seconds: float


def work(piece: Slice) -> Outcome:
    """Train one slice. Loads torch when first called in a process."""
    origin = piece.origin
    state = training.start(origin) if isinstance(origin, TrainingSpec) else origin
    if piece.rate is not None:
        state = training.with_learning_rate(state, piece.rate)
    if not piece.updates:
        return Outcome(state, (), 0.0)
    start = time.perf_counter()
    state, snapshots = training.advance(state, piece.updates)
    return Outcome(state, snapshots, time.perf_counter() - start)


def prepare() -> None:
    """Make a new worker ready: one thread, and what torch loads at its first update loaded.

    A second thread slows models this small down.
    """
    import torch

    torch.set_num_threads(1)
    work(Slice(TrainingSpec(task="recall", hidden_size=1), None, 1))


class Pace:
    """The measured seconds of an update, and how many updates fill a slice.

    It decides only where a run is cut. Training gives the same bits for any cut.
    """

    def __init__(self) -> None:
        self._seconds: float | None = None
        self._last = 0

    def updates(self, seconds: float, most: int) -> int:
        """Return how many updates, 1 to ``most``, take about ``seconds``."""
        if self._seconds is None:
            wanted = FIRST
        else:
            wanted = min(int(seconds / self._seconds), GROWTH * self._last)
        return max(1, min(wanted, most, UPDATES_AT_ONCE.high))

    def measured(self, updates: int, seconds: float) -> None:
        """Take note that ``updates`` took ``seconds``."""
        if not updates:
            return
        new = max(seconds / updates, 1e-6)
        old = new if self._seconds is None else self._seconds
        self._seconds, self._last = WEIGHT * new + (1 - WEIGHT) * old, updates

    def shorten(self) -> None:
        """Begin again with short slices."""
        self._seconds = None

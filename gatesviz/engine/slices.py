"""What a worker does: one slice of one run."""

import time
from dataclasses import dataclass

from gatesviz import training
from gatesviz.training import Snapshot, State, TrainingSpec


@dataclass(frozen=True, eq=False)
class Slice:
    """A part of a run, small enough that nobody waits long for it.

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

"""Where a run stands: all that the next update needs, as plain arrays and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS
from gatesviz.limits import LEARNING_RATE
from gatesviz.training.model import TrainedModel
from gatesviz.training.parts import Floats
from gatesviz.training.spec import TrainingSpec

if TYPE_CHECKING:
    from torch import nn

    from gatesviz.fresh import Module

MOMENTS: Mapping[str, int] = {"adam": 2, "sgd": 0, "rmsprop": 1}
"""How many numbers each optimiser remembers for every weight."""


@dataclass(frozen=True, eq=False)
class State:
    """A run between two updates. It never changes; `advance` returns the next one.

    P is `TrainingSpec.weight_count`. The state pickles to about
    4·P·(1 + moments) + 5 kB, with dropout 10 kB, however long the run is.

    Attributes:
        spec: what is trained.
        updates: how many have been made.
        learning_rate: of the next update.
        rates: (updates made before, new rate) for every change on the way, so that the run can
            be replayed.
        weights: (P,) float32, see `TrainedModel`.
        moments: (M, P) float32, the optimiser's memory: see `MOMENTS`.
        streams: (S, N) uint8: the states of the generators of samples and, with dropout, of masks.
        carried: (S, L, B, H) float32: the states in which the last batch ended, before the first
            update zeros: S is 1, h, or 2 for the LSTM, h and c. (0,) unless `TrainingSpec.carry`.
        stopped: None, or a sentence that says why the run cannot go on. The weights are then the
            last good ones.
    """

    spec: TrainingSpec
    updates: int
    learning_rate: float
    rates: tuple[tuple[int, float], ...]
    weights: Floats
    moments: Floats
    streams: NDArray[np.uint8]
    carried: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    stopped: str | None = None

    def __repr__(self) -> str:
        stopped = "" if self.stopped is None else f", stopped: {self.stopped}"
        return f"State({self.updates:,} updates, {self.spec!r}{stopped})"

    @property
    def model(self) -> TrainedModel:
        """The weights as they are now."""
        return TrainedModel(self.spec, self.updates, self.weights)

    def module(self) -> "Module":
        """Return a new ``torch.nn`` module with these weights; time first, evaluation mode."""
        return self.model.module()

    def readout(self) -> "nn.Linear":
        """Return a new readout with these weights, h (T, B, D·H) -> (T, B, O)."""
        return self.model.readout()


def carried_shape(spec: TrainingSpec) -> tuple[int, ...]:
    """Return the shape of `State.carried`."""
    if not spec.carry:
        return (0,)
    states = len(CELLS[spec.cell].states)
    return states, spec.layers, spec.batch_size, spec.actual_hidden_size


def with_learning_rate(state: State, rate: float) -> State:
    """Return ``state`` with another learning rate from the next update on.

    The change is kept in `State.rates`; the rate that it has already is no change.

    Raises:
        ValueError: if ``rate`` lies outside what `gatesviz.limits.LEARNING_RATE` allows.
    """
    LEARNING_RATE.check(rate)
    if rate == state.learning_rate:
        return state
    earlier = tuple(change for change in state.rates if change[0] != state.updates)
    rates = (*earlier, (state.updates, rate))
    return replace(state, learning_rate=rate, rates=rates)

"""Everything that a page scrubs through, gathered from snapshots and kept small."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.training.model import Floats, TrainedModel
from gatesviz.training.snapshots import Snapshot, checkpoints
from gatesviz.training.spec import TrainingSpec


@dataclass(frozen=True, eq=False)
class History:
    """What a run left behind, however its updates were sliced.

    The bound, for U updates and P weights: `nbytes` ≤ 4·64·P for the weights, or 8 MB where that
    is less, though never below 4·21·P; 8·U for losses and norms; and 20·(U / 25 + 17) for the
    scores. Gates are not kept: a recording made from a checkpoint's weights is exact, and larger.

    Attributes:
        spec: of the run.
        losses, gradient_norms: (U,) float32: entry u − 1 belongs to update u. The norms are those
            before clipping.
        rates: (first update that used it, learning rate) in order.
        scored: (K,) int32: after which updates it was scored.
        scores, train_scores: (K,) float64 on held-out samples and on the training set; the
            latter are NaN where there is no fixed one.
        weights: update -> (P,) for every one of `checkpoints` but 0, whose weights the seed gives.
    """

    spec: TrainingSpec
    losses: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    gradient_norms: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    rates: tuple[tuple[int, float], ...] = ()
    scored: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    train_scores: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    weights: Mapping[int, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        last = f", last loss {self.losses[-1]:.4g}" if len(self.losses) else ""
        return f"History({self.updates:,} updates{last}, {self.spec!r})"

    @property
    def updates(self) -> int:
        """U, how many updates are known."""
        return len(self.losses)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """After which updates there are weights, in order; 0 is before the first. At most 64."""
        return checkpoints(self.updates, self.spec.weight_count)

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        series: tuple[NDArray[Any], ...]
        series = (self.losses, self.gradient_norms, self.scored, self.scores, self.train_scores)
        kept = sum(weights.nbytes for weights in self.weights.values())
        return kept + sum(array.nbytes for array in series)

    def add(self, snapshots: Iterable[Snapshot]) -> "History":
        """Return a history that goes on with ``snapshots``.

        Raises:
            ValueError: if they do not begin at the next update, or leave one out.
        """
        new = list(snapshots)
        for expected, snapshot in enumerate(new, self.updates + 1):
            if snapshot.update != expected:
                raise ValueError(
                    f"update {snapshot.update:,} given, update {expected:,} comes next"
                )
        tests = [s for s in new if s.score is not None]
        weights = {**self.weights, **{s.update: s.weights for s in new if s.weights is not None}}
        kept = checkpoints(self.updates + len(new), self.spec.weight_count)
        return History(
            self.spec,
            _longer(self.losses, [s.loss for s in new]),
            _longer(self.gradient_norms, [s.gradient_norm for s in new]),
            _changes(self.rates, new),
            _longer(self.scored, [s.update for s in tests]),
            _longer(self.scores, [s.score for s in tests]),
            _longer(self.train_scores, [_or_nan(s.train_score) for s in tests]),
            {update: weights[update] for update in kept if update},
        )

    def model_at(self, update: int) -> TrainedModel:
        """Return the model at a checkpoint.

        Raises:
            ValueError: if ``update`` is none of `checkpoints`.
        """
        if update not in self.checkpoints:
            raise ValueError(
                f"no weights are kept after update {update:,}, only after"
                f" {', '.join(f'{u:,}' for u in self.checkpoints)}"
            )
        if update:
            return TrainedModel(self.spec, update, self.weights[update], self)
        from gatesviz.training.fold import start

        return start(self.spec).model


def _longer(series: NDArray[Any], more: list[Any]) -> NDArray[Any]:
    return np.concatenate([series, np.asarray(more, series.dtype)])


def _changes(
    rates: tuple[tuple[int, float], ...], more: list[Snapshot]
) -> tuple[tuple[int, float], ...]:
    for snapshot in more:
        if not rates or rates[-1][1] != snapshot.learning_rate:
            rates = (*rates, (snapshot.update, snapshot.learning_rate))
    return rates


def _or_nan(score: float | None) -> float:
    return np.nan if score is None else score

"""The test: compare models and forecasts without a network on the held-out part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.search.baselines import Baselines, baseline_scores
from gatesviz.experiments.search.bootstrap import block_length, resampled_means, two_level
from gatesviz.experiments.search.history import History, history, roll
from gatesviz.experiments.statistics import Interval
from gatesviz.training import OwnData, TrainedModel
from gatesviz.training.threads import alone

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Scores on the held-out part: RMSE or bits per character, lower is better.

    Attributes:
        steps: H, the number of held-out steps.
        warm_up: the number of training steps that each model reads first.
        block: mean length of the bootstrap's blocks, in steps.
        baselines: name -> score of each forecast without a network.
        scores: cell -> its score for each seed, with mean and interval.
        against: cell -> how much lower its score is than the best baseline's; negative if higher.
        pairs: (one, other) -> how much lower the score of one is than the other's, seed by seed.
    """

    steps: int
    warm_up: int
    block: int
    baselines: Mapping[str, float]
    scores: Mapping[str, Interval]
    against: Mapping[str, Interval]
    pairs: Mapping[tuple[str, str], Interval]

    @property
    def best(self) -> tuple[str, float]:
        """Name and score of the best forecast without a network."""
        name = min(self.baselines, key=lambda each: self.baselines[each])
        return name, self.baselines[name]


@alone()
def measure(
    data: OwnData, models: Mapping[str, tuple[TrainedModel, ...]], known: Baselines
) -> HeldOut:
    """Return the scores of ``models`` on the held-out part of ``data``.

    Args:
        data: all the data.
        models: cell -> a model for each seed, the same seeds for every cell.
        known: the forecasts without a network.
    """
    past = history(data)
    costs = {cell: np.stack([roll(m, past) for m in each]) for cell, each in models.items()}
    return compare(costs, known, past)


def _from_zero(score: Interval) -> Interval:
    """Return the interval without numbers below 0, which no error and no number of bits can be."""
    return replace(score, low=max(0.0, score.low)) if np.isfinite(score.low) else score


def compare(costs: Mapping[str, Reals], known: Baselines, past: History) -> HeldOut:
    """Return the scores and differences that follow from the costs of each step.

    Args:
        costs: cell -> (S, H), the squared error or bits of each held-out step for each seed.
        known: the forecasts without a network, on the same steps.
        past: the data in order.
    """
    without_network = baseline_scores(known, past)
    best = min(without_network, key=lambda name: without_network[name])
    stacked = np.concatenate([known.errors[best][None], *costs.values()])
    means = {cell: each.mean(0) for cell, each in costs.items()}
    differences = [each - known.errors[best] for each in means.values()]
    differences += [means[one] - means[other] for one, other in combinations(means, 2)]
    block = block_length([known.errors[best], *differences])
    blocks = past.held_out / block
    drawn = past.score(resampled_means(stacked, block))
    reference, parts = drawn[:, :1], np.split(drawn[:, 1:], len(costs), 1) if costs else []
    scores = {cell: past.score(each.mean(1)) for cell, each in costs.items()}
    resampled = dict(zip(costs, parts, strict=True))
    return HeldOut(
        past.held_out,
        past.warm_up,
        block,
        without_network,
        {cell: _from_zero(two_level(scores[cell], resampled[cell], blocks)) for cell in costs},
        {
            cell: two_level(
                without_network[best] - scores[cell], reference - resampled[cell], blocks
            )
            for cell in costs
        },
        {
            (one, other): two_level(
                scores[other] - scores[one], resampled[other] - resampled[one], blocks
            )
            for one, other in combinations(list(costs)[::-1], 2)
        },
    )

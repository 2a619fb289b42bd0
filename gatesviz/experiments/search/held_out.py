"""The test: models and forecasts without a network, side by side on the held-out part."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.search.baselines import Baselines
from gatesviz.experiments.search.bootstrap import block_length, resampled_means, two_level
from gatesviz.experiments.search.history import History, history, roll
from gatesviz.experiments.statistics import Interval
from gatesviz.training import OwnData, TrainedModel
from gatesviz.training.threads import alone

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What the held-out part says. Scores are RMSE or bits per character: lower is better.

    Attributes:
        steps: H, how many held-out steps are forecast.
        warm_up: how many training steps each model reads first.
        block: the mean length of the blocks of the bootstrap, in steps.
        baselines: name -> score of each forecast that needs no network.
        scores: cell -> its score for each seed, their mean and interval.
        against: cell -> how much lower its score is than the best baseline's; negative if higher.
        pairs: (one, other) -> how much lower one's score is than the other's, seed by seed.
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
        """Name and score of the best forecast that needs no network."""
        name = min(self.baselines, key=lambda each: self.baselines[each])
        return name, self.baselines[name]


@alone()
def measure(
    data: OwnData, models: Mapping[str, tuple[TrainedModel, ...]], known: Baselines
) -> HeldOut:
    """Return how ``models`` do on the held-out part of ``data``.

    Args:
        data: the whole.
        models: cell -> a model for each seed, the same seeds for every cell.
        known: the forecasts without a network.
    """
    past = history(data)
    costs = {cell: np.stack([roll(m, past) for m in each]) for cell, each in models.items()}
    return compare(costs, known, past)


def compare(costs: Mapping[str, Reals], known: Baselines, past: History) -> HeldOut:
    """Return what per-step costs say.

    Args:
        costs: cell -> (S, H), what each held-out step costs the model of each seed.
        known: the forecasts without a network, on the same steps.
        past: the data in order.
    """
    plain = {name: float(past.score(each.mean())) for name, each in known.errors.items()}
    best = min(plain, key=lambda name: plain[name])
    stacked = np.concatenate([known.errors[best][None], *costs.values()])
    means = {cell: each.mean(0) for cell, each in costs.items()}
    differences = [each - known.errors[best] for each in means.values()]
    differences += [means[one] - means[other] for one, other in combinations(means, 2)]
    block = block_length([known.errors[best], *differences])
    drawn = past.score(resampled_means(stacked, block))
    reference, parts = drawn[:, :1], np.split(drawn[:, 1:], len(costs), 1) if costs else []
    here = {cell: past.score(each.mean(1)) for cell, each in costs.items()}
    there = dict(zip(costs, parts, strict=True))
    return HeldOut(
        past.held_out,
        past.warm_up,
        block,
        plain,
        {cell: two_level(here[cell], there[cell]) for cell in costs},
        {cell: two_level(plain[best] - here[cell], reference - there[cell]) for cell in costs},
        {
            (one, other): two_level(here[other] - here[one], there[other] - there[one])
            for one, other in combinations(list(costs)[::-1], 2)
        },
    )

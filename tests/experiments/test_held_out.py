"""Intervals of the test: they cover seeds and the held-out part, as often as they say."""

import numpy as np
import pytest
from scipy.stats import norm, t

from gatesviz.experiments.search import Baselines, History, compare
from gatesviz.experiments.search.bootstrap import block_length, resampled_means, two_level

SEEDS, STEPS = 6, 200


def past(steps: int = STEPS) -> History:
    return History(np.zeros((5 * steps, 1), np.float32), 4 * steps)


def persistent(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """Return normal noise (n,) of variance 1 whose neighbours correlate by ``share``."""
    values = rng.normal(size=n)
    for k in range(1, n):
        values[k] = share * values[k - 1] + np.sqrt(1 - share**2) * values[k]
    return values


def costs(rng: np.random.Generator, level: float, seeds: float, steps: float, shared: np.ndarray):
    """Return costs (S, n) of models whose mean is ``level``."""
    own = seeds * rng.normal(size=(SEEDS, 1)) + 0.1 * rng.normal(size=(SEEDS, len(shared)))
    return level + own + steps * shared


def test_scores_and_differences_are_those_of_the_costs():
    rng = np.random.default_rng(0)
    shared = persistent(rng, STEPS, 0.5)
    lstm, gru = (costs(rng, level, 0.1, 0.3, shared) ** 2 for level in (1.0, 1.5))
    reference = (1.2 + 0.3 * shared) ** 2
    known = Baselines({"worse": reference + 5, "best": reference})
    found = compare({"gru": gru, "lstm": lstm}, known, past())
    assert found.best == ("best", pytest.approx(np.sqrt(reference.mean())))
    assert (found.steps, found.warm_up) == (STEPS, 200)
    roots = np.sqrt(lstm.mean(1))
    np.testing.assert_allclose(found.scores["lstm"].values, roots)
    assert found.scores["lstm"].estimate == pytest.approx(roots.mean())
    assert found.against["lstm"].estimate == pytest.approx(found.best[1] - roots.mean())
    assert found.against["lstm"].low > 0 > found.against["gru"].high
    difference = found.pairs["lstm", "gru"]
    np.testing.assert_allclose(difference.values, np.sqrt(gru.mean(1)) - roots)
    assert difference.low > 0
    text = compare({"gru": gru, "lstm": lstm}, known, History(past().rows[:, 0], 800, 9))
    np.testing.assert_allclose(text.scores["lstm"].values, lstm.mean(1))  # bits have no root
    nothing = compare({}, known, past())
    assert (nothing.scores, nothing.pairs, nothing.best[0]) == ({}, {}, "best")


def test_the_interval_of_an_error_has_no_numbers_below_zero_and_that_of_a_difference_may():
    lows = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        error = persistent(rng, 108, 0.9)[-8:]
        models = {"lstm": (error + 0.1 * rng.normal(size=(SEEDS, 8))) ** 2}
        found = compare(models, Baselines({"best": (1.1 * error) ** 2 + 0.01}), past(8))
        assert 0 <= found.scores["lstm"].low < found.scores["lstm"].estimate
        lows.append(found.against["lstm"].low)
    assert min(lows) < 0


def test_blocks_are_as_long_as_what_neighbours_share():
    rng = np.random.default_rng(0)
    lengths = [block_length([persistent(rng, 2_000, share)]) for share in (0.0, 0.5, 0.9)]
    assert lengths == sorted(lengths)
    assert lengths[0] <= 4
    assert lengths[2] > 20
    assert block_length([np.ones(50), np.arange(3.0)]) == 1


def test_resampled_means_spread_as_the_mean_of_such_a_series_does():
    rng, share, n = np.random.default_rng(1), 0.6, 4_000
    values = persistent(rng, n, share)
    found = resampled_means(np.stack([values, 2 * values]), block_length([values]), 500)
    expected = np.sqrt((1 + share) / (1 - share) / n)  # of the mean of an AR(1) process
    assert found[:, 0].std() == pytest.approx(expected, rel=0.15)
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0])  # all rows at the same steps
    assert resampled_means(values[None], 1, 500)[:, 0].std() < 0.7 * expected


def test_where_only_seeds_differ_the_interval_is_students():
    values = np.random.default_rng(0).normal(size=SEEDS)
    found = two_level(values, np.tile(values, (20_000, 1)))
    half = t.ppf(0.975, SEEDS - 1) * values.std(ddof=1) / np.sqrt(SEEDS)
    assert found.estimate == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * half, rel=0.08)
    steps = np.random.default_rng(1).normal(size=(20_000, 1)) + np.zeros(SEEDS)
    only = two_level(np.zeros(SEEDS), steps)
    assert only.high == pytest.approx(norm.ppf(0.975), rel=0.05)  # where only the steps do


def test_where_only_steps_differ_the_interval_is_students_for_the_number_of_blocks():
    drawn = np.random.default_rng(1).normal(size=(20_000, 1)) + np.zeros(SEEDS)
    for blocks in (2.5, 8, 40):
        found = two_level(np.zeros(SEEDS), drawn, blocks)
        half = t.ppf(0.975, blocks - 1) * np.sqrt(blocks / (blocks - 1))
        assert found.high == pytest.approx(half, rel=0.05)
        assert found.low == pytest.approx(-half, rel=0.05)
    widest = two_level(np.zeros(SEEDS), drawn, 2)
    assert two_level(np.zeros(SEEDS), drawn, 0.3) == widest  # one block holds the whole part


def test_the_interval_of_a_comparison_is_as_wide_as_its_few_blocks_ask():
    rng = np.random.default_rng(3)
    reference, model = (2 + persistent(rng, STEPS, 0.9) for _ in range(2))
    found = compare({"gru": np.tile(model, (SEEDS, 1))}, Baselines({"best": reference}), past())
    assert STEPS / found.block < 25
    drawn = resampled_means(np.stack([reference, model]), found.block)
    roots = np.sqrt(drawn)
    spread = np.quantile(roots[:, 0] - roots[:, 1], 0.975) - (roots[:, 0] - roots[:, 1]).mean()
    blocks = STEPS / found.block
    wider = t.ppf(0.975, blocks - 1) / norm.ppf(0.975) * np.sqrt(blocks / (blocks - 1))
    half = found.against["gru"].high - (roots[:, 0] - roots[:, 1]).mean()
    assert half == pytest.approx(wider * spread, rel=1e-6)


@pytest.mark.parametrize(
    ("seeds", "steps", "share", "least"),
    [(0.2, 0.2, 0.5, 0.85), (0.02, 1.0, 0.5, 0.85), (0.5, 0.05, 0.5, 0.85), (0.02, 1.0, 0.9, 0.8)],
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(seeds, steps, share, least):
    """Here there are fewer simulations than `two_level` names, so the bound is lower.

    Student's interval over the seeds alone held it in 93, 14 and 95 % of the first three.
    """
    held, trials = 0, 60
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        shared = persistent(rng, STEPS, share)
        model = costs(rng, 1.0, seeds, steps, shared)
        block = block_length([model.mean(0)])
        found = two_level(model.mean(1), resampled_means(model, block, 299), STEPS / block)
        held += found.low <= 1.0 <= found.high
    assert held / trials >= least

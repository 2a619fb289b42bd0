"""Intervals over seeds: how often they hold the truth, and what few seeds may say."""

import math

import numpy as np
import pytest
from scipy import stats

from gatesviz.experiments.statistics import (
    FEWEST,
    RESAMPLES,
    above,
    alike,
    difference_of_means,
    interval,
    paired,
    paired_ratio,
    share,
)


@pytest.mark.parametrize("seeds", [6, 10])
def test_the_interval_holds_the_true_median_about_as_often_as_it_says(seeds):
    """Skewed values, as updates until solved are; ln 2 is their median."""
    generator, runs = np.random.default_rng(5), 60
    found = [interval(generator.exponential(size=seeds)) for _ in range(runs)]
    held = sum(one.low <= math.log(2) <= one.high for one in found)
    assert runs * 0.84 <= held < runs
    widths = [one.high - one.low for one in found]
    assert np.median(widths) < 3


def test_pairing_by_seed_sees_what_the_seeds_hide():
    """Seeds differ by 100, cells by 1: unpaired nothing could be told."""
    generator = np.random.default_rng(0)
    second = {seed: float(generator.uniform(0, 100)) for seed in range(8)}
    first = {seed: value + generator.normal(1, 0.1) for seed, value in second.items()}
    first[99] = 1e9  # has no partner
    found = paired(first, second)
    assert found.n == 8
    assert 0.7 < found.low < found.high < 1.3
    assert above(found, 0, "difference").answer == "yes"
    assert above(paired(second, first), 0, "difference").answer == "no"
    ratio = paired_ratio({s: 3 * v for s, v in second.items()}, second)
    assert ratio.low == pytest.approx(3)
    assert ratio.high == pytest.approx(3)


def test_pairs_are_of_one_seed_whatever_order_they_come_in():
    first = {3: 30.0, 1: 10.0, 2: 20.0, 9: 5.0}
    second = {7: 1.0, 1: 1.0, 2: 4.0, 3: 8.0}
    assert paired(first, second).values == (9.0, 16.0, 22.0)
    assert paired_ratio(first, second).values == (10.0, 5.0, 3.75)


@pytest.mark.parametrize("n", range(FEWEST))
def test_few_seeds_give_numbers_but_no_interval_and_no_verdict(n):
    found = interval([5.0] * n)
    assert (found.n, found.known) == (n, False)
    assert math.isnan(found.estimate) if not n else found.estimate == 5
    told = above(found, 0, "It")
    assert told.answer == "cannot tell"
    assert "A verdict needs at least 6 seeds." in told.sentence
    assert alike(found, -10, 10, "It").answer == "cannot tell"


def test_equal_values_have_an_interval_without_width_and_say_so():
    found = interval([2.0] * 6)
    assert (found.low, found.high) == (2, 2)
    told = above(found, 1, "It")
    assert told.answer == "yes"
    assert told.sentence.endswith("All 6 seeds gave the same number, so the interval has no width.")
    assert above(found, 2, "It").answer == "cannot tell"


def test_a_difference_that_is_not_seen_is_not_equality():
    generator = np.random.default_rng(1)
    noisy = interval(generator.normal(0, 1, 8))
    assert above(noisy, 0, "It").answer == "cannot tell"
    assert alike(noisy, -0.05, 0.05, "It").answer == "cannot tell"
    assert alike(noisy, -5, 5, "It").answer == "yes"
    assert alike(noisy, 10, 11, "It").answer == "no"


def test_shares_have_the_exact_interval():
    """0 of n: 1 − (α/2)^(1/n), by hand; n of n mirrors it."""
    none, every = share(0, 3), share(3, 3)
    assert (none.low, every.high) == (0, 1)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 3))
    assert every.low == pytest.approx(0.025 ** (1 / 3))
    assert str(every) == "3 of 3 [29 %, 100 %]"
    nothing = share(0, 0)
    assert (nothing.low, nothing.high) == (0, 1)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda: share(4, 3), "expected a count from 0 to 3, got 4"),
        (lambda: interval([1, math.nan]), "a value is not finite"),
        (lambda: paired_ratio({0: 1.0}, {0: 0.0}), "a ratio needs numbers above 0, got 0"),
    ],
)
def test_bad_input_gets_a_sentence(act, told):
    with pytest.raises(ValueError, match=told):
        act()


def test_a_difference_of_means_has_the_interval_of_its_standard_error():
    generator = np.random.default_rng(0)
    first, second = generator.normal(3, 2, (2, 400))
    found, values = difference_of_means(first, second), first - second
    error = values.std(ddof=1) / 20
    assert found.estimate == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=error / 8)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=error / 8)
    assert found.unit == "sequence"


def test_equal_weights_give_the_bootstrap_of_the_mean_of_the_differences():
    generator = np.random.default_rng(1)
    first, second = generator.normal(3, 2, (2, 30))
    expected = stats.bootstrap(
        (first - second,), np.mean, n_resamples=RESAMPLES, method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    for weights in (None, np.full(30, 7)):
        found = difference_of_means(first, second, weights)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("power", [1, 2])
def test_a_weighted_difference_is_that_of_all_steps_together(power):
    """Each sequence holds as many steps as it weighs; the draws are made one by one here."""
    generator = np.random.default_rng(2)
    weights = np.array([60, 3, 20, 1, 45, 45, 9])
    steps = [generator.normal(1, 3, (2, count)) for count in weights]
    steps[1][0] += 40  # a scrap of three steps in which everything differs

    def mean(parts, which):
        return np.mean(np.abs(np.concatenate([part[which] for part in parts])) ** power) ** (
            1 / power
        )

    first, second = ([mean([part], which) for part in steps] for which in (0, 1))
    found = difference_of_means(first, second, weights, power=power)
    assert found.estimate == pytest.approx(mean(steps, 0) - mean(steps, 1))
    np.testing.assert_allclose(found.values, np.subtract(first, second))
    places = np.random.default_rng(0).integers(0, 7, (RESAMPLES, 7))
    drawn = [[steps[k] for k in row] for row in places]
    differences = [mean(parts, 0) - mean(parts, 1) for parts in drawn]
    expected = np.percentile(differences, [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx(tuple(expected))


def test_equal_differences_have_no_width_only_where_the_difference_of_means_has_none():
    first, second = np.arange(1.0, 9), np.arange(0.0, 8)
    flat = difference_of_means(first, second)
    assert (flat.low, flat.estimate, flat.high) == (1, 1, 1)
    wide = difference_of_means(first, second, power=2)
    assert wide.low < wide.estimate < wide.high < 1
    none = difference_of_means(first, first, power=2)
    assert (none.low, none.estimate, none.high) == (0, 0, 0)

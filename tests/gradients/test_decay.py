"""How far back: on decays that are known."""

import numpy as np
import pytest

from gatesviz.gradients import (
    forget_decay,
    forget_half_life,
    gradient_flow,
    half_life,
    overflow,
    reach,
    spectral_decay,
)
from tests.recordings.cases import Case

LAGS = np.arange(101)


@pytest.mark.parametrize("factor", [0.9, 0.5, 0.03])
def test_an_exponential_decay(factor):
    norms = 7.0 * factor ** LAGS[::-1]
    assert half_life(norms) == pytest.approx(np.log(0.5) / np.log(factor))
    assert reach(norms, 0.01) == np.floor(np.log(0.01) / np.log(factor) + 1e-9)


def test_a_column_for_each_sample():
    norms = np.stack([np.full(101, 3.0), 0.8 ** LAGS[::-1], np.zeros(101), 1.1 ** LAGS[::-1]], 1)
    norms[:, 1][-10:] = 0  # the loss looked at step 90
    np.testing.assert_allclose(
        half_life(norms), [np.inf, np.log(0.5) / np.log(0.8), np.nan, np.inf]
    )
    np.testing.assert_array_equal(reach(norms, 0.5), [100, 3, np.nan, 100])


def test_down_to_zero_in_one_step_and_one_row_only():
    assert half_life(np.array([0.0, 0.0, 2.0])) == 1
    assert half_life(np.array([0.0, 2.0, 1.5])) == 2
    assert half_life(np.array([1.0, 1.0, 2.0])) == 1
    assert half_life(np.array([2.0])) == np.inf
    assert reach(np.array([2.0, 0.0, 1.0])) == 2
    assert np.isnan(half_life(np.full(3, np.nan)))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_norm_that_is_not_finite_leaves_no_number(wrong, at):
    norms = 0.5 ** LAGS[5::-1]
    norms[at] = wrong
    assert np.isnan(half_life(norms))
    assert np.isnan(reach(norms))
    assert overflow(norms) == 5 - at
    assert overflow(np.ones(3)) == -1


def test_halving_over_the_whole_range_of_float64():
    assert half_life(np.array([5e-324, 1e300])) == pytest.approx(1 / (np.log2(1e300) + 1074))
    assert reach(np.array([3e-310, 2e-310, 3e-310, 1e-308]), 0.025) == 3


@pytest.mark.parametrize("share", [0, -1, float("nan")])
def test_share(share):
    with pytest.raises(ValueError, match=r"share: expected a number above 0, got "):
        reach(np.ones(3), share)


def test_theory_far_out():
    assert forget_decay(-800.0, 1) == 0
    assert forget_decay(800.0, 1) == 1
    np.testing.assert_array_equal(spectral_decay(4.0, [0, 1, 800]), [1, 4, np.inf])
    assert forget_half_life(0) == pytest.approx(1)
    assert forget_half_life(30) == pytest.approx(np.log(2) * np.exp(30))


def test_a_layer_counts_from_the_step_it_read_last():
    """A backward direction reads step 0 last; each packed sample has its own length."""
    case = Case("gru", layout="packed", bidirectional=True)
    flow = gradient_flow(case.module(), case.inputs(), lambda y: y.data.sum())
    backward = flow.layer(direction="backward")
    for b, length in enumerate(case.ends):
        norms = backward.norms["h"][: length + 1, b]
        np.testing.assert_allclose(backward.half_life()[b], half_life(norms[::-1]))
        assert backward.reach(share=1e-9)[b] == length
        norms = flow.norms["h"][: length + 1, b]
        np.testing.assert_allclose(flow.layer().half_life()[b], half_life(norms))
    with pytest.raises(ValueError, match="state: expected h, got 'c'"):
        backward.half_life("c")

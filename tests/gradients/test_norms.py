"""Norms over the whole range of float64, and what becomes of numbers outside it."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gatesviz.fresh import fresh
from gatesviz.gradients import gradient_flow, influence, jacobians, norm, singular_values
from gatesviz.recordings import record

ANY = st.floats(allow_nan=False, allow_infinity=False)
EDGES = st.sampled_from([0.0, 5e-324, -5e-324, 1e-310, 1e-160, 1e-180, 1e160, 1.7e308, 1.0])


@given(st.lists(ANY | EDGES, min_size=1, max_size=12))
def test_a_norm_is_exact_to_rounding(values):
    found = float(norm(np.array(values)))
    assert found == pytest.approx(math.hypot(*values), rel=1e-15, abs=5e-324)
    square = sum(Fraction(value) ** 2 for value in values)
    if math.isfinite(found):
        next_down, next_up = (math.nextafter(found, end) for end in (0, math.inf))
        assert Fraction(next_down) ** 2 <= square or found == 0 == square
        assert math.isinf(next_up) or square <= Fraction(next_up) ** 2
    else:
        assert square > Fraction(1.79e308) ** 2


@given(st.lists(ANY, min_size=2, max_size=4), st.sampled_from([math.nan, math.inf, -math.inf]))
def test_what_is_not_finite_stays_so(values, special):
    assert np.isnan(norm([*values, math.nan]))
    assert np.isnan(norm([math.inf, math.nan]))
    found = norm([*values, special])
    np.testing.assert_equal(found, math.nan if math.isnan(special) else math.inf)


def test_a_norm_keeps_dtype_and_axes():
    values = np.random.default_rng(0).normal(size=(3, 4, 5))
    for axis in (0, -1, (1, 2), None):
        np.testing.assert_array_equal(norm(values, axis), np.sqrt((values * values).sum(axis=axis)))
    assert norm(np.zeros((3, 0))).tolist() == [0, 0, 0]
    small = norm(np.full((2, 4), 1e-30, np.float32))
    assert small.dtype == np.float32
    np.testing.assert_allclose(small, 2e-30, rtol=1e-6)
    assert norm(np.full(4, 3e38, np.float32)) == np.inf


def linear(matrix, kind: str = "rnn_tanh") -> nn.RNN:
    """An RNN with weight_hh = ``matrix`` and input weights and biases 0: h stays 0, tanh' is 1."""
    module = fresh(kind, len(matrix), len(matrix)).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(torch.tensor(matrix, dtype=torch.float64))
    return module


def last(y):
    return y[-1].sum()


def test_norms_below_the_root_of_the_smallest_number():
    flow = gradient_flow(linear([[0.1]]), torch.zeros(200, 1).double(), last)
    np.testing.assert_allclose(flow.norms["h"], 0.1 ** np.arange(200.0, -1, -1), rtol=1e-12)
    assert flow.norms["h"][20] == pytest.approx(1e-180, rel=1e-12)
    assert flow.layer().half_life() == pytest.approx(math.log(0.5) / math.log(0.1))
    assert flow.layer().reach(share=1e-199) == 199
    assert flow.overflow["h"] == -1


def test_norms_above_the_root_of_the_largest_number():
    flow = gradient_flow(linear(3.0 * np.eye(2)), torch.zeros(500, 2).double(), last)
    wanted = math.sqrt(2) * 3.0 ** np.arange(500.0, -1, -1)
    np.testing.assert_allclose(flow.norms["h"], wanted, rtol=1e-12)
    np.testing.assert_allclose(flow.layer().path_norms["weights"], wanted, rtol=1e-12)


def test_an_influence_is_as_exact():
    module = linear([[0.1]])
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
    found = influence(module, torch.zeros(200, 1).double(), lambda y: y[-1])
    np.testing.assert_allclose(found[0], 0.1 ** np.arange(199.0, -1, -1), rtol=1e-12)


def test_an_overflow_is_told_and_not_called_vanishing():
    flow = gradient_flow(linear(3.0 * np.eye(2)), torch.zeros(800, 2).double(), last)
    exploded = math.floor(math.log(np.finfo(np.float64).max / math.sqrt(2), 3)) + 1
    assert flow.overflow["h"] == exploded
    assert np.isfinite(flow.norms["h"][-exploded:]).all()
    assert not np.isfinite(flow.norms["h"][:-exploded]).any()
    assert np.isnan(flow.layer().half_life())
    assert np.isnan(flow.layer().reach())
    for derived in (flow.inputs, *flow.paths.values()):
        assert len(derived) >= 800  # no warning, which tests turn into errors


def test_singular_values_leave_the_range_of_float64_as_logarithms():
    matrix = np.diag([3.0, 0.5])
    trace = record(linear(matrix), torch.zeros(1500, 2).double()).trace()
    lags = np.arange(1500.0, -1, -1)
    found = singular_values(trace, log10=True)
    np.testing.assert_allclose(found[:, 0], lags * math.log10(3), rtol=1e-12)
    plain = singular_values(trace)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(plain[:, 0], 3.0**lags, rtol=1e-11)
    np.testing.assert_allclose(plain[-50:], 10 ** found[-50:], rtol=1e-12)
    alone = record(linear([[0.1]]), torch.zeros(1500, 1).double()).trace()
    np.testing.assert_allclose(singular_values(alone, log10=True)[:, 0], -lags, atol=1e-9)
    np.testing.assert_allclose(singular_values(alone)[:, 0], 0.1**lags, rtol=1e-11, atol=5e-324)


def test_a_product_that_leaves_the_range_comes_back():
    """400 steps with W, then 400 with its inverse, by a trace whose slopes undo the weights."""
    trace = record(linear([[10.0]]), torch.zeros(800, 1).double()).trace()
    h = trace.states["h"].copy()
    h[1:401] = math.sqrt(1 - 0.01)  # 1 − h² = 1/100: each of these steps multiplies by 1/10
    trace = type(trace)(**{**vars(trace), "states": {"h": h}})
    values = singular_values(trace)[:, 0]
    np.testing.assert_allclose(values[0], 1, rtol=1e-11)
    assert values[400] == np.inf
    assert jacobians(trace)[400, 0, 0] == np.inf
    np.testing.assert_allclose(singular_values(trace, log10=True)[400], 400)


@pytest.mark.parametrize("kind", ["rnn_relu", "rnn_tanh"])
def test_nan_is_no_vanishing(kind):
    module = fresh(kind, 1, 1).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(float(parameter.ndim > 1))  # all weights 1, all biases 0
    x = torch.tensor([[1.0], [math.nan], [1.0]]).double()
    flow = gradient_flow(module, x, lambda y: y[-1].sum())
    np.testing.assert_array_equal(flow.norms["h"], [math.nan, math.nan, math.nan, 1])
    assert flow.overflow["h"] == 1
    assert np.isnan(flow.layer().reach())
    assert np.isnan(flow.layer().half_life())
    values = singular_values(flow.layer().trace)
    np.testing.assert_array_equal(values[:, 0], [math.nan, math.nan, math.nan, 1])
    for derived in (flow.inputs, *flow.layer().sums.values(), *flow.paths.values()):
        assert np.isnan(derived[:2]).all()


def test_an_rnn_that_explodes_is_not_told_as_vanishing():
    """h is 1e200 · (1, -1) and then inf - inf; the other sample rests at 0."""
    module = linear([[1e200, -1e200], [1e200, -1e200]], "rnn_relu")
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.eye(2))
    x = torch.zeros(9, 2, 2).double()
    x[0, 1] = torch.tensor([2.0, 1.0])
    flow = gradient_flow(module, x, lambda y: y[-1].sum())
    assert np.isnan(flow.recording.output[-1, 1]).all()
    assert flow.overflow["h"].tolist() == [-1, 1]
    assert flow.layer().reach().tolist() == pytest.approx([0, math.nan], nan_ok=True)
    assert np.isnan(flow.layer().half_life()[1])


def test_a_packed_sample_is_measured_up_to_its_own_end():
    module = linear([[0.5]], "rnn_tanh")
    samples = [torch.zeros(n, 1).double() for n in (3, 9)]
    samples[0][0] = math.nan
    packed = nn.utils.rnn.pack_sequence(samples, enforce_sorted=False)
    flow = gradient_flow(module, packed, lambda y: y.data.sum())
    assert flow.overflow["h"].tolist() == [0, -1]
    assert flow.layer().reach(share=0.9).tolist() == pytest.approx([math.nan, 9], nan_ok=True)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_large_entry_leaves_a_small_one_as_it_is(direction):
    """2¹⁰⁰⁰ and 2⁻¹⁰⁰⁰ both fit into float64, in two rows and in one."""
    order = slice(None, None, 1 if direction == "forward" else -1)
    lags = np.arange(1000.0, -1, -1)
    trace = record(linear([[2.0, 2.0**-1000], [0, 0.5]]), torch.zeros(1000, 2).double()).trace()
    states = {"h": trace.states["h"][order].copy()}
    trace = type(trace)(**{**vars(trace), "states": states, "direction": direction})
    found = jacobians(trace)[order]
    np.testing.assert_array_equal(found[:, 0, 0], 2.0**lags)
    np.testing.assert_array_equal(found[:, 1, 1], 0.5**lags)
    both = (2.0**lags - 0.5**lags) / 1.5 * 2.0**-1000  # W^k of a triangle
    np.testing.assert_allclose(found[:, 0, 1], both, rtol=1e-12)


def test_logarithms_of_steps_below_the_root_of_the_smallest_number():
    trace = record(linear([[1e-250]]), torch.zeros(40, 1).double()).trace()
    found = singular_values(trace, log10=True)[:, 0]
    np.testing.assert_allclose(found, -250.0 * np.arange(40, -1, -1), rtol=1e-12)
    large = record(linear([[1e250]]), torch.zeros(40, 1).double()).trace()
    np.testing.assert_allclose(singular_values(large, log10=True)[:, 0], -found, rtol=1e-12)

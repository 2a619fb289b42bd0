"""Waves against their own definitions, and drawn lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import WAVES, drawn, wave


def values(shape, steps=8, **options):
    return wave(shape, steps, **options).values[:, 0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("sine", [0, 1, 0, -1, 0, 1, 0, -1]),
        ("square", [1, 1, -1, -1, 1, 1, -1, -1]),
        ("sawtooth", [-1, -0.5, 0, 0.5, -1, -0.5, 0, 0.5]),
        ("triangle", [0, 1, 0, -1, 0, 1, 0, -1]),
        ("pulse", [1, 0, 0, 0, 0, 0, 0, 0]),
        ("step", [0, 0, 0, 0, 1, 1, 1, 1]),
    ],
)
def test_known_answers(shape, expected):
    np.testing.assert_allclose(values(shape, period=4), expected, atol=1e-6)


def test_the_triangle_is_made_of_straight_lines():
    np.testing.assert_allclose(
        values("triangle", 9, period=8), [0, 0.5, 1, 0.5, 0, -0.5, -1, -0.5, 0], atol=1e-6
    )


def test_the_chirp_ends_four_times_as_fast():
    """The frequency is f(t) = (1 + 3·t/999) / 100, so turn k ends where its integral is k."""
    chirp = values("chirp", 1000, period=100)
    ends = np.flatnonzero((chirp[:-1] < 0) & (chirp[1:] >= 0))
    rate = 0.03 / 999
    wanted = (np.sqrt(0.01**2 + 2 * rate * np.arange(1, 25)) - 0.01) / rate
    assert ends.tolist() == np.floor(wanted).astype(int).tolist()


def test_a_random_walk_starts_at_zero_with_normal_steps():
    walk = values("random walk", 1000, amplitude=3, seed=5)
    assert walk[0] == 0
    assert np.diff(walk).std() == pytest.approx(3, rel=0.1)


def test_noise_has_its_standard_deviation_and_is_noted():
    noisy = wave("pulse", 1000, noise=0.5, seed=2)
    assert noisy.values[1:, 0].std() == pytest.approx(0.5, rel=0.1)
    assert noisy.notes == ("Noise with standard deviation 0.5 was added (seed 2).",)
    assert noisy.title == "Pulse"


@pytest.mark.parametrize("shape", WAVES)
def test_the_seed_decides(shape):
    first, again, other = (values(shape, noise=0.1, seed=s) for s in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize("shape", [s for s in WAVES if s != "random walk"])
@given(period=st.floats(2, 1e6), steps=st.integers(2, 200), amplitude=st.floats(-1e6, 1e6))
def test_never_beyond_the_amplitude(shape, period, steps, amplitude):
    sequence = wave(shape, steps, period=period, amplitude=amplitude)
    assert sequence.values.shape == (steps, 1)
    assert len(sequence.labels) == steps
    assert np.abs(sequence.values).max() <= abs(amplitude) * 1.000001


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"shape": "cosine"}, "shape: expected one of 'sine', 'square', .*, got 'cosine'"),
        ({"steps": 1}, "steps in a sequence: 1 is outside"),
        ({"period": 0}, "period: 0 is outside the allowed range 2 to 1e"),
        ({"period": float("nan")}, "period: nan is outside"),
        ({"amplitude": float("inf")}, "amplitude: inf is outside"),
        ({"noise": -1}, "noise: -1 is outside the allowed range 0 to 1e"),
        ({"seed": -1}, "seed: -1 is outside the allowed range 0 to 9,999"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        wave(**{"shape": "sine", "steps": 8, **arguments})


def test_a_drawn_line_keeps_its_ends_and_is_straight_between():
    assert drawn([-1, 1, 0], 5).values[:, 0].tolist() == [-1, 0, 1, 0.5, 0]
    assert drawn([0.25, -0.5], 2).values[:, 0].tolist() == [0.25, -0.5]


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=50), st.integers(2, 100))
def test_drawn_stays_inside_what_was_drawn(points, steps):
    line = drawn(points, steps).values[:, 0]
    assert len(line) == steps
    assert np.float32(min(points)) <= line.min()
    assert line.max() <= np.float32(max(points))


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([0.5], "points in a drawn line: 1 is outside the allowed range 2 to 10,000"),
        ([0, 2], "point 2 of the drawn line: 2 is outside the allowed range -1 to 1"),
        ([0, float("nan")], "point 2 of the drawn line: nan is outside"),
    ],
)
def test_a_line_outside_is_refused(points, sentence):
    with pytest.raises(ValueError, match=sentence):
        drawn(points, 5)

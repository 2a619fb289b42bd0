"""The one-unit network against autograd, and what the picture is there to show."""

import math

import numpy as np
import pytest
import torch

from gatesviz.experiments import WINDOWS, Unit, descend, surface


def by_autograd(unit: Unit, w: float, b: float) -> tuple[float, float, float]:
    weight, bias = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b))
    h = torch.tensor(unit.start, dtype=torch.float64)
    for _ in range(unit.steps):
        h = getattr(torch, unit.squashing)(weight * h + bias)
    loss = (h - unit.target) ** 2
    loss.backward()
    return loss.item(), weight.grad.item(), bias.grad.item()


@pytest.mark.parametrize("squashing", ["sigmoid", "tanh"])
def test_loss_and_gradient_are_those_of_autograd(squashing):
    unit = Unit(squashing, steps=50, start=0.4)
    picture = surface(unit, (-2.0, 6.5), (-3.0, 1.0), points=7)
    for row, b in enumerate(picture.b):
        for column, w in enumerate(picture.w):
            loss, by_w, by_b = by_autograd(unit, w, b)
            assert picture.loss[row, column] == pytest.approx(loss, rel=1e-9, abs=1e-15)
            told = pytest.approx(math.hypot(by_w, by_b), rel=1e-7, abs=1e-15)
            assert picture.gradient_norm[row, column] == told


def test_each_update_is_plain_gradient_descent_and_a_long_gradient_is_shortened():
    unit, rate, clip = Unit(), 0.1, 0.5
    way = descend(unit, (5.5, -2.5), rate, 200, clip)
    steps = np.hypot(np.diff(way.w), np.diff(way.b))
    np.testing.assert_allclose(steps, rate * np.minimum(way.gradient_norms[:-1], clip), rtol=1e-9)
    assert (way.gradient_norms > clip).any()
    for k in (0, 117, int(way.gradient_norms[:-1].argmax())):
        _, by_w, by_b = by_autograd(unit, way.w[k], way.b[k])
        moved = np.array([way.w[k + 1] - way.w[k], way.b[k + 1] - way.b[k]])
        cosine = moved @ [by_w, by_b] / np.linalg.norm(moved) / math.hypot(by_w, by_b)
        assert cosine == pytest.approx(-1)


@pytest.mark.parametrize("squashing", ["sigmoid", "tanh"])
def test_from_the_given_start_clipping_keeps_the_descent_on_the_slope(squashing):
    unit, window = Unit(squashing), WINDOWS[squashing]
    plain = descend(unit, window.start, window.rate, 200)
    cut = descend(unit, window.start, window.rate, 200, window.clip)
    assert plain.longest_jump > 1 > cut.longest_jump
    assert plain.losses[-1] > plain.losses[0] > cut.losses[-1]
    assert plain.gradient_norms.max() > 10 * window.clip


def test_far_away_nothing_overflows_into_a_warning():
    away = descend(Unit(), (5.0, -2.5), 1.0, 50)  # it begins on the very edge
    assert np.isfinite(away.losses).all()
    edge = descend(Unit("tanh", start=0.0), (9e307, 0.0), 1.0, 3)
    assert edge.stopped == "update 1 gave a number that is not finite, so the descent ended"
    assert len(edge.losses) == 1


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda: Unit("relu"), "squashing: expected 'sigmoid' or 'tanh', got 'relu'"),
        (
            lambda: Unit(steps=0),
            "steps of the one-unit network: 0 is outside the allowed range 1 to 200",
        ),
        (lambda: Unit(target=2.0), "target: expected −1 to 1, got 2.0"),
        (lambda: Unit(start=math.nan), "start: expected −1 to 1, got nan"),
        (
            lambda: surface(Unit(), (3, 3), (0, 1)),
            "w: expected two finite numbers in order, got 3 and 3",
        ),
        (
            lambda: surface(Unit(), (0, 1), (0, math.inf)),
            "b: expected two finite numbers in order, got 0 and inf",
        ),
        (
            lambda: surface(Unit(), (0, 1), (0, 1), 10_000),
            "10,000 is outside the allowed range 2 to 301",
        ),
        (
            lambda: descend(Unit(), (math.nan, 0), 0.1, 5),
            "start: expected finite numbers, got nan and 0",
        ),
        (lambda: descend(Unit(), (1, 0), 0.0, 5), "learning rate: 0 is outside"),
        (
            lambda: descend(Unit(), (1, 0), 0.1, 10**6),
            "1,000,000 is outside the allowed range 1 to 1,000",
        ),
        (lambda: descend(Unit(), (1, 0), 0.1, 5, 0.0), "maximum gradient norm: 0 is outside"),
    ],
)
def test_bad_input_gets_a_sentence(act, told):
    with pytest.raises(ValueError, match=told):
        act()

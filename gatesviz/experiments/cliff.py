"""The cliff: the loss of a network of one unit over its two weights, and gradient descent on it.

h_t = φ(w·h_{t−1} + b) without input, from h₀ = 0.5 for 50 steps, and L = (h_50 − 0.7)². Pascanu,
Mikolov & Bengio 2013 ("On the difficulty of training recurrent neural networks", figure 6) show
that the loss of such a network has cliffs. The windows and starts in `WINDOWS` are ours.

Everything is NumPy in float64. The derivatives are exact and computed forward with the state:
∂h_t/∂w = φ'·(h_{t−1} + w·∂h_{t−1}/∂w) and ∂h_t/∂b = φ'·(1 + w·∂h_{t−1}/∂b).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import CLIFF_POINTS, CLIFF_STEPS, CLIFF_UPDATES, CLIP, LEARNING_RATE

Squashing = Literal["sigmoid", "tanh"]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Unit:
    """A network of one unit and its target.

    Attributes:
        squashing: φ.
        steps: T.
        start: h₀.
        target: the value that h_T should have.
    """

    squashing: Squashing = "sigmoid"
    steps: int = 50
    start: float = 0.5
    target: float = 0.7

    def __post_init__(self) -> None:
        if self.squashing not in ("sigmoid", "tanh"):
            raise ValueError(f"squashing: expected 'sigmoid' or 'tanh', got {self.squashing!r}")
        CLIFF_STEPS.check(self.steps)
        for name in ("start", "target"):
            if not -1 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected −1 to 1, got {getattr(self, name)!r}")

    def loss(self, w: ArrayLike, b: ArrayLike) -> tuple[Reals, Reals, Reals]:
        """Return L, ∂L/∂w and ∂L/∂b, each in the shape that ``w`` and ``b`` broadcast to."""
        w, b = np.broadcast_arrays(np.asarray(w, np.float64), np.asarray(b, np.float64))
        h = np.full(w.shape, self.start)
        by_w, by_b = np.zeros(w.shape), np.zeros(w.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # the caller checks the result
            for _ in range(self.steps):
                new, slope = self._squashed(w * h + b)
                by_w, by_b = slope * (h + w * by_w), slope * (1 + w * by_b)
                h = new
            error = h - self.target
            return error**2, 2 * error * by_w, 2 * error * by_b

    def _squashed(self, a: Reals) -> tuple[Reals, Reals]:
        """Return φ(a) and φ'(a)."""
        if self.squashing == "tanh":
            h = np.tanh(a)
            return h, 1 - h**2
        h = (1 + np.tanh(a / 2)) / 2  # the sigmoid, without overflow
        return h, h * (1 - h)


@dataclass(frozen=True)
class Window:
    """A part of the plane with a cliff, and a descent in it.

    Attributes:
        w, b: the ends of the two axes.
        start: (w, b) of the descent.
        rate, clip: of the descent.
    """

    w: tuple[float, float]
    b: tuple[float, float]
    start: tuple[float, float]
    rate: float
    clip: float


WINDOWS: Mapping[Squashing, Window] = {
    "sigmoid": Window(w=(3.0, 7.0), b=(-5.0, -1.0), start=(5.5, -2.5), rate=0.1, clip=0.5),
    "tanh": Window(w=(0.5, 2.5), b=(-0.5, 2.0), start=(1.3, -0.1), rate=0.3, clip=0.5),
}
"""From these starts, plain descent jumps off the cliff and clipped descent moves down."""


@dataclass(frozen=True, eq=False)
class Surface:
    """The loss on a grid.

    Attributes:
        unit: the network.
        w: (W,) values along one axis.
        b: (B,) values along the other axis.
        loss, gradient_norm: (B, W): a row for each b.
    """

    unit: Unit
    w: Reals
    b: Reals
    loss: Reals
    gradient_norm: Reals


@dataclass(frozen=True, eq=False)
class Descent:
    """Plain gradient descent on the surface.

    Attributes:
        unit, rate, clip: the arguments of `descend`.
        w, b: (U + 1,) the weights, from the start on.
        losses, gradient_norms: (U + 1,) the values there; the norms are before clipping.
        stopped: why the descent ended early; "" if it did not.
    """

    unit: Unit
    rate: float
    clip: float | None
    w: Reals
    b: Reals
    losses: Reals
    gradient_norms: Reals
    stopped: str

    @property
    def longest_jump(self) -> float:
        """The longest distance of one update in the plane; 0 without updates."""
        return float(np.hypot(np.diff(self.w), np.diff(self.b)).max(initial=0.0))


def surface(
    unit: Unit, w: tuple[float, float], b: tuple[float, float], points: int = 121
) -> Surface:
    """Return the loss on a grid of ``points`` × ``points`` between the given ends.

    Raises:
        ValueError: if an end is not finite or not in order, or ``points`` is not allowed.
    """
    CLIFF_POINTS.check(points)
    for name, (low, high) in (("w", w), ("b", b)):
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(
                f"{name}: expected two finite numbers in order, got {low:g} and {high:g}"
            )
    across, up = np.linspace(*w, points), np.linspace(*b, points)
    loss, by_w, by_b = unit.loss(across[None, :], up[:, None])
    with np.errstate(over="ignore"):
        return Surface(unit, across, up, loss, np.hypot(by_w, by_b))


def descend(
    unit: Unit, start: tuple[float, float], rate: float, updates: int, clip: float | None = None
) -> Descent:
    """Run gradient descent from ``start``, (w, b), and return its path.

    Args:
        unit: the network.
        start: w and b before the first update.
        rate: the learning rate.
        updates: the number of updates.
        clip: gradients with a larger norm are scaled down to it; None for no clipping.

    Raises:
        ValueError: if a number is not allowed or not finite.
    """
    LEARNING_RATE.check(rate)
    CLIFF_UPDATES.check(updates)
    if clip is not None:
        CLIP.check(clip)
    if not all(math.isfinite(value) for value in start):
        raise ValueError(f"start: expected finite numbers, got {start[0]:g} and {start[1]:g}")
    path, stopped, place = [_place(unit, *start)], "", np.array(start, np.float64)
    for update in range(1, updates + 1):
        _, by_w, by_b, norm = path[-1][2:]
        step = rate if clip is None or norm <= clip else rate * clip / norm
        place = place - step * np.array([by_w, by_b])
        now = _place(unit, *place)
        if not all(math.isfinite(value) for value in now):
            stopped = f"update {update:,} gave a number that is not finite, so the descent ended"
            break
        path.append(now)
    w, b, losses, _, _, norms = np.array(path).T
    return Descent(unit, rate, clip, w, b, losses, norms, stopped)


def _place(unit: Unit, w: float, b: float) -> tuple[float, ...]:
    loss, by_w, by_b = (float(value) for value in unit.loss(w, b))
    return float(w), float(b), loss, by_w, by_b, math.hypot(by_w, by_b)

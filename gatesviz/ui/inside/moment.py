"""Everything that one step depends on, as plain values, and its text in a link."""

import math
from dataclasses import dataclass

import numpy as np

from gatesviz.tiny_cell import Values

FARTHEST_C = 100.0


@dataclass(frozen=True)
class Walk:
    """A sequence of steps: its initial state and its inputs so far.

    Attributes:
        h, c: the initial state, for two units; a smaller cell uses the first values.
        past: the inputs of the completed steps.
    """

    h: tuple[float, float] = (0.5, -0.5)
    c: tuple[float, float] = (1.0, -1.0)
    past: Values = ()


@dataclass(frozen=True)
class Moment:
    """A cell, its weights, and the current step.

    Attributes:
        cell: a key of `gatesviz.cells.CELLS`.
        units: 1 or 2.
        weights: one number for each of `weights.handles`.
        walk: the steps before it.
        x: the input of this step.
    """

    cell: str
    units: int
    weights: Values
    walk: Walk
    x: float

    @property
    def inputs(self) -> Values:
        """All inputs, this step's last."""
        return (*self.walk.past, self.x)


def shortest(value: float) -> float:
    """Return the number with the fewest digits that is the same as ``value`` in float32."""
    return float(str(np.float32(value)))


def to_text(values: Values) -> str:
    """Write numbers for a link, such as ``0.5_-1_6``."""
    return "_".join(repr(float(value)).removesuffix(".0") for value in values)


def from_text(name: str, text: str, counts: tuple[int, ...], farthest: float) -> Values:
    """Return the numbers in the link's parameter ``name``.

    Raises:
        ValueError: if their number is not in ``counts``, or if one is not a number from minus
            ``farthest`` to ``farthest``.
    """
    words = text.split("_")
    if len(words) not in counts:
        expected = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0])
        raise ValueError(
            f"{name} was ignored: it has {len(words)} numbers, expected {expected}, separated by _."
        )
    for position, word in enumerate(words, 1):
        if not abs(_number(word)) <= farthest:  # also true for NaN
            raise ValueError(
                f"{name} was ignored: number {position} is {word[:20]!r}, expected a number from"
                f" −{farthest:g} to {farthest:g}."
            )
    return tuple(float(word) for word in words)


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan

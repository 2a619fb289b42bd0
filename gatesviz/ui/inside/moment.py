"""Everything that a step by hand depends on, as plain values, and how a link carries them."""

import math
from dataclasses import dataclass

from gatesviz.ui.inside.weights import Values

FARTHEST_C = 100.0


@dataclass(frozen=True)
class Walk:
    """A sequence made by hand: where it began and what has been fed since.

    Attributes:
        h, c: the state at its beginning, for two units; a cell uses what it has.
        past: the inputs of the steps already made.
    """

    h: tuple[float, float] = (0.5, -0.5)
    c: tuple[float, float] = (1.0, -1.0)
    past: Values = ()


@dataclass(frozen=True)
class Moment:
    """A cell, its weights, and the step about to be made.

    Attributes:
        cell: a key of `gatesviz.cells.CELLS`.
        units: 1 or 2.
        weights: one number for each of `weights.handles`.
        walk: what came before.
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


def to_text(values: Values) -> str:
    """Return numbers as a link carries them: ``0.5_-1_6``."""
    return "_".join(repr(float(value)).removesuffix(".0") for value in values)


def from_text(name: str, text: str, counts: tuple[int, ...], farthest: float) -> Values:
    """Return the numbers that a link carries in its parameter ``name``.

    Raises:
        ValueError: if there are not as many as one of ``counts``, or one is no number from minus
            ``farthest`` to ``farthest``.
    """
    words = text.split("_")
    if len(words) not in counts:
        wanted = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0])
        raise ValueError(
            f"{name} was ignored: it holds {len(words)} numbers, {wanted} are wanted, with _"
            " between them."
        )
    for position, word in enumerate(words, 1):
        if not abs(_number(word)) <= farthest:  # so written, NaN is refused too
            raise ValueError(
                f"{name} was ignored: its number {position} is {word[:20]!r}, a number from"
                f" −{farthest:g} to {farthest:g} is wanted."
            )
    return tuple(float(word) for word in words)


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan

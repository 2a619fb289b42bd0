"""Curves that students draw as a guess: how they are stored, and their median."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HIGHEST = 100
"""Heights are whole numbers from −100, the bottom of the pad, to 100, its top."""
POINTS = 40


@dataclass(frozen=True)
class Curve:
    """A drawn curve.

    Attributes:
        heights: `POINTS` heights from left to right.
        right: the measured curve, or () if it isn't known.

    Raises:
        ValueError: if a curve has another number of heights, or one of them is out of range.
    """

    heights: tuple[int, ...]
    right: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.heights, self.right):
            if len(line) != POINTS and (line or line is self.heights):
                raise ValueError(f"curve: expected {POINTS} heights, got {len(line)}")
            for height in line:
                if type(height) is not int or abs(height) > HIGHEST:
                    raise ValueError(
                        f"curve: expected a height from {-HIGHEST} to {HIGHEST}, got {height!r}"
                    )

    def to_json(self) -> str:
        """Return the curve as it is stored."""
        return json.dumps([self.heights, self.right])

    def as_text(self) -> str:
        """Return the heights in one cell of a table, separated by spaces."""
        return " ".join(map(str, self.heights))


def curve_from(text: str) -> Curve:
    """Return the curve that `Curve.to_json` wrote."""
    heights, right = json.loads(text)
    return Curve(tuple(heights), tuple(right))


def middle(lines: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """Return the median height at each point, () without lines."""
    return tuple(map(median, zip(*lines, strict=True)))

"""How many sequences this page reads, how long they are, and when they are too many."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import READ_AT_ONCE
from gatesviz.ui.find_unit.long_text import SHORT, STRETCH
from gatesviz.ui.find_unit.models import Examined


def cut_rows(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return a long sequence (N, …) as up to ``most`` sequences: (T, B, …).

    They have `STRETCH` steps or a little less, so that few values are left: fewer than B, or those
    beyond ``most`` sequences. If an interval needs more sequences, they are shorter, but not below
    `SHORT` steps.
    """
    count = -(-len(values) // STRETCH)
    if len(values) >= FEWEST * SHORT:
        count = max(count, FEWEST)
    count = min(most, count)
    steps = min(STRETCH, len(values) // count)
    apart = values[: steps * count].reshape(count, steps, *values.shape[1:])
    return np.ascontiguousarray(np.swapaxes(apart, 0, 1))


def amount(count: int, steps: int) -> str:
    """Return how many equal sequences there are, and how long they are."""
    return f"{count:,} sequence{'' if count == 1 else 's'} of {steps} steps"


def padded_steps(places: Sequence[int]) -> int:
    """Return how many steps an array has that holds all sequences: the longest, times B."""
    return max(b - a for a, b in pairwise(places)) * (len(places) - 1)


def amount_of(places: Sequence[int]) -> str:
    """Return how many sequences there are and how long they are."""
    lengths = [b - a for a, b in pairwise(places)]
    if len(lengths) == 1:
        return f"1 sequence of {lengths[0]:,} steps"
    low, high = min(lengths), max(lengths)
    steps = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{len(lengths):,} sequences of {steps} steps"


def check_size(examined: Examined, steps: int) -> None:
    """Check how many numbers ``steps`` of all sequences take, before any is made.

    Raises:
        ValueError: if they are too many for this page.
    """
    width = examined.width
    if steps * width > READ_AT_ONCE.high:
        own = ". Choose the property “your own labels” and type a text"
        instead = own if examined.vocabulary else ""
        raise ValueError(
            f"Your model has {width:,} inputs, states or answers at each step. {steps:,} steps of"
            f" it are too many for this page, which keeps up to {READ_AT_ONCE.high:,}"
            f" numbers{instead}"
        )

"""What a measure of a lesson found: the right option of a check, and the numbers that say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Finding:
    """The result of a measure.

    Attributes:
        right: the key of the right option. "" for a measure that only gives numbers.
        numbers: name -> number as text, with its unit. A lesson's texts write ``{name}`` for it.
        sentence: the result, in one or two sentences with the numbers.
    """

    right: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""


def first_place(found: ArrayLike, missing: str) -> int:
    """Return the first place of a list at which ``found`` is true.

    Raises:
        ValueError: with the sentence ``missing``, if there is none.
    """
    places = np.flatnonzero(np.asarray(found))
    if not len(places):
        raise ValueError(missing)
    return int(places[0])


def shown(value: float) -> str:
    """Return a gate, a state or an input as the player shows it: with three decimals."""
    return f"{round(float(value), 3) + 0.0:.3f}".replace("-", "−")


def listed(parts: Iterable[str]) -> str:
    """Return ``parts`` as in "a, b and c"."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last

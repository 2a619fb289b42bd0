"""What a measure of a lesson found: the right option of a check, and the numbers that say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


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


def listed(parts: Iterable[str]) -> str:
    """Return ``parts`` as in "a, b and c"."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last

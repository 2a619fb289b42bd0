"""Commas between digits: whether they separate numbers, are decimal signs or group thousands."""

import re
from collections.abc import Sequence as Ordered

from gatesviz.sequences.columns import SIGNS, cell_parts

COMMAS = ("separate numbers", "are decimal signs", "group thousands")
"""What commas between digits can mean."""

PADDED = re.compile(r"[+-]?0\d", re.ASCII)
POINT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
DECIMAL = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:,\d+)?(?:e[+-]?\d+)?"
    r"|[1-9]\d{0,2}([.'’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:,\d+)?)",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?)", re.ASCII
)
_APART = re.compile(
    r"[+-]?[1-9]\d{0,2}(['’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:\.\d*)?", re.ASCII
)  # thousands without commas
_BY_TWO = re.compile(r"[+-]?[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d*)?", re.ASCII)  # 12,34,567 in India


class TwoReadingsError(ValueError):
    """The error for numbers whose commas can be read in two or three ways.

    Attributes:
        readings: the possible meanings, from `COMMAS`.
    """

    def __init__(self, sentence: str, readings: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.readings = readings


def meanings(words: Ordered[str]) -> tuple[str, ...]:
    """Return what the commas in ``words`` can mean, from `COMMAS`.

    ``words`` have no spaces inside; currency signs, percent signs and brackets are allowed. Commas
    that end a word do not count. Return none where most of the words with commas look like single
    numbers, but no notation fits all words (``12.5`` and ``1.000,5``).
    """
    cores = [_core(word) for word in words]
    glued = [core for core in cores if "," in core]
    if not glued:
        return COMMAS[:1]
    found = tuple(
        meaning
        for meaning, pattern in zip(COMMAS[1:], (DECIMAL, _GROUPED), strict=True)
        if all(map(pattern.fullmatch, cores))
    )
    if found:
        items = (_core(item) for word in words for item in word.split(","))
        separate = all(_stands_alone(item) for item in items)
        return (COMMAS[0], *found) if separate else found
    others = [core for core in glued if not _is_single(core)]
    clear = any(all(map(POINT.fullmatch, other.split(","))) for other in others)
    return COMMAS[:1] if clear or 2 * len(others) >= len(glued) else ()


def could_be_single(word: str) -> bool:
    """Return whether a word with a comma can be a single number, in some notation."""
    return "," in word and _is_single(_core(word))


def _stands_alone(item: str) -> bool:
    """Return whether an item between commas is a number as people write it."""
    plain = POINT.fullmatch(item) or _APART.fullmatch(item)
    return plain is not None and not PADDED.match(item)


def _is_single(core: str) -> bool:
    return any(pattern.fullmatch(core) for pattern in (DECIMAL, _GROUPED, _BY_TWO))


def _core(word: str) -> str:
    """Return a word without its currency sign, percent sign and brackets."""
    return word if SIGNS.isdisjoint(word) else cell_parts(word).core

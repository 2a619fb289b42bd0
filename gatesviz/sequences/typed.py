"""Numbers that somebody typed or pasted."""

import math
import re

import numpy as np

from gatesviz.limits import STEPS, TYPED_CHARACTERS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.sequence import Sequence, numbers

UNDERSTOOD = (
    "numbers with a decimal point, like 0.5 or -1e3, separated by commas, spaces, tabs, new lines"
    " or semicolons, are understood"
)

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_GLUED = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_BLANKS = " \t\r\n"
_SEPARATOR = {
    ",": re.compile(rf"[{_BLANKS}]*,[{_BLANKS}]*|[{_BLANKS}]+"),
    ";": re.compile(rf"[{_BLANKS}]*;[{_BLANKS}]*|[{_BLANKS}]+"),
}
_LARGEST = float(np.finfo(np.float32).max)


def parse_numbers(text: str, *, cut: bool = False) -> Sequence:
    """Read a sequence of numbers, one a step.

    Commas, spaces, tabs, new lines or semicolons separate; one separator may stand at the end.
    A comma that could also be a decimal sign (``1,5 2,5``; ``1,5;2``) is refused, not guessed.
    The sign − (U+2212) is read as a minus.

    Args:
        text: what was typed.
        cut: keep the first steps of what is too long, and say so in the notes.

    Raises:
        ValueError: if nothing or too much was typed, if an item cannot be read or is not a
            finite float32 (the sentence gives the item and its position, counted from 1), or
            if there are fewer or more numbers than `STEPS` allows.
    """
    TYPED_CHARACTERS.check(max(len(text), 1))
    found = [_number(item, position) for position, item in enumerate(_items(text), 1)]
    notes: tuple[str, ...] = ()
    if cut and len(found) > STEPS.high:
        notes = (f"Cut: the first {STEPS.high:,} of {len(found):,} numbers are used.",)
        found = found[: STEPS.high]
    STEPS.check(len(found))
    return numbers(found, "Typed numbers", notes=notes)


def _items(text: str) -> list[str]:
    text = text.replace("\N{MINUS SIGN}", "-").strip(_BLANKS)
    if not text:
        raise ValueError(f"no numbers were given: {UNDERSTOOD}")
    if ";" in text and "," in text:
        raise ValueError(
            f"commas and semicolons together can be read in two ways: {UNDERSTOOD}, but not both"
        )
    words = text.split()
    glued = next((i for i, word in enumerate(words, 1) if _GLUED.fullmatch(word)), None)
    if glued and len(words) > 1:
        raise ValueError(
            f"item {glued}, “{shown(words[glued - 1])}”, can be one number with a decimal comma or"
            f" two numbers: {UNDERSTOOD}"
        )
    items = _SEPARATOR[";" if ";" in text else ","].split(text)
    return items[:-1] if items[-1] == "" and len(items) > 1 else items


def _number(item: str, position: int) -> float:
    where = f"item {position}, “{shown(item)}”,"
    if _NOT_FINITE.fullmatch(item):
        raise ValueError(f"{where} is not finite: every number must be")
    if not _NUMBER.fullmatch(item):
        if not item:
            raise ValueError(f"item {position} is empty: {UNDERSTOOD}")
        raise ValueError(f"{where} is not a number: {UNDERSTOOD}")
    value = float(item)
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"{where} is too large: every number must lie within ±{_LARGEST:.3g}")
    return value

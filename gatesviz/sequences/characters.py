"""How a character is shown where it cannot be seen, and what it is called.

A character is one Unicode code point: what a reader takes for one letter can be several of
them (a letter and its accent, the parts of a flag), and each is a step of its own.
"""

import unicodedata

STAND_IN = "□"
"""Shown for a character that the model does not know; its one-hot is all zeros."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that draw nothing (Default_Ignorable_Code_Point, blank Braille)."""


def visible(character: str) -> str:
    """Return a short label that can be seen for one code point.

    A space becomes ␣ and a control character its picture (␀, ␊); an accent stands on a dotted
    circle; what draws nothing, or cannot be written in UTF-8, becomes its number, as in U+200B.
    """
    code, category = ord(character), unicodedata.category(character)
    if character == " ":
        return "␣"
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if category[0] in "CZ" or character in _BLANK or _selects_variant(code):
        return f"U+{code:04X}"
    return f"◌{character}" if category[0] == "M" else character


def shown(text: str, limit: int = 40) -> str:
    """Return ``text`` for a sentence: hidden characters made visible, spaces kept, cut short."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    cut = "".join(c if c == " " else visible(c) for c in text[:limit])
    return f"{cut}…" if len(text) > limit else cut


def named(character: str) -> str:
    """Return a code point with number and name, as in "é (U+00E9 LATIN SMALL LETTER E WITH ACUTE)".

    Code points without a name keep their number alone.
    """
    number, label = f"U+{ord(character):04X}", visible(character)
    full = f"{number} {unicodedata.name(character, '')}".strip()
    return full if label == number else f"{label} ({full})"


def _selects_variant(code: int) -> bool:
    return 0x180B <= code <= 0x180F or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF

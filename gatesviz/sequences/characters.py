"""Labels for characters: visible stand-ins and Unicode names.

A character is one Unicode code point. A letter with an accent or a flag can be several code points,
and each of them is a separate step.
"""

import re
import unicodedata
from reprlib import repr as shortened

STAND_IN = "□"
"""Shown for a character that the model does not know; its one-hot is all zeros."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that draw nothing (Default_Ignorable_Code_Point, blank Braille)."""

_VISIBLE = re.compile(r".|◌.|U\+[0-9A-F]{4,6}", re.DOTALL)


def visible(character: str) -> str:
    """Return a short, visible label for one code point.

    A space becomes ␣, and a control character its symbol (␀, ␊). An accent is drawn on a dotted
    circle. Characters that draw nothing, or do not exist in UTF-8, become U+200B and so on.
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


def is_character(label: str) -> bool:
    """Return whether a label can be that of one character, as `visible` writes it."""
    return bool(_VISIBLE.fullmatch(label))


def shown(text: str, limit: int = 40) -> str:
    """Return ``text`` for a sentence: hidden characters made visible, cut to ``limit``."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    cut = "".join(c if c == " " else visible(c) for c in text[:limit])
    return f"{cut}…" if len(text) > limit else cut


def check_text(text: object, instead: str = "decode bytes first, text.decode()") -> None:
    """Check that ``text`` is a str.

    Raises:
        TypeError: if it is something else, such as bytes; ``instead`` says what to do with them.
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a str, got {shortened(text)}: {instead}")


def code_point(character: str) -> str:
    """Return a code point with number and name, as in "é (U+00E9 LATIN SMALL LETTER E WITH ACUTE)".

    A code point without a name gives its number only.
    """
    number, label = f"U+{ord(character):04X}", visible(character)
    full = f"{number} {unicodedata.name(character, '')}".strip()
    return full if label == number else f"{label} ({full})"


def _selects_variant(code: int) -> bool:
    return 0x180B <= code <= 0x180F or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF

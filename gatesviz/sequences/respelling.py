"""Respell a typed text in the characters that a model knows."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gatesviz.sequences.characters import visible

_NAMED = 8  # characters that a note names; the rest are counted
_PLAIN = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"'})
_PLAIN |= str.maketrans({"»": '"', "‐": "-", "–": "-", "—": "-", "−": "-"})
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Respelled:
    """A text in the characters of a vocabulary.

    Attributes:
        text: it holds no other characters, and may be empty.
        notes: sentences that say what was changed or left out; () if nothing was.
    """

    text: str
    notes: tuple[str, ...]


def respell(text: str, vocabulary: Collection[str]) -> Respelled:
    """Return ``text`` in the characters of ``vocabulary``.

    A character that is in the vocabulary stays. Line breaks and tabs become a space, capitals
    become small letters, letters lose their accents, and curly quotes and long dashes become
    plain ones. Characters that the vocabulary lacks even then are left out.
    """
    known, plain, left_out = frozenset(vocabulary), dict[str, str](), dict[str, None]()
    blanks = " " in known and not known.intersection("\n\t")
    spaced = _BLANK.sub(_one_space, text) if blanks else text
    parts = []
    for character in spaced:
        if character in known:
            parts.append(character)
        elif found := "".join(c for c in _plain(character) if c in known):
            plain[character] = found
            parts.append(found)
        else:
            left_out[character] = None
    return Respelled("".join(parts), tuple(_notes(spaced != text, plain, left_out)))


def _one_space(found: re.Match[str]) -> str:
    """Return a space for white space with a line break or a tab; spaces alone stay."""
    return " " if found[0].strip(" ") else found[0]


def _plain(character: str) -> str:
    """Return a character without an accent, in small letters, with plain quotes and dashes."""
    apart = unicodedata.normalize("NFKD", character.translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def _notes(spaced: bool, plain: dict[str, str], left_out: Iterable[str]) -> Iterable[str]:
    if spaced:
        yield "Line breaks and tabs are read as a space, ␣."
    capitals = [c for c, found in plain.items() if found == c.lower()]
    if capitals:
        yield "Capital letters are read as small ones."
    others = {c: found for c, found in plain.items() if c not in capitals}
    if others:
        read = (f"“{visible(c)}” as “{''.join(map(visible, s))}”" for c, s in others.items())
        yield f"Read as: {_list(read)}."
    shown = [visible(c) for c in left_out if not unicodedata.combining(c)]
    hidden = sum(label.startswith("U+") for label in shown)
    names = [f"“{label}”" for label in shown if not label.startswith("U+")]
    if hidden:
        names.append(f"{hidden} invisible character{'s' if hidden > 1 else ''}")
    if names:
        yield f"Left out, because the model doesn't know them: {_list(names)}."


def _list(names: Iterable[str]) -> str:
    names = list(names)
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")

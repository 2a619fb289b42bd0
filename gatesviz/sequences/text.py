"""Read text as one-hot vectors, one character a step."""

from collections import Counter
from collections.abc import Sequence as Ordered
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import FEATURES, STEPS, TYPED_CHARACTERS
from gatesviz.sequences.characters import STAND_IN, check_text, code_point, shown, visible
from gatesviz.sequences.sequence import Sequence

_NAMED = 8  # unknown characters that a note names; the rest are counted


def parse_text(
    text: str,
    vocabulary: Ordered[str] | None = None,
    *,
    cut: bool = False,
    strict: bool = False,
) -> Sequence:
    """Read a text, one character (Unicode code point) a step.

    Labels are the characters, made visible by `visible`. The text is not escaped, trimmed or
    normalised.

    Args:
        text: any characters; spaces alone are allowed.
        vocabulary: the I characters that the model knows, in its order; by default the sorted
            distinct characters of the text.
        cut: use only the first steps of a text that is too long, and say so in the notes.
        strict: refuse characters that are not in the vocabulary. Otherwise they become `STAND_IN`,
            whose one-hot vector is all zeros, and the notes name them.

    Unpaired surrogates are half a character and always unknown.

    Raises:
        TypeError: if it is not a text.
        ValueError: if the text is empty, too long or too short, has too many distinct characters,
            or an unknown one under ``strict``, or if the vocabulary repeats a character or holds
            anything else.
    """
    check_text(text)
    if not text:
        raise ValueError("the text is empty: type at least two characters")
    TYPED_CHARACTERS.check(len(text))
    length, notes = len(text), []
    if cut and length > STEPS.high:
        text = text[: STEPS.high]
        notes.append(f"Cut: the first {STEPS.high:,} of {length:,} characters are used.")
    STEPS.check(len(text))
    known = _vocabulary(text) if vocabulary is None else _checked(vocabulary)
    unknown = Counter(c for c in text if c not in known)
    if unknown and strict:
        raise ValueError(f"the model knows {len(known)} characters, but not {_list(unknown)}")
    if unknown:
        notes.append(f"Replaced by {STAND_IN}, all zeros to the model: {_list(unknown)}.")
    return Sequence(
        values=_one_hot(text, known),
        labels=tuple(visible(c) if c in known else STAND_IN for c in text),
        features=tuple(known),
        kind="text",
        title=f"Text “{shown(text, 24)}”",
        notes=tuple(notes),
    )


def _one_hot(text: str, known: dict[str, int]) -> NDArray[np.float32]:
    values = np.zeros((len(text), len(known)), np.float32)
    for step, character in enumerate(text):
        if character in known:
            values[step, known[character]] = 1
    return values


def _vocabulary(text: str) -> dict[str, int]:
    distinct = sorted({c for c in text if not _is_surrogate(c)})
    if not distinct:
        raise ValueError(f"every character is an unpaired surrogate, such as {visible(text[0])}")
    if len(distinct) > FEATURES.high:
        raise ValueError(
            f"the text has {len(distinct):,} distinct characters, at most {FEATURES.high} are"
            " allowed: each is a feature"
        )
    return {c: i for i, c in enumerate(distinct)}


def _checked(vocabulary: Ordered[str]) -> dict[str, int]:
    FEATURES.check(len(vocabulary))
    for character in vocabulary:
        if len(character) != 1 or _is_surrogate(character):
            raise ValueError(
                f"the vocabulary holds “{shown(character)}”, expected single characters"
            )
    known = {c: i for i, c in enumerate(vocabulary)}
    if len(known) < len(vocabulary):
        twice, _ = Counter(vocabulary).most_common(1)[0]
        raise ValueError(f"the vocabulary holds {code_point(twice)} more than once")
    return known


def _list(unknown: "Counter[str]") -> str:
    parts = [
        f"{code_point(c)}, {n} time{'s' if n > 1 else ''}"
        for c, n in islice(unknown.items(), _NAMED)
    ]
    rest = len(unknown) - _NAMED
    return "; ".join(parts) + (f"; and {rest} more" if rest > 0 else "")


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"

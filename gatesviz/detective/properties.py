"""Properties of a text at each step: labels that a unit may track.

A function takes a text of T characters, or a list of T symbols, and returns T labels. Label t
belongs to the state after step t, when the model has read symbol t. A label NaN or None is left
out of every comparison.
"""

import math
import re
from collections.abc import Callable, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import TYPED_CHARACTERS

Text = str | Sequence[str]
Numbers = NDArray[np.float64]
Labels = NDArray[Any]
LEFT_OUT = "-"
"""In a typed row of labels: this step has no label."""


def position(text: Text) -> Numbers:
    """Return the number of each step, 0 to T − 1."""
    return np.arange(len(_symbols(text)), dtype=np.float64)


def bracket_depth(text: Text, brackets: str = "()[]{}") -> Numbers:
    """Return how many brackets are open after each step, (T,).

    A closing bracket without an opening one changes nothing.

    Args:
        brackets: pairs of an opening and a closing bracket. Different kinds are counted together.

    Raises:
        ValueError: if ``brackets`` are not pairs.
    """
    if not isinstance(brackets, str) or not brackets or len(brackets) % 2:
        raise ValueError(f"brackets: expected pairs such as '()[]', got {shortened(brackets)}")
    change = dict.fromkeys(brackets[::2], 1) | dict.fromkeys(brackets[1::2], -1)
    depth, found = 0, []
    for symbol in _symbols(text):
        depth = max(0, depth + change.get(symbol, 0))
        found.append(depth)
    return np.array(found, np.float64)


def inside_quotes(text: Text, quote: str = '"') -> NDArray[np.bool_]:
    """Return whether a quotation is open after each step, (T,): from its opening mark on."""
    marks = np.array([symbol == quote for symbol in _symbols(text)], bool)
    open_now: NDArray[np.bool_] = marks.cumsum() % 2 == 1
    return open_now


def last_letter(text: Text, letters: Text) -> Labels:
    """Return the latest symbol that is one of ``letters``, (T,); None before the first.

    Raises:
        ValueError: if ``letters`` are empty.
    """
    wanted = set(letters)
    if not wanted:
        raise ValueError("letters: expected at least one, such as 'ABCD', got none")
    last: str | None = None
    found: list[str | None] = []
    for symbol in _symbols(text):
        last = symbol if symbol in wanted else last
        found.append(last)
    return np.array(found, object)


def typed_labels(row: str, steps: int) -> Labels:
    """Return the labels of a row that a user typed, (T,).

    Labels are separated by spaces, commas or semicolons. A row without any of them has one
    character for each step. "-" leaves a step out. If all others are numbers, so are the labels.

    Args:
        steps: T, the number of labels that are expected.

    Raises:
        ValueError: if there are more or fewer.
    """
    return _labels_of(_parts(row, steps))


def typed_rows(rows: Sequence[str], lengths: Sequence[int]) -> Labels:
    """Return the labels of B typed rows, (T, B), T of the longest; NaN or None beyond an end.

    A row is written as for `typed_labels`. A row that is "-" alone leaves its sequence out. The
    labels are numbers if those of all rows are.

    Args:
        rows: B rows.
        lengths: B, the number of labels that are expected in each.

    Raises:
        ValueError: if there are more or fewer rows, or labels in a row.
    """
    if len(rows) != len(lengths):
        raise ValueError(
            f"labels: expected {len(lengths):,} rows, one for each sequence, got {len(rows):,}"
        )
    parts = [
        [LEFT_OUT] * steps if row.strip() == LEFT_OUT else _parts(row, steps, f" of sequence {k:,}")
        for k, (row, steps) in enumerate(zip(rows, lengths, strict=True))
    ]
    longest = max(lengths, default=0)
    filled = [one for row in parts for one in (*row, *[LEFT_OUT] * (longest - len(row)))]
    return np.ascontiguousarray(_labels_of(filled).reshape(len(rows), longest).T)


def _parts(row: object, steps: int, whose: str = "") -> list[str]:
    """Return the ``steps`` labels of a typed row.

    Raises:
        TypeError: if it is not a string.
        ValueError: if there are more or fewer.
    """
    if not isinstance(row, str):
        raise TypeError(f"labels: expected a text, got {shortened(row)}")
    TYPED_CHARACTERS.check(max(1, len(row)))
    parts = re.findall(r"[^\s,;]+", row)
    parts = list(parts[0]) if len(parts) == 1 else parts
    if len(parts) != steps:
        raise ValueError(
            f"labels: expected {steps:,}, one for each step{whose}, got {len(parts):,}. Write"
            f" {LEFT_OUT!r} for a step without a label"
        )
    return parts


def _labels_of(parts: Sequence[str]) -> Labels:
    """Return typed labels as numbers, if all of them are, or as texts; NaN or None for "-"."""
    numbers = [math.nan if part == LEFT_OUT else _number(part) for part in parts]
    if all(isinstance(number, float) for number in numbers):
        return np.array(numbers, np.float64)
    return np.array([None if part == LEFT_OUT else part for part in parts], object)


def for_texts(labels: Callable[[Text], Labels], texts: Sequence[Text]) -> Labels:
    """Return the labels of B texts as (T, B), T of the longest; NaN or None beyond an end.

    Args:
        labels: a function of this module, or one like it.
        texts: B texts.

    Raises:
        ValueError: if there is no text.
    """
    if isinstance(texts, str) or not len(texts):
        raise ValueError(f"texts: expected a list of texts, got {shortened(texts)}")
    columns = [labels(text) for text in texts]
    steps, numeric = max(map(len, columns)), all(c.dtype.kind == "f" for c in columns)
    found: Labels = np.full((steps, len(columns)), np.nan if numeric else None, columns[0].dtype)
    if not numeric and any(len(column) < steps for column in columns):
        found = np.full(found.shape, None, object)
    for k, column in enumerate(columns):
        found[: len(column), k] = column
    return found


def spell(inputs: ArrayLike, vocabulary: Sequence[str]) -> list[list[str]]:
    """Return the B texts of one-hot inputs (T, B, V), each as a list of T symbols.

    Raises:
        ValueError: if the last axis is not as long as the vocabulary.
    """
    array = np.asarray(inputs)
    if array.ndim != 3 or array.shape[-1] != len(vocabulary):
        raise ValueError(
            f"inputs: expected shape (T, B, {len(vocabulary)}), one-hot in the order of the"
            f" vocabulary, got {array.shape}"
        )
    return [[vocabulary[k] for k in sample] for sample in array.argmax(-1).T.tolist()]


def _symbols(text: Text) -> list[str]:
    if isinstance(text, str | list | tuple) and all(isinstance(each, str) for each in text):
        TYPED_CHARACTERS.check(max(1, len(text)))
        return list(text)
    raise TypeError(f"text: expected a text or a list of symbols, got {shortened(text)}")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

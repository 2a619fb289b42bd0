"""Tasks of one's own: a column of numbers to forecast, a text to continue."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import FEATURES, LEARNT_CHARACTERS, LEARNT_VALUES, STEPS
from gatesviz.sequences.characters import shown, visible
from gatesviz.tasks.forecasts import (
    BETTER_BY,
    Columns,
    forecast,
    given,
    longest,
    persistence_error,
    standardised,
)
from gatesviz.tasks.scores import bits, frequencies
from gatesviz.tasks.task import Task
from gatesviz.tasks.texts import after_last, entropy, held_out_from, pair_bits, pairs, sample

if TYPE_CHECKING:
    from torch import Tensor

LARGEST = float(np.finfo(np.float32).max)
FARTHEST = 1e4
"""Standard deviations from the mean; beyond, the squared errors drown everything else."""


def series_task(values: ArrayLike, title: str) -> Task:
    """Return the task to forecast a series of one's own: one column of a table, say.

    The last fifth is held out. Values are standardised by the mean and the standard deviation
    of what is trained on. The key is "own_series", which `TASKS` does not hold.

    Args:
        values: (N,) numbers, one a step.
        title: what they are.

    Raises:
        TypeError: if they are no numbers.
        ValueError: if they are too few or too many or not (N,), one is not finite or lies too far
            from the others, or what is trained on or what is held out never changes.
    """
    column, name = _column(values), shown(title.strip(), 60) or "a series"
    with np.errstate(all="ignore"):  # what becomes infinite, or nothing at all, is refused
        columns = standardised(column[:, None])
    _refuse_far(column, columns)
    most = longest(columns)
    return forecast(
        key="own_series",
        title=f"Foretell {name}",
        load=partial(given, columns),
        asks=f"{name}, standardised: one number a step.",
        source=(
            f"Own data, {len(column):,} values, of which the last {len(column) - columns.cut:,} are"
            " held out. Solved below nine tenths of the error of saying the last value again."
        ),
        solved_at=BETTER_BY * persistence_error(columns),
        length=min(48, most),
        longest=most,
        example=" ".join(f"{value:.2f}" for value in columns.values[:60, 0]),
    )


def text_task(text: str) -> Task:
    """Return the task to guess the next character of a text of one's own.

    The last tenth is held out. A character is a Unicode code point, and nothing is changed: small
    and capital letters differ. The key is "own_text", which `TASKS` does not hold.

    Raises:
        ValueError: if the text is too short or too long, has only one or too many distinct
            characters, or holds half a character (an unpaired surrogate).
    """
    LEARNT_CHARACTERS.check(len(text))
    vocabulary = _vocabulary(text)
    index = {character: i for i, character in enumerate(vocabulary)}
    indices = np.array([index[character] for character in text], np.uint8)
    cut = held_out_from(len(text))
    odds = pairs(indices[:cut], len(vocabulary))
    most = min(STEPS.high, len(text) - cut - 1)
    return Task(
        key="own_text",
        title="Guess the next character",
        asks=f"Own text, {len(text):,} characters, beginning with “{shown(text, 24)}”.",
        answer="At every step the next character.",
        source=(
            f"Own data; the last {len(text) - cut:,} characters are held out. Solved with fewer"
            " bits than it takes to know how often each character follows each other one."
        ),
        vocabulary=vocabulary,
        answer_names=vocabulary,
        metric="bits per character",
        better="lower",
        solved_at=min(pair_bits(indices[cut:], odds), entropy(indices[cut:])),
        baseline_formula="the entropy of the scored characters' frequencies",
        length=min(64, most),
        longest=most,
        example=text[:80],
        _sample=partial(sample, load=partial(_tensor, indices), size=len(vocabulary)),
        _score=bits,
        _constant=partial(frequencies, size=len(vocabulary)),
        _references=(("knowing the last character alone", partial(after_last, odds=odds)),),
    )


def _column(values: ArrayLike) -> NDArray[np.float64]:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError("the values are no numbers: a column of numbers is wanted") from None
    if column.ndim != 1:
        raise ValueError(f"the values have shape {column.shape}, one column, (N,), is wanted")
    LEARNT_VALUES.check(len(column))
    sound = np.abs(column) <= LARGEST  # NaN is not
    if not sound.all():
        place = int(sound.argmin())
        raise ValueError(
            f"value {place + 1:,} is {column[place]:g}, every value must be within ±{LARGEST:.3g}"
        )
    cut = len(column) * 4 // 5
    for part, what in ((column[:cut], "first four fifths"), (column[cut:], "last fifth")):
        if part.min() == part.max():
            raise ValueError(f"the {what} of the values are all {part[0]:g}: nothing to forecast")
    return column


def _refuse_far(column: NDArray[np.float64], columns: Columns) -> None:
    far = ~(np.abs(columns.values[:, 0]) <= FARTHEST)  # also what is not finite
    if far.any():
        place = int(far.argmax())
        raise ValueError(
            f"value {place + 1:,}, {column[place]:g}, lies more than {FARTHEST:,.0f} standard"
            f" deviations from the mean of the first {columns.cut:,}: too far to be learnt"
        )


def _vocabulary(text: str) -> tuple[str, ...]:
    vocabulary = tuple(sorted(set(text)))
    half = next((c for c in vocabulary if "\ud800" <= c <= "\udfff"), None)
    if half is not None:
        raise ValueError(f"the text holds half a character, {visible(half)}: save it as UTF-8")
    if not 2 <= len(vocabulary) <= FEATURES.high:
        raise ValueError(
            f"{len(vocabulary):,} distinct characters given, 2 to {FEATURES.high} allowed"
        )
    return vocabulary


def _tensor(indices: NDArray[np.uint8]) -> "Tensor":
    import torch

    return torch.from_numpy(indices).long()

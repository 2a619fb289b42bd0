"""Tasks on your own data: a column of numbers to forecast, a text to continue."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import FEATURES, LEARNT_CELLS, LEARNT_CHARACTERS, LEARNT_VALUES, STEPS
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
"""Standard deviations from the mean; farther values dominate the squared error."""


def series_task(values: ArrayLike, title: str, input_names: Sequence[str] = ()) -> Task:
    """Return the task to forecast your own series, such as one column of a table.

    The last fifth is held out. Each column is standardised by the mean and the standard deviation
    of its training rows. The key is "own_series", which `TASKS` does not hold.

    Args:
        values: (N,) numbers, one a step. With ``input_names`` (N, 1 + K): the column to forecast,
            then K further columns that the model also reads.
        title: the name of the column to forecast.
        input_names: the names of the K further columns.

    Raises:
        TypeError: if a value is not a number, or a name is not a text.
        ValueError: if there are too few or too many rows, columns or numbers; if the shape is
            wrong; if a number is not finite or too far from the others of its column; if the
            training rows of a column, or the held-out rows of the forecast column, never change;
            or if two names are equal.
    """
    names = _input_names(title, input_names)
    table, name = _table(values, names), shown(title.strip(), 60) or "a series"
    with np.errstate(all="ignore"):  # what becomes infinite, or nothing at all, is refused
        columns = standardised(table, together=bool(names))
    _refuse_far(table, columns, names)
    most = longest(columns)
    features = (name, *names) if names else ("value",)
    rows = "values" if not names else f"rows of {len(features)} columns"
    return forecast(
        key="own_series",
        title=f"Forecast {name}",
        load=partial(given, columns),
        together=columns.together,
        features=features,
        asks=_asks(name, names),
        answer=f"At each step, forecast the next value{f' of {name}' if names else ''}.",
        source=(
            f"Data: {len(table):,} {rows}. The last {len(table) - columns.cut:,} are held out."
        ),
        solved_at=BETTER_BY * persistence_error(columns),
        length=min(48, most),
        longest=most,
        example=_example(columns),
    )


def text_task(text: str) -> Task:
    """Return the task to predict the next character of your own text.

    The last tenth is held out. A character is a Unicode code point, and nothing is changed: small
    and capital letters differ. The key is "own_text", which `TASKS` does not hold.

    Raises:
        ValueError: if the text is too short or too long, has only one or too many distinct
            characters, or contains half a character (an unpaired surrogate).
    """
    LEARNT_CHARACTERS.check(len(text))
    vocabulary = _vocabulary(text)
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    known = np.array([*map(ord, vocabulary)], np.uint32)  # sorted, as the vocabulary is
    indices = known.searchsorted(points).astype(np.uint8)
    cut = held_out_from(len(text))
    odds = pairs(indices[:cut], len(vocabulary))
    most = min(STEPS.high, len(text) - cut - 1)
    return Task(
        key="own_text",
        title="Predict the next character",
        asks=f"Your text has {len(text):,} characters. It begins “{shown(text, 24)}”.",
        answer="At each step, predict the next character.",
        source=f"The last {len(text) - cut:,} characters are held out.",
        vocabulary=vocabulary,
        answer_names=vocabulary,
        metric="bits per character",
        better="lower",
        solved_at=min(pair_bits(indices[cut:], odds), entropy(indices[cut:])),
        constant_answer="the overall frequency of each character",
        length=min(64, most),
        longest=most,
        example=text[:80],
        _sample=partial(sample, load=partial(_tensor, indices), size=len(vocabulary)),
        _score=bits,
        constant_name="the held-out character frequencies",
        _constant=partial(frequencies, size=len(vocabulary)),
        _references=(("using only the last character", partial(after_last, odds=odds)),),
    )


def _input_names(title: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of further columns as pages show them; refuse anything else."""
    FEATURES.check(1 + len(names))
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"input_names: expected texts, got {name!r}")
    given = [title, *names]
    twice = next((name for name in names if given.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f"column “{shown(twice, 60)}” is named more than once. The column to forecast is always"
            " read, so name each other column once"
        )
    return tuple(shown(name.strip(), 60) or f"column {k + 2}" for k, name in enumerate(names))


def _table(values: ArrayLike, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the numbers as (N, 1 + K), the column to forecast first."""
    try:
        table = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError("the values aren't numbers: expected a column of numbers") from None
    if names:
        if table.ndim != 2 or table.shape[1] != 1 + len(names):
            raise ValueError(
                f"values: expected shape (N, {1 + len(names)}), the column to forecast and those of"
                f" the {len(names)} input_names, got {table.shape}"
            )
    elif table.ndim != 1:
        raise ValueError(f"values: expected shape (N,), got {table.shape}")
    LEARNT_VALUES.check(len(table))
    LEARNT_CELLS.check(table.size)
    table = table.reshape(len(table), -1)
    for column, what in zip(table.T, _places(names), strict=True):
        _refuse_unfit(column, what)
    _refuse_constant(table, names)
    return table


def _places(names: tuple[str, ...]) -> list[str]:
    """Return each column's name for the start of a sentence, as in "“wind”: "."""
    return ["", *(f"“{name}”: " for name in names)]


def _refuse_unfit(column: NDArray[np.float64], what: str) -> None:
    sound = np.abs(column) <= LARGEST  # NaN is not
    if not sound.all():
        place = int(sound.argmin())
        raise ValueError(
            f"{what}value {place + 1:,} is {column[place]:g}. Expected values within ±{LARGEST:.3g}"
        )


def _refuse_constant(table: NDArray[np.float64], names: tuple[str, ...]) -> None:
    column, cut = table[:, 0], len(table) * 4 // 5
    for part, what in ((column[:cut], "first four fifths"), (column[cut:], "last fifth")):
        if part.min() == part.max():
            raise ValueError(f"the {what} of the values are all {part[0]:g}: nothing to forecast")
    for name, further in zip(names, table.T[1:], strict=True):
        known = further[:cut]
        if known.min() == known.max():
            raise ValueError(
                f"“{name}” is {known[0]:g} in all of the first {cut:,} rows, so a model can't learn"
                " from it: leave this column out"
            )


def _refuse_far(table: NDArray[np.float64], columns: Columns, names: tuple[str, ...]) -> None:
    far = ~(np.abs(columns.values) <= FARTHEST)  # also what is not finite
    if far.any():
        k = int(far.any(0).argmax())
        place = int(far[:, k].argmax())
        raise ValueError(
            f"{_places(names)[k]}value {place + 1:,}, {table[place, k]:g}, is more than"
            f" {FARTHEST:,.0f} standard deviations from the mean of the first {columns.cut:,}, too"
            " far to learn: remove or correct it"
        )


def _asks(name: str, names: tuple[str, ...]) -> str:
    """Return a sentence about the inputs; it names at most six further columns."""
    if not names:
        return f"The model reads {name}, scaled to mean 0 and standard deviation 1."
    most = 6
    listed = ", ".join(names[:most])
    if len(names) > most:
        listed += f" and {len(names) - most} more"
    return (
        f"Each step has {1 + len(names)} standardised numbers: {name} (the one to forecast),"
        f" {listed}."
    )


def _example(columns: Columns) -> str:
    rows = [" ".join(f"{value:.2f}" for value in row) for row in columns.values[:60]]
    return ("; " if columns.together else " ").join(rows)


def _vocabulary(text: str) -> tuple[str, ...]:
    vocabulary = tuple(sorted(set(text)))
    half = next((c for c in vocabulary if "\ud800" <= c <= "\udfff"), None)
    if half is not None:
        raise ValueError(f"the text contains half a character, {visible(half)}: save it as UTF-8")
    if not 2 <= len(vocabulary) <= FEATURES.high:
        raise ValueError(
            f"the text: expected 2 to {FEATURES.high} distinct characters, got {len(vocabulary):,}"
        )
    return vocabulary


def _tensor(indices: NDArray[np.uint8]) -> "Tensor":
    import torch

    return torch.from_numpy(indices)

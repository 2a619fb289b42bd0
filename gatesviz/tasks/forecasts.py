"""Say the next value of a series of numbers, and be no worse than who says the last one again."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import STEPS
from gatesviz.tasks.batches import Batch
from gatesviz.tasks.scores import last_value, mean, root_mean_square
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

BETTER_BY = 0.9
"""A forecast counts where its error is at most so much of the persistent one's."""


LAGS = 8
"""How many values a linear forecast looks at; fewer where a series is short."""


class Columns(NamedTuple):
    """Series side by side, standardised, each with mean 0 and deviation 1 where it is trained on.

    Attributes:
        values: (N, C) float32.
        cut: the first row that is held out: the last fifth.
    """

    values: NDArray[np.float32]
    cut: int


def standardised(values: NDArray[np.float64]) -> Columns:
    """Return series (N, C) standardised by the mean and deviation of their training rows."""
    cut = len(values) * 4 // 5
    known = values[:cut]
    return Columns(((values - known.mean(0)) / known.std(0)).astype(np.float32), cut)


def persistence_error(columns: Columns) -> float:
    """Return the root mean square error of saying the last value again, on what is held out."""
    steps = np.diff(columns.values[columns.cut :].astype(np.float64), axis=0)
    return float(np.sqrt(np.mean(steps**2)))


def longest(columns: Columns) -> int:
    """Return the most steps that fit into what is held out, with a value to foretell."""
    return min(STEPS.high, len(columns.values) - columns.cut - 1)


def linear(batch: Batch, load: Callable[[], Columns]) -> "Tensor":
    """Return a linear forecast from the last `LAGS` values, (T, B, 1), of every column alike.

    An autoregression (Box & Jenkins 1970), fitted by least squares to what is trained on. At the
    first steps, where there are fewer values, it is one of fewer.
    """
    import torch

    columns, values = load(), batch.inputs[..., 0].double()
    most = min(LAGS, len(values), max(1, columns.cut // 4))
    told = []
    for lags in range(1, most + 1):
        weights = torch.from_numpy(autoregression(columns, lags))
        told.append(values.unfold(0, lags, 1) @ weights[:-1] + weights[-1])
    return torch.cat([*(each[:1] for each in told[:-1]), told[-1]])[..., None]


def autoregression(columns: Columns, lags: int) -> NDArray[np.float64]:
    """Return the weights of the last values, the latest at the end, then a constant, (L + 1,)."""
    known = columns.values[: columns.cut].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(known, lags + 1, axis=0)
    flat = windows.reshape(-1, lags + 1)
    seen = np.column_stack([flat[:, :-1], np.ones(len(flat))])
    return np.asarray(np.linalg.lstsq(seen, flat[:, -1])[0], np.float64)


def given(columns: Columns) -> Columns:
    """Return what is already there, where others have to load."""
    return columns


def forecast(key: str, title: str, load: Callable[[], Columns], **told: Any) -> Task:
    """Return the task to foretell series.

    Args:
        load: returns the series; called when samples are drawn.
        told: the other fields of `Task` that differ from series to series.
    """
    told.setdefault("answer", "At every step the next value.")
    return Task(
        key=key,
        title=title,
        vocabulary=None,
        answer_names=("next value",),
        metric="root mean square error, in standard deviations of what is trained on",
        better="lower",
        baseline_formula="the standard deviation of the scored values, for saying their mean",
        _sample=partial(_sample, load=load),
        _score=root_mean_square,
        _constant=mean,
        _references=(
            ("the last value again", last_value),
            ("linear in the last 8 values or fewer", partial(linear, load=load)),
        ),
        **told,
    )


def _sample(
    generator: "Generator",
    batch: int,
    length: int,
    held_out: bool,
    load: Callable[[], Columns],
) -> Batch:
    import torch

    columns = load()
    rows = columns.values[columns.cut :] if held_out else columns.values[: columns.cut]
    values = torch.from_numpy(rows)
    starts = torch.randint(len(values) - length, (batch,), generator=generator)
    column = torch.randint(values.shape[1], (batch,), generator=generator)
    windows = values[starts + torch.arange(length + 1)[:, None], column]
    mask = torch.ones((length, batch), dtype=torch.bool)
    return Batch(windows[:-1, :, None], windows[1:], mask)

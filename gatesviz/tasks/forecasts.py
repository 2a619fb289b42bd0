"""Forecast the next value of a series, and compare with forecasts that need no network."""

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
"""A task counts as solved at this share of the error of repeating the last value."""

LAGS = 8
"""The most rows a linear forecast reads; fewer where a series is short."""
LINEAR = f"linear forecast from up to {LAGS} values"
"""The baseline that is fitted to the numbers of one column."""


class Columns(NamedTuple):
    """Series side by side, standardised, each with mean 0 and deviation 1 where it is trained on.

    Attributes:
        values: (N, C) float32.
        cut: the first held-out row; the last fifth is held out.
        together: whether a model reads all columns at each step and forecasts the first one.
            Otherwise each column is a series of its own, and a sample is a part of one of them.
    """

    values: NDArray[np.float32]
    cut: int
    together: bool = False

    @property
    def first(self) -> "Columns":
        """The first column alone."""
        return Columns(self.values[:, :1], self.cut)


def training_scale(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of the training rows of series (N, C): (C,) each."""
    known = values[: len(values) * 4 // 5]
    mean, deviation = known.mean(0), known.std(0)
    span = np.ptp(known, axis=0)
    if (lost := (deviation == 0) & (span > 0)).any():  # squares of very small numbers are 0
        deviation[lost] = (known[:, lost] / span[lost]).std(0) * span[lost]
    return mean, deviation


def standardised(values: NDArray[np.float64], *, together: bool = False) -> Columns:
    """Return series (N, C) standardised by the mean and deviation of their training rows."""
    mean, deviation = training_scale(values)
    scaled = ((values - mean) / deviation).astype(np.float32)
    return Columns(scaled, len(values) * 4 // 5, together)


def persistence_error(columns: Columns) -> float:
    """Return the root mean square error of repeating the last value, on what is held out."""
    forecast_columns = columns.first if columns.together else columns
    steps = np.diff(forecast_columns.values[columns.cut :].astype(np.float64), axis=0)
    return float(np.sqrt(np.mean(steps**2)))


def longest(columns: Columns) -> int:
    """Return the most steps that fit into the held-out rows, with one more to forecast."""
    return min(STEPS.high, len(columns.values) - columns.cut - 1)


def linear(batch: Batch, load: Callable[[], Columns], *, alone: bool = False) -> "Tensor":
    """Return a linear forecast from the last `LAGS` rows, (T, B, 1).

    An autoregression (Box & Jenkins 1970), fitted by least squares to the training rows. Where
    columns are read together it is one row of a vector autoregression (Lütkepohl 2005). The first
    steps of a sample have fewer rows before them, so their forecast is fitted to fewer.

    Args:
        batch: the samples.
        load: returns the series.
        alone: read only the forecast column, also where others are read together with it.
    """
    import torch

    columns, inputs = load(), batch.inputs.double()
    if alone:
        columns, inputs = columns.first, inputs[..., :1]
    forecasts = []
    for lags in range(1, _most_lags(columns, len(inputs)) + 1):
        weights = torch.from_numpy(autoregression(columns, lags))
        forecasts.append(inputs.unfold(0, lags, 1).flatten(2) @ weights[:-1] + weights[-1])
    return torch.cat([*(each[:1] for each in forecasts[:-1]), forecasts[-1]])[..., None]


def _most_lags(columns: Columns, steps: int) -> int:
    """Return how many rows to read: a weight needs about four training rows."""
    read = columns.values.shape[1] if columns.together else 1
    return min(LAGS, steps, max(1, columns.cut // (4 * read)))


def autoregression(columns: Columns, lags: int) -> NDArray[np.float64]:
    """Return the least-squares weights of the last ``lags`` rows, and a constant at the end.

    Where columns are read together, (C·L + 1,): the L weights of the first column, then of the
    second, and so on. Otherwise (L + 1,), the same for every column. The latest row comes last.
    """
    known = columns.values[: columns.cut].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(known, lags + 1, axis=0)
    if columns.together:
        before, after = windows[..., :-1].reshape(len(windows), -1), windows[:, 0, -1]
    else:
        flat = windows.reshape(-1, lags + 1)
        before, after = flat[:, :-1], flat[:, -1]
    seen = np.column_stack([before, np.ones(len(before))])
    return np.asarray(np.linalg.lstsq(seen, after)[0], np.float64)


def given(columns: Columns) -> Columns:
    """Return ``columns`` themselves: a loader for series in memory."""
    return columns


def forecast(
    key: str, title: str, load: Callable[[], Columns], *, together: bool = False, **others: Any
) -> Task:
    """Return the task to forecast series.

    Args:
        key, title: as in `Task`.
        load: returns the series; called when samples are drawn.
        together: as in the `Columns` that ``load`` returns.
        others: the other fields of `Task` that differ from series to series.
    """
    others.setdefault("answer", "At each step, forecast the next value.")
    return Task(
        key=key,
        title=title,
        vocabulary=None,
        answer_names=("next value",),
        metric="RMSE, in standard deviations of the training data",
        unit="standard deviations",
        better="lower",
        constant_answer="the mean of the scored values",
        forecasts=True,
        _sample=partial(_sample, load=load),
        _score=root_mean_square,
        constant_name="the mean of the held-out values",
        _constant=mean,
        _references=(("repeating the last value", last_value), *_linear_forecasts(load, together)),
        **others,
    )


def _linear_forecasts(
    load: Callable[[], Columns], together: bool
) -> tuple[tuple[str, Callable[[Batch], "Tensor"]], ...]:
    """Return the linear forecasts that a score is compared with, by name."""
    if not together:
        return ((LINEAR, partial(linear, load=load)),)
    rows = f"linear forecast from up to {LAGS} rows"
    return (
        (f"{rows}, all columns", partial(linear, load=load)),
        (f"{rows}, its own column", partial(linear, load=load, alone=True)),
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
    steps = starts + torch.arange(length + 1)[:, None]
    mask = torch.ones((length, batch), dtype=torch.bool)
    if columns.together:
        windows = values[steps]
        return Batch(windows[:-1], windows[1:, :, 0].contiguous(), mask)
    column = torch.randint(values.shape[1], (batch,), generator=generator)
    series = values[steps, column]
    return Batch(series[:-1, :, None], series[1:], mask)

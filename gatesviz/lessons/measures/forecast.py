"""An LSTM's forecast against repeating the last value: random walks, a price, the temperature.

The models were trained for the release. To train them again and write their file::

    python -c "from gatesviz.lessons.measures.forecast import train; train()"
"""

import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.known.release import released, write
from gatesviz.experiments.result import Result
from gatesviz.lessons.finding import Finding, first_place, listed
from gatesviz.sequences import SERIES as SERIES_OF_NAMES
from gatesviz.sequences import wave
from gatesviz.tasks.forecasts import LAGS, LINEAR
from gatesviz.training import OwnData, TrainingSpec, own_series

FILE = Path(__file__).with_name("forecasts.json")
SEEDS, UPDATES = 3, 600
WALKS = (1, 2, 3)
"""Seeds of the random walks, as on the page *Feed a sequence*. In that of seed 0, the held-out part
leaves the range of the training part."""
WALK_STEPS = 1_000
SERIES = ("walk", "stock", "temperature")
COMPANY = "Apple"
"""Whose price the lesson shows: its held-out prices rise far above all prices in training."""
UNIT = "root mean square, in standard deviations of the training data"
BETTER, WORSE = 0.9, 1.1
"""Shares of the error of repeating the last value."""
Reals = NDArray[np.float64]


class Errors(NamedTuple):
    """Errors on held-out sequences, in standard deviations of the training data.

    Attributes:
        model, repeat: RMSE of the model's forecast, and of repeating the last value.
        behind: RMSE between the model's forecast and the value that it has just read.
        together: correlation of the forecast with the value that it forecasts.
        direction: share of steps at which the forecast gets the sign of the change right.
    """

    model: float
    repeat: float
    behind: float
    together: float
    direction: float


def nearest_value(series: str = "walk") -> Finding:
    """Find out whether the forecast is nearer to the next value or to the one just read.

    Args:
        series: "walk" for three random walks; "stock" or "temperature" for three seeds of a model.

    Returns:
        Right is "last" or "next" if it is the same each time, else "depends".
    """
    found = _errors(series)
    nearest = {"last" if one.behind < one.model else "next" for one in found}
    numbers = {
        "behind": _listed(one.behind for one in found),
        "ahead": _listed(one.model for one in found),
        "together": listed(f"{one.together:.2f}" for one in found),
        "linear": _listed(dict.fromkeys(_linear(series))),
    }
    return Finding(
        nearest.pop() if len(nearest) == 1 else "depends",
        numbers,
        f"Distance between forecast and last value, for {_trials(series)}: {numbers['behind']}."
        f" Distance between forecast and next value: {numbers['ahead']} ({UNIT}).",
    )


def against_repeating(series: str = "walk") -> Finding:
    """Compare an LSTM's error with that of repeating the last value, in three trials.

    Args:
        series: as of `nearest_value`.

    Returns:
        Right is "better" if the LSTM's error is at least 10 % lower each time, "worse" if it is at
        least 10 % higher each time, else "alike".
    """
    found = _errors(series)
    ratios = [one.model / one.repeat for one in found]
    better, worse = max(ratios) <= BETTER, min(ratios) >= WORSE
    linear = _linear(series)
    numbers = {
        "linear": _listed(dict.fromkeys(linear)),
        "lags": str(LAGS),
        "model": _listed(one.model for one in found),
        "repeat": _listed(dict.fromkeys(one.repeat for one in found)),
        "ratio": listed(f"{ratio:.2f}" for ratio in ratios),
    }
    return Finding(
        "better" if better else "worse" if worse else "alike",
        numbers,
        f"Error of repeating the last value, on held-out values: {numbers['repeat']}. Error of"
        f" {_trials(series)}: {numbers['model']} ({UNIT}).",
    )


def sign_of_change(series: str = "walk") -> Finding:
    """Count how often the forecast gets the direction of the next change right.

    Args:
        series: as of `nearest_value`.

    Returns:
        Right is "often" (75 % or more each time), "chance" (40 to 60 % each time) or "between".
    """
    shares = [one.direction for one in _errors(series)]
    often = all(share >= 0.75 for share in shares)
    chance = all(0.4 <= share <= 0.6 for share in shares)
    numbers = {"shares": listed(f"{100 * share:.0f} %" for share in shares)}
    return Finding(
        "often" if often else "chance" if chance else "between",
        numbers,
        f"For {_trials(series)}, the direction was right at {numbers['shares']} of the steps.",
    )


def new_values() -> Finding:
    """Compare the stock model's error on prices above and below the highest price of its training.

    Returns:
        Right is "new" if the error above is at least three times as large in each trial, else
        "everywhere".
    """
    from gatesviz.tasks.stock import load

    columns = load()
    highest = float(columns.values[: columns.cut].max())
    above, below, copied, shares = [], [], [], []
    for trial in range(SEEDS):
        forecast, last, following = _forecasts("stock", trial)
        new = following > highest
        shares.append(float(new.mean()))
        above.append(_distance(forecast[new], following[new]))
        below.append(_distance(forecast[~new], following[~new]))
        copied.append(_distance(last[new], following[new]))
    numbers = {
        "weeks": str(len(columns.values)),
        "known": str(columns.cut),
        "held": str(len(columns.values) - columns.cut),
        "sequence": str(_sequence_of(COMPANY)),
        "above": _listed(above),
        "below": _listed(below),
        "repeat_above": _listed(dict.fromkeys(copied)),
        "share": f"{100 * shares[0]:.0f} %",
    }
    return Finding(
        "new" if all(a >= 3 * b for a, b in zip(above, below, strict=True)) else "everywhere",
        numbers,
        f"{numbers['share']} of the held-out prices are higher than every price in training."
        f" There, the errors of the LSTMs are {numbers['above']}, and the error of repeating the"
        f" last price is {numbers['repeat_above']}. On the other prices, the errors of the LSTMs"
        f" are {numbers['below']}.",
    )


def _sequence_of(company: str) -> int:
    """Return the first sequence of the page *What if?* with the held-out prices of a company."""
    from gatesviz.experiments.what_if import fresh_sequences
    from gatesviz.tasks.stock import load
    from gatesviz.training import TrainedModel

    titles = [one.title for key, one in SERIES_OF_NAMES.items() if key.startswith("stock_")]
    [column] = [k for k, title in enumerate(titles) if title.startswith(company)]
    columns, result = load(), shipped("stock")[0]
    model = TrainedModel(result.trial.spec, result.updates, result.weights)
    inputs = fresh_sequences(model).inputs[..., 0].numpy()
    held_out = columns.values[columns.cut :, column][: len(inputs), None]
    return first_place(
        (inputs == held_out).all(0),
        f"No sequence of What if? has the held-out prices of {company}. Choose another company.",
    )


def experiment() -> Experiment:
    """Return all runs of this module."""
    question = "Does an LSTM forecast better than repeating the last value?"
    return Experiment("lesson-forecast", question, tuple(_specs().values()), UPDATES, False)


def errors(series: str, trial: int) -> Errors:
    """Return the errors of one trained LSTM on the held-out sequences of its task."""
    forecast, last, following = _forecasts(series, trial)
    moves, right = following != last, np.sign(forecast - last) == np.sign(following - last)
    return Errors(
        model=_distance(forecast, following),
        repeat=_distance(last, following),
        behind=_distance(forecast, last),
        together=float(np.corrcoef(forecast, following)[0, 1]),
        direction=float(right[moves].mean()),
    )


def _linear(series: str) -> list[float]:
    """Return the error of a linear forecast from up to `LAGS` values, for each trial."""
    from gatesviz.training.samples import held_out

    specs = [result.trial.spec for result in shipped(series)]
    return [spec.learned.references(held_out(spec))[LINEAR] for spec in specs]


def _forecasts(series: str, trial: int) -> tuple[Reals, Reals, Reals]:
    """Return forecasts, the values just read and the next ones, over all held-out steps."""
    from gatesviz.training import TrainedModel
    from gatesviz.training.samples import held_out

    result = _results()[series, trial]
    batch = held_out(result.trial.spec)
    model = TrainedModel(result.trial.spec, result.updates, result.weights)
    outputs = model.outputs(batch.inputs.numpy())
    forecast, last, following = (
        np.asarray(values.numpy(), np.float64).ravel()
        for values in (outputs[..., 0], batch.inputs[..., 0], batch.targets)
    )
    return forecast, last, following


def shipped(series: str) -> tuple[Result, ...]:
    """Return the results of the trained LSTMs of ``series``, one of `SERIES`, in their order."""
    return tuple(_results()[series, trial] for trial in range(SEEDS))


@cache
def _errors(series: str) -> tuple[Errors, ...]:
    if series not in SERIES:
        raise ValueError(f"series: expected one of {', '.join(SERIES)}, got {series!r}")
    return tuple(errors(series, trial) for trial in range(SEEDS))


@cache
def _specs() -> Mapping[tuple[str, int], TrainingSpec]:
    """Return (series, number of the trial) -> its settings: the defaults of *Train live*."""
    settings = {"cell": "lstm", "hidden_size": 8, "learning_rate": 0.01, "forget_bias": 1.0}
    walks = [("walk", k, _walk(seed), 0) for k, seed in enumerate(WALKS)]
    known = [(task, seed, task, seed) for task in SERIES[1:] for seed in range(SEEDS)]
    return {
        (series, k): TrainingSpec(task=task, seed=seed, **settings)  # type: ignore[arg-type]
        for series, k, task, seed in [*walks, *known]
    }


def _walk(seed: int) -> OwnData:
    values = wave("random walk", WALK_STEPS, seed=seed).values[:, 0]
    return own_series(values.astype(np.float64), "a random walk")


def _listed(values: Iterable[float]) -> str:
    """Return errors with three digits each, also a last 0: "0.954, 0.834 and 0.800"."""
    return listed(f"{value:#.3g}" for value in values)


def _trials(series: str) -> str:
    """Return what the three numbers of a series stand for."""
    return "the LSTMs of the three walks" if series == "walk" else "the three LSTMs"


def _distance(one: Reals, other: Reals) -> float:
    return math.sqrt(float(((one - other) ** 2).mean()))


@cache
def _results() -> Mapping[tuple[str, int], Result]:
    trials = dict(zip(_specs(), experiment().trials, strict=True))
    found = released(trials.values(), FILE)
    return {place: found[trial] for place, trial in trials.items()}


def train() -> None:
    """Train the models and write their file."""
    from gatesviz.engine import stop_engine
    from gatesviz.experiments.runner import begin
    from gatesviz.experiments.store import results_store

    try:
        begin(experiment()).wait()
    finally:
        stop_engine()
    write(results_store().get_all(experiment().trials).values(), FILE)

"""Forecasts without a network, one step ahead over the held-out part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.search.autoregression import Form, choose_form, forecasts
from gatesviz.experiments.search.history import History, history
from gatesviz.experiments.search.ngrams import NGrams, choose_order
from gatesviz.experiments.search.seasons import season
from gatesviz.training import OwnData

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Baselines:
    """Errors of forecasts without a network on the held-out part.

    Attributes:
        errors: name -> (H,), the squared error of each held-out step, or its surprise in bits for
            a text.
        season: season of the training part, in steps; None if there is none, or for a text.
    """

    errors: Mapping[str, Reals]
    season: int | None = None


def baselines(data: OwnData) -> Baselines:
    """Return the errors of every forecast without a network.

    A series is forecast by its mean, its last value, its value one season earlier, and a linear
    autoregression. A text is forecast by n-gram models of order 1, 2 and the best order up to 6.
    Season and order are chosen on the training part. Each forecast reads all earlier steps.
    """
    known = history(data)
    return _of_text(known) if known.size else _of_series(known)


def baseline_scores(known: Baselines, past: History) -> dict[str, float]:
    """Return name -> score of each forecast on the held-out part: RMSE, or bits per character."""
    return {name: float(past.score(each.mean())) for name, each in known.errors.items()}


def _of_series(known: History) -> Baselines:
    columns, cut = known.rows.astype(np.float64), known.cut
    target, training = columns[:, 0], columns[:cut]
    period = season(training[:, 0])
    predictions: dict[str, Reals] = {
        "forecasting the mean of the training part": np.full(
            len(columns) - cut, training[:, 0].mean()
        ),
        "repeating the last value": target[cut - 1 : -1],
    }
    if period is not None:
        predictions[f"repeating the value {period:,} steps earlier"] = target[
            cut - period : -period
        ]
    form = choose_form(training, period)
    if form != Form(()):  # the mean, which is there already
        predictions[form.name] = forecasts(columns, cut, form)
    return Baselines(
        {name: (each - target[cut:]) ** 2 for name, each in predictions.items()}, period
    )


def _of_text(known: History) -> Baselines:
    text, cut = known.rows.tolist(), known.cut
    best = choose_order(text[:cut], known.size)
    names = {1: "a model of character frequencies", 2: "a bigram model"}
    errors = {
        names.get(order, f"an interpolated {order}-gram model"): NGrams(
            text[:cut], order, known.size
        ).bits(text, cut)
        for order in sorted({1, 2, best})
    }
    return Baselines(errors)

"""Forecasts that need no network, one step ahead over the held-out part."""

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
    """What forecasts without a network come to on the held-out part.

    Attributes:
        errors: name -> what each held-out step costs, (H,), see `History.cost`.
        season: that was found in the training part, in steps; None where there is none, or for a
            text.
    """

    errors: Mapping[str, Reals]
    season: int | None = None


def baselines(data: OwnData) -> Baselines:
    """Return the errors of every forecast that needs no network.

    A series has its mean, the last value, the value one season earlier, and a linear
    autoregression. A text has n-gram models of order 1, 2 and the best order up to 6. Every
    choice, from the season to the order, is made on the training part. Each forecast reads all
    steps before the one that it forecasts.
    """
    known = history(data)
    return _of_text(known) if known.size else _of_series(known)


def _of_series(known: History) -> Baselines:
    columns, cut = known.rows.astype(np.float64), known.cut
    target, training = columns[:, 0], columns[:cut]
    period = season(training[:, 0])
    told: dict[str, Reals] = {
        "forecasting the mean of the training part": np.full(
            len(columns) - cut, training[:, 0].mean()
        ),
        "repeating the last value": target[cut - 1 : -1],
    }
    if period is not None:
        told[f"repeating the value {period:,} steps earlier"] = target[cut - period : -period]
    form = choose_form(training, period)
    if form != Form(()):  # the mean, which is told already
        told[form.name] = forecasts(columns, cut, form)
    return Baselines({name: (each - target[cut:]) ** 2 for name, each in told.items()}, period)


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

"""Forecast the price of a stock."""

from functools import cache

import numpy as np

from gatesviz.sequences import SERIES
from gatesviz.tasks.forecasts import Columns, forecast, standardised


@cache
def load() -> Columns:
    """Return the weekly prices of six companies in 2018 and 2019, (105, 6)."""
    known = [series for key, series in SERIES.items() if key.startswith("stock_")]
    prices = [series.table()[series.column].to_numpy(dtype="float64") for series in known]
    return standardised(np.stack(prices, 1))


TASK = forecast(
    key="stock",
    title="Forecast a stock price",
    load=load,
    asks="Each sequence is the weekly closing price of one of six companies, scaled to mean 0 and"
    " standard deviation 1.",
    source=(
        "Closing prices of 2018 and 2019 from the package plotly. The last 21 of 105 weeks are held"
        " out. Solved when the error is at least 10 % lower than repeating the last value. Don't"
        " expect that of a price."
    ),
    solved_at=0.247,
    length=20,
    longest=20,
    example="-0.35 -0.04 0.20 0.80 -0.20 -1.36 -0.47 0.03 -0.72 0.55 0.17 -1.61",
)

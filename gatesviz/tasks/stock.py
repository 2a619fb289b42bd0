"""Foretell the price of a stock, beside those who only say the last one again."""

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
    title="Foretell a stock's price",
    load=load,
    asks="The weekly closing price of one of six companies, each standardised.",
    source=(
        "Closing prices of 2018 and 2019, carried by the package plotly. Held out are the last 21"
        " of 105 weeks. Solved below nine tenths of the error of saying the last price again,"
        " which is not to be expected."
    ),
    solved_at=0.247,
    length=20,
    longest=20,
    example="-0.35 -0.04 0.20 0.80 -0.20 -1.36 -0.47 0.03 -0.72 0.55 0.17 -1.61",
)

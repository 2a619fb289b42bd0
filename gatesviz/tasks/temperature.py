"""Forecast the temperature of the next hour."""

from functools import cache

from gatesviz.sequences import SERIES
from gatesviz.tasks.forecasts import Columns, forecast, standardised


@cache
def load() -> Columns:
    """Return the hours of 2010 in Seattle, (8759, 1)."""
    known = SERIES["seattle_hourly"]
    return standardised(known.table()[[known.column]].to_numpy(dtype="float64"))


TASK = forecast(
    key="temperature",
    title="Forecast the temperature",
    load=load,
    asks="The model reads the hourly temperature in Seattle, scaled to mean 0 and standard"
    " deviation 1.",
    source=(
        "NOAA data from the package vega_datasets. The time from 20 October 2010 is held out."
        " Solved when the error is at least 10 % lower than repeating the last value."
    ),
    solved_at=0.061,
    length=48,
    example="-1.53 -1.55 -1.57 -1.58 -1.59 -1.60 -1.60 -1.61 -1.60 -1.55 -1.46 -1.33",
)

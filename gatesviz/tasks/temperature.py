"""Foretell the temperature of the next hour."""

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
    title="Foretell the temperature",
    load=load,
    asks="The temperature in Seattle, hour by hour, standardised: one number a step.",
    source=(
        "NOAA, carried by the package vega_datasets. Held out is the time from 20 October 2010 on."
        " Solved below nine tenths of the error of saying the last value again."
    ),
    solved_at=0.061,
    length=48,
    example="-1.53 -1.55 -1.57 -1.58 -1.59 -1.60 -1.60 -1.61 -1.60 -1.55 -1.46 -1.33",
)

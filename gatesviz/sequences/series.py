"""Real series that installed packages carry, so they load without a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gatesviz.limits import STEPS
from gatesviz.sequences.sequence import Sequence, numbers

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Series:
    """A real series.

    Attributes:
        title: the place and the quantity, in a few words.
        unit: unit of its values.
        every: length of one step: "day", "hour" or "week".
        source: who measured it and which package carries it.
        column: its column in the table.
        table: a function that loads the table, which has a column "date".
    """

    title: str
    unit: str
    every: str
    source: str
    column: str
    table: "Callable[[], DataFrame]"


@cache
def _seattle_weather() -> "DataFrame":
    from vega_datasets import local_data

    return local_data.seattle_weather()


@cache
def _seattle_temperatures() -> "DataFrame":
    from vega_datasets import local_data

    return local_data.seattle_temps()


@cache
def _san_francisco_temperatures() -> "DataFrame":
    from vega_datasets import local_data

    return local_data.sf_temps()


@cache
def _stocks() -> "DataFrame":
    from plotly import data

    return data.stocks()


_NOAA = "NOAA, public domain; from the package vega_datasets"
_HOURLY = f"{_NOAA}; one hour is missing on 14 March"


def _weather(column: str, what: str, unit: str) -> Series:
    return Series(f"Seattle, {what}", unit, "day", _NOAA, column, _seattle_weather)


def _stock(column: str, company: str) -> Series:
    return Series(
        title=f"{company}, weekly closing price",
        unit="price on 1 Jan 2018 = 1",
        every="week",
        source="closing prices of 2018 and 2019; from the package plotly",
        column=column,
        table=_stocks,
    )


SERIES: Mapping[str, Series] = {
    "seattle_temp_max": _weather("temp_max", "daily maximum temperature", "°C"),
    "seattle_temp_min": _weather("temp_min", "daily minimum temperature", "°C"),
    "seattle_precipitation": _weather("precipitation", "daily precipitation", "mm"),
    "seattle_wind": _weather("wind", "daily wind speed", "m/s"),
    "seattle_hourly": Series(
        "Seattle, hourly temperature", "°F", "hour", _HOURLY, "temp", _seattle_temperatures
    ),
    "sf_hourly": Series(
        "San Francisco, hourly temperature",
        "°F",
        "hour",
        _HOURLY,
        "temp",
        _san_francisco_temperatures,
    ),
    "stock_goog": _stock("GOOG", "Google"),
    "stock_aapl": _stock("AAPL", "Apple"),
    "stock_amzn": _stock("AMZN", "Amazon"),
    "stock_fb": _stock("FB", "Facebook"),
    "stock_nflx": _stock("NFLX", "Netflix"),
    "stock_msft": _stock("MSFT", "Microsoft"),
}
"""All series, by the key that `series` takes."""


def series_length(key: str) -> int:
    """Return how many steps the whole series has.

    Raises:
        ValueError: if there is no such series.
    """
    return len(_known(key).table())


def series(key: str, start: int = 0, steps: int = 100) -> Sequence:
    """Return ``steps`` steps of a real series, from its step ``start`` on (counted from 0).

    Labels are dates, with the hour where a step is an hour.

    Raises:
        ValueError: if there is no such series, or it is too short.
    """
    known = _known(key)
    STEPS.check(steps)
    total = len(known.table())
    if not 0 <= start <= total - steps:
        raise ValueError(
            f"steps {start:,} to {start + steps - 1:,} are not all in {known.title},"
            f" which has steps 0 to {total - 1:,}"
        )
    part = known.table().iloc[start : start + steps]
    letters = len("2010-01-01 00:00" if known.every == "hour" else "2010-01-01")
    return numbers(
        part[known.column].to_numpy(),
        known.title,
        labels=tuple(str(date)[:letters] for date in part["date"]),
        feature=f"{known.column} ({known.unit})",
        notes=(f"Source: {known.source}.",),
    )


def _known(key: str) -> Series:
    if key not in SERIES:
        raise ValueError(f"series: expected one of {', '.join(SERIES)}, got {key!r}")
    return SERIES[key]

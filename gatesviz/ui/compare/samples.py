"""Sample data that loads offline, for trying a search."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from gatesviz.sequences import SERIES
from gatesviz.training import OwnData, own_series, own_text

HOURS, CHARACTERS = 2_000, 20_000


@cache
def temperature() -> OwnData:
    """Return the hourly temperature in Seattle from the beginning of 2010."""
    known = SERIES["seattle_hourly"]
    values = known.table()[known.column].to_numpy(dtype="float64")[:HOURS]
    return own_series(values, "the temperature in Seattle")


@cache
def prose() -> OwnData:
    """Return the beginning of the help texts that ship with Python."""
    from pydoc_data.topics import topics

    return own_text("\n\n".join(topics[key] for key in sorted(topics))[:CHARACTERS])


@dataclass(frozen=True)
class Sample:
    """Sample data.

    Attributes:
        data: loads it.
        source: where it comes from, a sentence.
    """

    data: Callable[[], OwnData]
    source: str


FORMER_SAMPLES: Mapping[str, str] = {
    "Sample: the temperature in Seattle, hour by hour": "Sample: hourly temperature in Seattle"
}
"""Name in older links -> name now."""
SAMPLES: Mapping[str, Sample] = {
    "Sample: hourly temperature in Seattle": Sample(
        temperature,
        f"Hourly temperature in Seattle, the first {HOURS:,} hours of 2010. Source: NOAA, through"
        " the package vega_datasets.",
    ),
    "Sample: English text about Python": Sample(
        prose, f"The first {CHARACTERS:,} characters of the help texts that ship with Python."
    ),
}
"""Title -> sample."""

"""Words that name a total or another statistic, in several languages."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SUMS = re.compile(
    r"(?:(?:grand|sub)[ -]?)?total(?:s|e|es|i)?|totaal|sums?|total général"
    r"|summen?|summa|(?:ins)?gesamt(?:summe|ergebnis)?"
    r"|somme|suma|razem|итого|всего|合計|合计|总计|總計|総計|小計|小计",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"means?|averages?|avg|durchschnitt|mittelwert|moyenne|promedio|среднее|平均", re.IGNORECASE
)
_SPREADS = re.compile(
    r"std\.?|sd|stdev|standard deviation|var(?:iance)?|mode|range|\d+ ?%|q[1-3]", re.IGNORECASE
)
_QUARTER = re.compile(r"q[1-3]", re.IGNORECASE)
_SPAN = re.compile(
    r" (?:(?:for|of|in) )?\(?(?:[0-9]{4}(?: ?[-–/] ?(?:[0-9]{4}|[0-9]{2}))?"
    r"|[0-9]+ (?:year|quarter|month|week|day|hour|row)s?)\)?$"
)
_LONGEST = 40  # characters of the name of a total
Statistics = Mapping[str, Callable[[NDArray[np.float64]], Any]]
SUM: Statistics = {"sum": np.sum}
MEAN: Statistics = {"mean": np.mean}
_MEDIAN: Statistics = {"median": np.median}
_LARGEST: Statistics = {"maximum": np.max}
_SMALLEST: Statistics = {"minimum": np.min}
_NUMBER: Statistics = {"number": np.size}
NAMED: Mapping[str, Statistics] = {
    "median": _MEDIAN,
    "media": MEAN,
    **dict.fromkeys(("max", "maximum", "highest"), _LARGEST),
    **dict.fromkeys(("min", "minimum", "lowest"), _SMALLEST),
    **dict.fromkeys(("count", "number", "anzahl"), _NUMBER),
}
"""Words that may also be names of rows -> what the values must then be."""
WITH_ONE_COLUMN = ("median", "media")
"""Of these, words for which one column is enough. In one column, Max may well be the best."""


def named_statistic(word: str) -> Statistics:
    """Return the statistic that a word names which is rarely a name; {} for none."""
    bare_word = bare(word)
    return SUM if _SUMS.fullmatch(bare_word) else MEAN if _MEANS.fullmatch(bare_word) else {}


def statistic_of(word: str) -> Statistics:
    """Return the statistic that a word names, also one that may be a name; {} for none."""
    return named_statistic(word) or NAMED.get(bare(word), {})


def is_spread(word: str) -> bool:
    """Return whether a word names a statistic that is not computed here, such as std or 25%."""
    return _SPREADS.fullmatch(word.strip(" :=")) is not None


def is_statistic(word: str) -> bool:
    """Return whether a word names a statistic."""
    return bool(statistic_of(word)) or is_spread(word)


def all_statistics(labels: list[str]) -> bool:
    """Return whether all labels name statistics, as in a table of these. Q1 may be a quarter."""
    quarters = all(map(_QUARTER.fullmatch, labels))
    return not quarters and all(map(is_statistic, labels))


def begins_with_statistic(label: str) -> bool:
    """Return whether more words follow the name of a total or a mean, as in "Total cost"."""
    first, *more = bare(label).split() or [""]
    return bool(more) and not named_statistic(label) and bool(named_statistic(first))


def bare(label: str) -> str:
    """Return a label in small letters, without a colon or a span: "Total 2018-2020" -> "total".

    A label that is too long to name a total gives "".
    """
    words = " ".join(label.lower().split()) if len(label) <= _LONGEST else ""
    return _SPAN.sub("", words.rstrip(" :=")).rstrip(" :=")

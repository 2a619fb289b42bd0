"""Measures: functions that find the right answer of a check in a real run or recording.

A measure takes no arguments, or words and numbers that the lesson gives, as in
``measure = "erased_state letters=h"``. It returns a `Finding`, takes less than a second, and gives
the same result each time.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.measures import (
    breaking,
    clipping,
    counting,
    fading,
    forecast,
    gates,
    gru,
    half_life,
    seeds,
    shapes,
    state,
    way_back,
)
from gatesviz.names import did_you_mean

Measure = Callable[..., Finding]

_MODULES: tuple[ModuleType, ...] = (
    *(state, fading, gates, gru, shapes, way_back, half_life, breaking, counting, clipping),
    *(seeds, forecast),
)


def _of(module: ModuleType) -> Mapping[str, Measure]:
    """Return name -> public function of ``module`` that returns a `Finding`."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and function.__annotations__.get("return") is Finding
    }


MEASURES: Mapping[str, Measure] = {
    name: measure for module in _MODULES for name, measure in _of(module).items()
}
"""Name in a lesson's file -> measure. Every public function of these modules that returns one."""


def find_measure(text: str) -> tuple[Measure, dict[str, Any]]:
    """Return the measure that ``text`` names, and its arguments.

    Args:
        text: a name, then ``argument=value`` for each argument, separated by spaces.

    Raises:
        ValueError: if there is no such measure, or the arguments don't fit it.
    """
    name, *pairs = text.split()
    if name not in MEASURES:
        hint = did_you_mean(name, MEASURES)
        raise ValueError(f"measure {name!r}: unknown; expected one of {', '.join(MEASURES)}{hint}")
    given = {key: _value(value) for key, _, value in (pair.partition("=") for pair in pairs)}
    try:
        inspect.signature(MEASURES[name]).bind(**given)
    except TypeError as error:
        raise ValueError(f"measure {text!r}: {error}") from None
    return MEASURES[name], given


@functools.lru_cache(maxsize=256)
def measured(text: str) -> Finding:
    """Return what the measure ``text`` of a lesson finds. It is measured once in this process.

    Raises:
        ValueError: as `find_measure`.
    """
    measure, given = find_measure(text)
    return measure(**given)


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

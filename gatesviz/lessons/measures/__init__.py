"""Measures: functions that find the right answer of a check in a real run or recording.

A measure takes no arguments, or words and numbers that the lesson gives, as in
``measure = "erased_state letters=h"``. It returns a `Finding`, takes less than a second, and gives
the same result each time.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.measures.state import erased_state, same_last_input
from gatesviz.names import did_you_mean

Measure = Callable[..., Finding]

_ALL: tuple[Measure, ...] = (same_last_input, erased_state)
MEASURES: Mapping[str, Measure] = {measure.__name__: measure for measure in _ALL}
"""Name in a lesson's file -> measure."""


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

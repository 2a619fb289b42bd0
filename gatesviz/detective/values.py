"""The values of a recording that are compared: a gate, or a state after each step; and units."""

from collections.abc import Iterable
from reprlib import repr as shortened

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import whole
from gatesviz.recordings import Recording
from gatesviz.traces import Array, Trace


def check_recording(recording: object) -> None:
    """Raise a TypeError unless ``recording`` is a `Recording`."""
    if not isinstance(recording, Recording):
        hint = ": pass the recording that it belongs to" if isinstance(recording, Trace) else ""
        raise TypeError(f"expected a Recording, got a {type(recording).__name__}{hint}")


def values_of(trace: Trace, letter: str) -> Array:
    """Return a gate, or a state after each step, as (T, B, units); B is 1 if unbatched.

    Raises:
        ValueError: if the cell has no such letter.
    """
    letters = [*trace.gates, *trace.states]
    if not isinstance(letter, str) or letter not in letters:
        raise ValueError(f"letter: expected one of {letters}, got {letter!r:.40}")
    values = trace.gates[letter] if letter in [*trace.gates] else trace.after(letter)
    return values if trace.batched else values[:, None]


def inside_of(trace: Trace) -> NDArray[np.bool_]:
    """Return whether each step is part of its sample, (T, B)."""
    samples = trace.inputs.shape[1] if trace.batched else 1
    if trace.lengths is None:
        return np.ones((trace.steps, samples), bool)
    inside: NDArray[np.bool_] = np.arange(trace.steps)[:, None] < trace.lengths
    return inside


def checked_units(units: Iterable[int] | None, count: int) -> list[int]:
    """Return the numbers of ``units`` in order, each once; all ``count`` if None.

    Raises:
        TypeError: if one is not a whole number.
        ValueError: if one does not exist, or there is none.
    """
    chosen = range(count) if units is None else units
    if isinstance(chosen, str) or not isinstance(chosen, Iterable):
        raise TypeError(f"units: expected a list of numbers, got {shortened(units)}")
    numbers = sorted({whole("unit", unit) for unit in chosen})
    if not numbers:
        raise ValueError("units: expected at least one, got none")
    for unit in numbers:
        if not 0 <= unit < count:
            raise ValueError(f"unit {unit} does not exist: units are 0 to {count - 1}")
    return numbers

"""Steps and units of an edit: numbers or a slice, checked, and counted from 0 where possible."""

from collections.abc import Sequence
from reprlib import repr as shortened
from typing import cast

from gatesviz.limits import STEPS, whole

Places = tuple[int, ...] | slice | None
"""Numbers, a slice, or None for all."""


def read_places(what: str, given: object) -> Places:
    """Return ``given``, a number, several numbers, a slice or None, in one form.

    Args:
        what: "step" or "unit", for the errors.

    Raises:
        TypeError: if a number is not whole.
        ValueError: if there is no number, or one appears twice.
    """
    if given is None:
        return None
    if isinstance(given, slice):
        for part in (given.start, given.stop, given.step):
            if part is not None:
                whole(f"{what}s", part)
        if given.step == 0:
            raise ValueError(f"{what}s: expected a slice with a step other than 0")
        return given
    try:
        numbers = [*given]  # type: ignore[misc]  # a TypeError if it is a single number
    except TypeError:
        numbers = [given]
    return _once(what, tuple(whole(f"{what}s", number) for number in numbers))


def counted(what: str, places: Places, count: int) -> tuple[int, ...] | None:
    """Return ``places`` among ``count`` steps or units, counted from 0.

    Raises:
        ValueError: if one does not exist; the message says which do.
    """
    if places is None:
        return None
    if isinstance(places, slice):
        found = tuple(range(*places.indices(count)))
        if not found:
            raise ValueError(f"{short(places)} holds no {what}: {_existing(what, count)}")
        return found
    for number in places:
        if not -count <= number < count:
            raise ValueError(f"{what} {number} does not exist: {_existing(what, count)}")
    return _once(what, tuple(number % count for number in places))


def _existing(what: str, count: int) -> str:
    return f"{what}s are 0 to {count - 1}, or {-count} to -1 counted from the end"


def listed(what: str, places: Places) -> list[int] | None:
    """Return ``places`` as a list, for JSON.

    Raises:
        ValueError: if one counts from the end, which only a recording can resolve.
    """
    if places is None:
        return None
    if isinstance(places, slice):
        start, stop, stride = places.start or 0, places.stop, places.step or 1
        if stop is None or min(start, stop, stride) < 0:
            raise ValueError(
                f"{what}s {short(places)} count from the end; take recording.edits, which do not"
            )
        STEPS.check(stop)
        return list(_once(what, tuple(range(start, stop, stride))))
    if min(places) < 0:
        raise ValueError(f"{what}s: expected numbers from 0, got {min(places)}")
    return list(places)


def short(places: Places) -> str:
    """Return ``places`` as Python writes them, shortened."""
    if isinstance(places, slice):
        parts = [places.start, places.stop, places.step]
        return f"slice({', '.join(str(part) for part in parts[: 2 + (places.step is not None)])})"
    if places is None or len(places) == 1:
        return str(places and places[0])
    return f"range({places[0]}, {places[-1] + 1})" if together(places) else shortened([*places])


def together(numbers: Sequence[int]) -> bool:
    """Return whether ``numbers`` follow each other without a gap."""
    return tuple(numbers) == tuple(range(numbers[0], numbers[0] + len(numbers)))


def when(steps: Places) -> str:
    """Return ``steps`` in words: "at step 25", "at steps 10 to 19"."""
    if steps is None:
        return "at all steps"
    if isinstance(steps, slice):
        return f"at steps {short(steps)}"
    if len(steps) == 1:
        return f"at step {steps[0]}"
    return f"at steps {steps[0]} to {steps[-1]}" if together(steps) else f"at {len(steps)} steps"


def where(units: Places) -> str:
    """Return ``units`` in words: ", unit 3", ", units 1 and 4", or "" for all."""
    if units is None:
        return ""
    numbers = cast("tuple[int, ...]", units)
    if len(numbers) > 4:
        return f", {len(numbers)} units"
    return f", unit{'s' if len(numbers) > 1 else ''} {' and '.join(map(str, numbers))}"


def _once(what: str, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return ``numbers``, of which there must be one, and none twice."""
    if not numbers:
        raise ValueError(f"{what}s: expected at least one {what}, got none")
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise ValueError(f"{what}s: expected each {what} once, got {twice} twice")
    return numbers

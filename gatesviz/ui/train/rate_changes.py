"""Changes of the learning rate during a run, as a line of text that a link can carry."""

import re

from gatesviz.engine.rates import Changes
from gatesviz.limits import LEARNING_RATE, RUN_UPDATES

MOST = 100
CHARACTERS = 2_000
_PAIR = re.compile(r"(\d{1,9})\s*:\s*([0-9.]{1,20}(?:[eE][+-]?\d{1,2})?)", re.ASCII)


def parse_rate_changes(text: str) -> Changes:
    """Return the changes in ``text``, as in "200: 0.001, 400: 0.0001".

    Raises:
        ValueError: if a part is not a pair of update and rate, or a number is not allowed.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if len(parts) > MOST:
        raise ValueError(f"learning rate: expected at most {MOST} changes, got {len(parts):,}")
    changes = dict(map(_pair, parts))
    return tuple(sorted(changes.items()))


def write_rate_changes(changes: Changes) -> str:
    """Return ``changes`` as text. `parse_rate_changes` is the exact inverse."""
    return ", ".join(f"{update}: {rate!r}" for update, rate in changes)


def describe_rates(first: float, changes: Changes) -> str:
    """Return a sentence with every learning rate of a run."""
    later = ", ".join(f"{rate:g} after update {update:,}" for update, rate in changes)
    return f"Learning rate: {first:g} at the start, {later}."


def _pair(part: str) -> tuple[int, float]:
    found = _PAIR.fullmatch(part)
    try:
        update, rate = int(found[1]), float(found[2])  # type: ignore[index]  # TypeError below
    except (TypeError, ValueError):
        raise ValueError(
            f"“{part[:40]}” is not a change of the learning rate: expected an update and a rate,"
            " as in 200: 0.001"
        ) from None
    return RUN_UPDATES.check(update), LEARNING_RATE.check(rate)

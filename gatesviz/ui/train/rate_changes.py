"""Changes of the learning rate under way, as a line of text that a link can carry."""

import re

from gatesviz.engine.rates import Changes
from gatesviz.limits import LEARNING_RATE, RUN_UPDATES

MOST = 100
CHARACTERS = 2_000
_PAIR = re.compile(r"(\d{1,9})\s*:\s*([0-9.]{1,20}(?:[eE][+-]?\d{1,2})?)", re.ASCII)


def read(text: str) -> Changes:
    """Return what ``text`` says, as in "200: 0.001, 400: 0.0001".

    Raises:
        ValueError: if a part is no pair of update and rate, or a number is not allowed.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if len(parts) > MOST:
        raise ValueError(f"{len(parts):,} changes of the learning rate given, {MOST} are allowed")
    changes = dict(map(_pair, parts))
    return tuple(sorted(changes.items()))


def written(changes: Changes) -> str:
    """Return the text that `read` reads back exactly."""
    return ", ".join(f"{update}: {rate!r}" for update, rate in changes)


def describe(first: float, changes: Changes) -> str:
    """Return a sentence for the reader."""
    later = ", ".join(f"{rate:g} after update {update:,}" for update, rate in changes)
    return f"Learning rate: {first:g} at the start, {later}."


def _pair(part: str) -> tuple[int, float]:
    found = _PAIR.fullmatch(part)
    try:
        update, rate = int(found[1]), float(found[2])  # type: ignore[index]  # TypeError below
    except (TypeError, ValueError):
        raise ValueError(
            f"“{part[:40]}” is no change of the learning rate: an update and a rate are wanted, as"
            " in 200: 0.001"
        ) from None
    return RUN_UPDATES.check(update), LEARNING_RATE.check(rate)

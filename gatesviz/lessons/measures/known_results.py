"""The values of known results, from the runs that ship with the package."""

from collections.abc import Mapping
from functools import cache

from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released


@cache
def known_rows(key: str) -> Mapping[str, tuple[float, ...]]:
    """Return row -> values of the known result ``key``, such as T3."""
    card = CARDS[key]
    return {row.band.row: row.values for row in card.outcome(released(card.trials)).rows}

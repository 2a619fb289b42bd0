"""The learning rate over a run: what it begins with, and every change that was asked for."""

from dataclasses import dataclass, replace

from gatesviz.limits import LEARNING_RATE, RUN_UPDATES

Changes = tuple[tuple[int, float], ...]
"""(updates made before, new rate), in order."""


@dataclass(frozen=True)
class Rates:
    """A learning rate for every update.

    Attributes:
        first: before any change.
        changes: see `Changes`; each is another rate than the one before it.
    """

    first: float
    changes: Changes = ()

    def at(self, made: int) -> float:
        """Return the rate of the next update when ``made`` have been made."""
        return next((rate for update, rate in self.changes[::-1] if update <= made), self.first)

    def until_change(self, made: int) -> int:
        """Return how many updates after ``made`` have the same rate; after the last, very many."""
        ends = (update for update, _ in self.changes if update > made)
        return next(ends, RUN_UPDATES.high + made) - made

    def changed(self, changes: Changes) -> "Rates":
        """Return the same first rate with other changes.

        Raises:
            ValueError: if an update or a rate lies outside what is allowed.
        """
        effective: list[tuple[int, float]] = []
        for update, rate in sorted(dict(changes).items()):
            RUN_UPDATES.check(update)
            if LEARNING_RATE.check(rate) != (effective[-1][1] if effective else self.first):
                effective.append((update, rate))
        return replace(self, changes=tuple(effective))

    def before(self, made: int) -> Changes:
        """Return the changes that the first ``made`` updates used."""
        return tuple(change for change in self.changes if change[0] < made)

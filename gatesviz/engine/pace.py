"""How many updates make a slice of the wanted length."""

from gatesviz.limits import UPDATES_AT_ONCE

FIRST, GROWTH, WEIGHT = 2, 8, 0.7


class Pace:
    """The measured seconds of an update, and the updates that fill a slice.

    It decides only where a run is cut, never what comes out: the fold is the same bits for any
    slicing.
    """

    def __init__(self) -> None:
        self._seconds: float | None = None
        self._last = 0

    def updates(self, seconds: float, most: int) -> int:
        """Return how many updates, 1 to ``most``, take about ``seconds``."""
        if self._seconds is None:
            wanted = FIRST
        else:
            wanted = min(int(seconds / self._seconds), GROWTH * self._last)
        return max(1, min(wanted, most, UPDATES_AT_ONCE.high))

    def measured(self, updates: int, seconds: float) -> None:
        """Take note that ``updates`` took ``seconds``."""
        if not updates:
            return
        new = max(seconds / updates, 1e-6)
        old = new if self._seconds is None else self._seconds
        self._seconds, self._last = WEIGHT * new + (1 - WEIGHT) * old, updates

    def shorten(self) -> None:
        """Begin again with short slices."""
        self._seconds = None

"""Fair shares: who is served next, so that people and not tabs or runs get as much time."""

MANY = 1_000  # people whose used time is stored


class FairShare:
    """The time that each person used. It isn't thread-safe.

    This is start-time fair queuing (Goyal, Vin and Cheng 1996) with people as flows. A person who
    comes new, or again after a pause, counts as if they had used as much as the person who is
    being served. So time that no other person wanted is never held against you.

    Attributes:
        now: the rank of the person who was served last.
    """

    def __init__(self) -> None:
        self._used: dict[str, float] = {}
        self.now = 0.0

    def rank(self, person: str, since: float | None = None) -> float:
        """Return the seconds that count for ``person``. The lowest rank is served next.

        ``since`` is `now` as it was when the person came.
        """
        return max(self._used.get(person, 0.0), self.now if since is None else since)

    def serve(self, person: str, since: float | None = None) -> None:
        """Note that ``person``, who came at ``since``, is being served now."""
        self._used[person] = self.rank(person, since)
        self.now = max(self.now, self._used[person])
        if len(self._used) > MANY:
            self._used = {name: used for name, used in self._used.items() if used > self.now}

    def use(self, person: str, seconds: float) -> None:
        """Add ``seconds`` that ``person`` used; a negative number takes some back."""
        self._used[person] = self._used.get(person, self.now) + seconds

    def forget(self) -> None:
        """Forget all used time. Call this when no person waits."""
        self._used.clear()
        self.now = 0.0

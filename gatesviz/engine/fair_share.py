"""Fair shares: who is served next, so that people and not tabs or runs get as much time.

`FairShare` orders those who wait. `Allowance` lets a person wait who uses far more than the others.
"""

from collections.abc import Collection

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


class Allowance:
    """How much time each person may use while others are here. It isn't thread-safe.

    An order of those who wait isn't enough. A person with fifty tabs is served whenever no other
    person waits, and a click at that moment waits for the end of that work. Here each person may
    use `BURST` seconds at once. Beyond that, a person gets the same part of the time as everyone
    who was here lately, but at least `LEAST`: a token bucket, as for the traffic of a network
    (Turner 1986). A person who is alone never waits.
    """

    BURST = 2.0
    """Seconds that a person may use at once."""
    LEAST = 0.05
    """The part of the time that everyone may use."""
    LONGEST = 1.0
    """The most seconds that a person waits for this reason, after however long a computation."""
    LATELY = 10.0
    """Seconds for which a person counts as here."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[float, float]] = {}  # the latest use last
        self._tabs: dict[str, dict[str, float]] = {}  # when each was last used

    def use(self, person: str, seconds: float, now: float, tab: str = "") -> None:
        """Note that ``person`` used ``seconds`` in a tab, until the time ``now``."""
        tabs = self._tabs.get(person, {})
        late = {name: at for name, at in tabs.items() if now - at <= self.LATELY}
        self._tabs[person] = {**late, tab: now}
        used = self._left(person, now, self._part(now)) + seconds
        self._used.pop(person, None)
        self._used[person] = (used, now)
        if len(self._used) > MANY:
            oldest = next(iter(self._used))
            del self._used[oldest], self._tabs[oldest]

    def tabs(self, person: str, now: float) -> int:
        """Return how many tabs ``person`` used lately."""
        return sum(now - at <= self.LATELY for at in self._tabs.get(person, {}).values())

    def wait(self, person: str, now: float) -> float:
        """Return the seconds until ``person`` may be served, 0 for at once."""
        return self.waits([person], now)[person]

    def waits(self, people: Collection[str], now: float) -> dict[str, float]:
        """Return for some people the seconds until each may be served."""
        if not people:  # most of the time, and the part takes a look at everyone
            return {}
        part = self._part(now)
        if part == 1.0:
            return dict.fromkeys(people, 0.0)
        return {one: max(0.0, self._left(one, now, part) - self.BURST) / part for one in people}

    def _left(self, person: str, now: float, part: float) -> float:
        """Return the seconds that ``person`` used and that time hasn't paid back yet."""
        used, at = self._used.get(person, (0.0, now))
        return max(0.0, min(used, self.BURST + self.LONGEST * part) - part * (now - at))

    def _part(self, now: float) -> float:
        """Return the part of the time that each person who was here lately may use."""
        here = 0
        for _, at in reversed(self._used.values()):
            if now - at > self.LATELY:
                break
            here += 1
        return max(self.LEAST, 1 / max(1, here))

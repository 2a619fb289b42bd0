"""Turns: a queue that lets one thread work at a time, and is fair to people.

Threads that compute at the same time fight for Python's interpreter lock, and the thread that
answers the browsers loses. With one hundred people training, the time from click to finished page
was 3.8 s with all scripts at once and 0.14 s with one script at a time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, local

from gatesviz.engine.fair_share import Allowance, FairShare

LEASE = 0.25
"""Seconds after which a turn ends although its work goes on, if another thread waits.

So a script that waits for a lock, a process or a disk, or that computes long, blocks no other
script. Two scripts that wait for each other cannot block the server.
"""
HEAD_START = 0.1
"""Seconds of used time that an urgent turn is ahead, so that a click doesn't wait for timers."""
SHORT = 0.05
"""Seconds after which a script that begins again must queue again."""
TABS = 3
"""The tabs in use with which a person never waits while the turn is free."""


@dataclass(eq=False)
class Turn:
    """A place in the queue.

    Attributes:
        person: who is served.
        tab: which tab of theirs.
        urgent: whether the person waits for it, and no timer asked for it.
        signal: a lock that is free once the turn has come.
        since: when the turn came.
        came: the rank of the person who was served when this one began to wait.
    """

    person: str
    urgent: bool = True
    tab: str = ""
    signal: Lock = field(default_factory=Lock)
    since: float = 0.0
    came: float = 0.0

    def __post_init__(self) -> None:
        self.signal.acquire()


class Turns:
    """Give turns to threads, one at a time. Every method may be called from any thread.

    First come, first served, but a person who has used more time than others goes after them. So
    a person with fifty tabs takes turns with a person who has one (see `FairShare`). An urgent turn
    has a head start. While others are here, a person with many tabs who uses far more than they do
    waits although the turn is free (see `Allowance`).

    Args:
        lease: see `LEASE`.
        short: see `SHORT`.
        clock: in seconds; only differences count.
    """

    def __init__(
        self,
        lease: float = LEASE,
        short: float = SHORT,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._lease, self._short, self._clock = lease, short, clock
        self._lock, self._local = Lock(), local()
        self._waiting: list[Turn] = []
        self._now: Turn | None = None
        self._shares, self._allowance = FairShare(), Allowance()

    @contextmanager
    def turn(self, person: str, urgent: bool = True, tab: str = "") -> Iterator[None]:
        """Wait for a turn, and end it after the block, also after an error."""
        self._local.turn = self._take(Turn(person, urgent, tab))
        try:
            yield
        finally:
            self._give(self._local.turn)
            self._local.turn = None

    def step_aside(self) -> None:
        """Let the others work from now on while the calling thread waits or computes long.

        Does nothing in a thread without a turn.
        """
        if (turn := getattr(self._local, "turn", None)) is not None:
            with self._lock:
                self._end(turn)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let the others work while the block waits, and wait for a turn after it.

        Its time isn't charged. Does nothing in a thread without a turn.
        """
        if (turn := getattr(self._local, "turn", None)) is None:
            yield
            return
        self._give(turn)
        try:
            yield
        finally:
            self._local.turn = self._take(Turn(turn.person, turn.urgent, turn.tab))

    def queue_again(self) -> None:
        """Let the others work first if the calling thread's turn has lasted longer than `SHORT`."""
        turn = getattr(self._local, "turn", None)
        if turn is not None and self._clock() - turn.since > self._short:
            self._give(turn)
            self._local.turn = self._take(Turn(turn.person, turn.urgent, turn.tab))

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._waiting)

    def _take(self, turn: Turn) -> Turn:
        with self._lock:
            turn.came = self._shares.now
            self._waiting.append(turn)
            self._next()
        while not turn.signal.acquire(timeout=self._patience(turn)):
            self._look_again()
        return turn

    def _give(self, turn: Turn) -> None:
        with self._lock:
            now = self._clock()
            self._shares.use(turn.person, now - turn.since)
            self._allowance.use(turn.person, now - turn.since, now, turn.tab)
            self._end(turn)
            if not self._waiting and self._now is None:
                self._shares.forget()

    def _patience(self, turn: Turn) -> float:
        """Return the seconds after which ``turn`` looks whether it may begin."""
        with self._lock:
            now = self._clock()
            if self._now is None:
                return max(0.001, self._allowance.wait(turn.person, now))
            return max(0.001, self._lease - (now - self._now.since))

    def _look_again(self) -> None:
        """End a turn that is overdue, or begin one whose person had used too much."""
        with self._lock:
            if self._now is not None and self._clock() - self._now.since >= self._lease:
                self._now = None
            self._next()

    # The caller of these holds the lock.

    def _end(self, turn: Turn) -> None:
        if self._now is turn:
            self._now = None
            self._next()

    def _next(self) -> None:
        if self._now is not None:
            return
        now, people = self._clock(), {one.person for one in self._waiting}
        many = [one for one in people if self._allowance.tabs(one, now) > TABS]
        held = {one for one, wait in self._allowance.waits(many, now).items() if wait}
        if ready := [one for one in self._waiting if one.person not in held]:
            turn = min(ready, key=self._rank)
            self._waiting.remove(turn)
            self._shares.serve(turn.person, turn.came)
            turn.since, self._now = now, turn
            turn.signal.release()

    def _rank(self, turn: Turn) -> float:
        return self._shares.rank(turn.person, turn.came) - HEAD_START * turn.urgent

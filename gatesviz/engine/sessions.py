"""Browser sessions: which are there, how many runs each may have, and how they end."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.limits import RUNS_EACH, RUNS_IN_ALL, RUNS_OF_ADDRESS, RUNS_OF_PERSON, bound
from gatesviz.training import TrainingSpec

RUNS = "GATESVIZ_RUNS"
"""Environment variable with the most runs of one network address; 0 for no bound."""
GRACE = 90.0
"""Seconds: longer than the minute that a browser lets pass between two timers of a hidden tab."""
CLOSED = 5.0
"""Seconds: longer than a tab is disconnected when its network changes."""
LOOK = 0.5  # seconds between two looks at who is connected
FORGOTTEN = 1800.0
AGAIN = 10.0  # seconds to the next look for a stored run that has to wait
SOUGHT = 500  # specs that a session remembers to have looked for
REST = "this run paused because no page showed it. Start it to continue"
TAB_FULL = "Reset a run, or open another tab."
PERSON_FULL = "Close a tab with runs that you don't need."
LATER = "Try again in a minute."
END = "the page of this run was left, so it has ended"


@dataclass(eq=False)
class Session:
    """One tab, or one experiment.

    Attributes:
        person: whose it is.
        address: of its network; "" if it is unknown or this machine itself.
        seen: when it last gave a sign.
        left: when it ended; None while it may come back.
        closed: since when its tab is disconnected; None while it is connected.
        connected: returns whether its tab is connected.
        sought: spec -> the time before which no stored run of it is looked for again.
        lost: spec -> the updates of a stored run that could not be brought back.
    """

    person: str
    seen: float
    left: float | None = None
    closed: float | None = None
    connected: Callable[[], bool] | None = None
    address: str = ""
    sought: dict[TrainingSpec, float] = field(default_factory=dict)
    lost: dict[TrainingSpec, int] = field(default_factory=dict)


class Sessions:
    """The runs of every session. The caller of each method holds the lock of the queue.

    Args:
        queue: the queue.
        grace: seconds without a sign of its session after which a run pauses. If the session is
            known to have ended, the run ends.
        clock: in seconds; only differences count.
        most: how many runs one network address may have; 0 for no bound. The environment sets it
            by default.
    """

    def __init__(
        self,
        queue: SliceQueue[Run],
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
        most: int | None = None,
    ) -> None:
        self._queue, self._grace, self._clock = queue, grace, clock
        self._most = bound(RUNS, RUNS_OF_ADDRESS) if most is None else most
        self._runs: dict[str, Run] = {}
        self._sessions: dict[str, Session] = {}
        self._looked = clock()

    def add(self, run: Run) -> None:
        """Keep ``run``. If there are too many, drop one that is over or that no tab shows.

        A run that another session has on a page is never dropped.

        Raises:
            ValueError: if the session, its person, its address, or all together have too many.
        """
        owner, own = run.owner, self.of(run.owner)
        bounds = [
            ("This tab has", own, RUNS_EACH.high, TAB_FULL, own),
            ("You have", self._of_person(run.person), RUNS_OF_PERSON.high, PERSON_FULL, ()),
        ]
        if self._most and self._address(owner):
            bounds.append(("Your network has", self._beside(owner), self._most, LATER, own))
        bounds.append(("This server has", self.all(), RUNS_IN_ALL.high, LATER, own))
        dropped: list[Run] = []
        for subject, runs, most, advice, over in bounds:
            left = [each for each in runs if each not in dropped]
            dropped += (found := self._droppable(left, most, over))
            if (count := len(left) - len(found)) >= most:
                name = f"{count:,} run{'' if count == 1 else 's'}"
                raise ValueError(f"{subject} {name}, and at most {most:,} are allowed. {advice}")
        for each in dropped:  # only now, because a run that is refused must cost none
            if each.status != "cancelled" and each.owner in self._sessions:
                self._sessions[each.owner].sought.pop(each.spec, None)  # it may be stored
            self.drop(each, "it made room for a newer run")
        self._runs[run.run_id] = run
        self.seen(owner)

    def get(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            ValueError: if no run has this id, or it was dropped.
        """
        if run_id not in self._runs:
            raise ValueError(f"there is no run {run_id!r}: it ended, or the server was restarted")
        return self._runs[run_id]

    def of(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of ``owner``, oldest first."""
        return tuple(run for run in self._runs.values() if run.owner == owner)

    def all(self) -> tuple[Run, ...]:
        """Return every run, oldest first."""
        return tuple(self._runs.values())

    def person(self, owner: str) -> str:
        """Return whose session ``owner`` is; an unknown session is its own person."""
        return self._sessions[owner].person if owner in self._sessions else owner

    def watch(
        self,
        owner: str,
        person: str,
        connected: Callable[[], bool] | None,
        address: str = "",
    ) -> None:
        """Note whose session ``owner`` is, from which network address, and how to find out whether
        its tab is connected."""
        self.seen(owner)
        session = self._sessions[owner]
        session.person, session.connected, session.address = person or owner, connected, address

    def seen(self, owner: str) -> None:
        """Note that the session ``owner`` is there."""
        session = self._sessions.setdefault(owner, Session(owner, self._clock()))
        session.seen, session.left, session.closed = self._clock(), None, None

    def adopt(
        self, owner: str, specs: Iterable[TrainingSpec], behind: Collection[str] = ()
    ) -> None:
        """Give ``owner`` the resumable runs of a closed session of its person.

        The session is the last seen one with a run of ``specs`` that ``owner`` has none of. A run
        that ``owner`` cancelled counts, so that a reset stays one. Runs that an open tab shows are
        never taken, nor those with an id in ``behind``, unless what is stored of them is lost.
        """
        own, lost = self.of(owner), self.lost(owner)
        known = {run.spec for run in own}
        missing = set(specs) - known
        found = [
            run for run in self._abandoned(owner) if run.run_id not in behind or run.spec in lost
        ]
        owners = {run.owner for run in found if run.spec in missing}
        if not owners:
            return
        last = max(owners, key=lambda name: self._sessions[name].seen)
        for run in sorted(found, key=lambda run: run.spec not in missing):
            if run.owner == last and run.spec not in known and len(own) < RUNS_EACH.high:
                run.owner, own = owner, (*own, run)

    def may_adopt(self, owner: str, specs: Iterable[TrainingSpec]) -> bool:
        """Return whether a closed session of the same person has a run of ``specs``."""
        wanted = set(specs) - {run.spec for run in self.of(owner)}
        return any(run.spec in wanted for run in self._abandoned(owner))

    def behind(self, run_id: str, updates: int) -> bool:
        """Return whether a run that rests in a closed session has fewer than ``updates``."""
        run = self._runs.get(run_id)
        if run is None or run.busy or not self._closed(run.owner):
            return False
        return run.begun < updates

    def _abandoned(self, owner: str) -> list[Run]:
        """Return the resumable runs of closed sessions of the person of ``owner``."""
        return [
            run
            for run in self._of_person(self.person(owner))
            if run.resumable and run.status != "cancelled" and self._closed(run.owner)
        ]

    def sought(self, owner: str, specs: Iterable[TrainingSpec]) -> tuple[str, list[TrainingSpec]]:
        """Return whose ``owner`` is, and for which of ``specs`` to look for a stored run now.

        Specs of which it has a run are left out.
        """
        session = self._sessions[owner]
        known = {run.spec for run in self.of(owner)}
        known |= {spec for spec, until in session.sought.items() if until > self._clock()}
        return session.person, [spec for spec in specs if spec not in known]

    def note_sought(self, owner: str, specs: Iterable[TrainingSpec]) -> None:
        """Note that stored runs of ``specs`` were looked for."""
        sought = self._sessions[owner].sought
        if len(sought) > SOUGHT:
            sought.clear()
        sought.update(dict.fromkeys(specs, float("inf")))

    def note_later(self, owner: str, spec: TrainingSpec) -> None:
        """Note that the stored run of ``spec`` has to wait: it is looked for again in a while."""
        self._sessions[owner].sought[spec] = self._clock() + AGAIN

    def note_lost(self, owner: str, spec: TrainingSpec, updates: int) -> None:
        """Note that a run could not be brought back."""
        self._sessions[owner].lost[spec] = updates

    def lost(self, owner: str) -> dict[TrainingSpec, int]:
        """Return spec -> the updates of each run that could not be brought back."""
        if owner not in self._sessions or not self._sessions[owner].lost:
            return {}
        known = {run.spec for run in self.of(owner)}
        return {k: made for k, made in self._sessions[owner].lost.items() if k not in known}

    def left(self, owner: str) -> None:
        """Note that ``owner`` has ended. Its runs end unless it is seen again in time."""
        session = self._sessions.get(owner)
        if session is not None and session.left is None:
            session.left = self._clock()

    def present(self) -> int:
        """Return how many sessions are there: seen lately, connected, and not ended."""
        return sum(
            session.left is None and session.closed is None and not self._silent(session)
            for session in self._sessions.values()
        )

    def drop(self, run: Run, message: str = END) -> None:
        """End ``run`` and forget it."""
        self._runs.pop(run.run_id, None)
        run.cancel(message)

    def drop_closed(self, run_id: str) -> None:
        """End and forget a run, if it is paused in a closed session."""
        run = self._runs.get(run_id)
        if run is not None and not run.busy and self._closed(run.owner):
            self.drop(run)

    def tend(self) -> None:
        """Pause or end the runs of sessions that have gone."""
        self._look_who_is_connected()
        for owner, session in list(self._sessions.items()):
            if self._gone(session):
                for run in self.of(owner):
                    self.drop(run)
                del self._sessions[owner]
            elif self._away(session):
                for run in self.of(owner):
                    if run.status in ("waiting", "running"):
                        run.stop(REST)

    def _look_who_is_connected(self) -> None:
        now = self._clock()
        if now - self._looked < LOOK:
            return
        self._looked = now
        for session in self._sessions.values():
            if session.connected is None or session.connected():
                session.closed = None
            elif session.closed is None:
                session.closed = now

    def _closed(self, owner: str) -> bool:
        """Return whether the tab of ``owner`` is disconnected at this moment, or has ended."""
        session = self._sessions[owner]
        left = session.left is not None
        return left or (session.connected is not None and not session.connected())

    def _silent(self, session: Session) -> bool:
        return self._clock() - session.seen > self._grace

    def _away(self, session: Session) -> bool:
        """Return whether no tab shows its runs now."""
        since = (at for at in (session.closed, session.left) if at is not None)
        closed = any(self._clock() - at > min(CLOSED, self._grace) for at in since)
        return closed or self._silent(session)

    def _gone(self, session: Session) -> bool:
        """Return whether its tab has ended, or gave no sign for long, also from another page."""
        left = session.left is not None and self._clock() - session.left > self._grace
        return left or (self._long_silent(session) and not self._connected(session))

    def _long_silent(self, session: Session) -> bool:
        return self._clock() - session.seen > max(FORGOTTEN, self._grace)

    def _connected(self, session: Session) -> bool:
        """Return whether its tab is known to be open: it may show another page."""
        return session.connected is not None and session.left is None and session.closed is None

    def _of_person(self, person: str) -> tuple[Run, ...]:
        return tuple(run for run in self._runs.values() if run.person == person)

    def _address(self, owner: str) -> str:
        return self._sessions[owner].address if owner in self._sessions else ""

    def _beside(self, owner: str) -> tuple[Run, ...]:
        """Return the runs of all sessions with the network address of ``owner``."""
        address = self._address(owner)
        return tuple(run for run in self._runs.values() if self._address(run.owner) == address)

    def _droppable(self, runs: Sequence[Run], most: int, over: Collection[Run]) -> list[Run]:
        """Return which of ``runs`` make room for one more, if there may be ``most``.

        Cancelled runs come first, then unwatched ones, then those of ``over`` that are over.
        """
        ended = [run for run in runs if run.status == "cancelled"]
        deserted = [run for run in runs if run not in ended and self._deserted(run)]
        done = [
            run
            for run in runs
            if run in over and run.status in ("failed", "finished") and run not in deserted
        ]
        return [*ended, *deserted, *done][: max(0, len(runs) + 1 - most)]

    def _deserted(self, run: Run) -> bool:
        """Return whether its tab is closed, or has shown only other pages for long."""
        session = self._sessions.get(run.owner)
        if session is None:
            return True
        return self._long_silent(session) if self._connected(session) else self._away(session)

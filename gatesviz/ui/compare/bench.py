"""What is measured here and now: one measurement at a time, and its result for every visitor."""

from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from threading import Lock

import streamlit as st

from gatesviz.engine.place import UnreachableError
from gatesviz.experiments.claims import Here, Measured
from gatesviz.training import OwnData

KEPT = 64
Key = tuple[str, str]


@dataclass(frozen=True)
class Turn:
    """A measurement under way.

    Attributes:
        key: of what.
        owner: who began it.
        future: what comes.
    """

    key: Key
    owner: str
    future: "Future[Measured]"


class Bench:
    """Two at a time would slow each other, so there is one turn for everybody.

    Every method may be called from any thread and returns at once.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._turn: Turn | None = None
        self._found: dict[Key, Measured] = {}
        self._problems: dict[Key, str] = {}

    def begin(self, here: Here, task: str | OwnData, owner: str) -> bool:
        """Begin to measure; False where something else is under way."""
        self.poll()
        with self._lock:
            if self._turn is not None:
                return False
            key = key_of(here, task)
            self._problems.pop(key, None)
            try:
                self._turn = Turn(key, owner, here.begin(task))
            except (ValueError, UnreachableError) as error:
                self._problems[key] = str(error)
            return True

    def poll(self) -> Turn | None:
        """Take in what has finished; return what is under way."""
        with self._lock:
            if self._turn is None or not self._turn.future.done():
                return self._turn
            key, future = self._turn.key, self._turn.future
            self._turn = None
            try:
                self._found[key] = future.result()
            except CancelledError:
                pass
            except Exception as error:  # whatever ended the process, the page says it
                self._problems[key] = f"it could not be measured: {error}"
            while len(self._found) > KEPT:
                del self._found[next(iter(self._found))]
            return None

    def stop(self, owner: str) -> None:
        """End the measurement under way, if ``owner`` began it."""
        with self._lock:
            if self._turn is not None and self._turn.owner == owner:
                self._turn.future.cancel()
                self._turn = None

    def found(self, key: Key) -> Measured | None:
        """Return what was measured last."""
        return self._found.get(key)

    def problem(self, key: Key) -> str:
        """Return a sentence about what went wrong the last time, or ""."""
        return self._problems.get(key, "")


def key_of(here: Here, task: str | OwnData) -> Key:
    """Return what tells a measurement from others."""
    return here.key, task if isinstance(task, str) else task.digest


@st.cache_resource(show_spinner=False)
def bench() -> Bench:
    """Return this server's."""
    return Bench()

"""What the engine asks of the pool that its slices run in."""

from abc import ABC, abstractmethod
from concurrent.futures import Executor
from enum import Enum, auto


class UnreachableError(Exception):
    """The pool cannot be had; the text is a sentence for the person who waits."""


class Verdict(Enum):
    """What an error says about the slice that met it."""

    LOST = auto()  # its worker died; the slice can be done again
    LATE = auto()  # it took longer than any slice may and was ended
    BROKEN = auto()  # the whole pool is gone
    OWN = auto()  # the run's own fault


class Place(ABC):
    """A kind of pool. The engine opens one executor at a time.

    Attributes:
        seconds: how long a slice should take there.
        patience: seconds after which a slice that has not come back means a broken pool.
        rebuilds: whether a broken pool is simply opened again; if not, the runs are paused.
        broken: the sentence for a run whose pool broke.
    """

    seconds: float
    patience: float
    rebuilds: bool
    broken: str

    @abstractmethod
    def open(self) -> Executor:
        """Return an executor.

        Raises:
            UnreachableError: if there is none.
        """

    @abstractmethod
    def slots(self, executor: Executor) -> int:
        """Return how many slices to have there at a time: the workers busy, and little waiting."""

    @abstractmethod
    def alive(self, executor: Executor) -> bool:
        """Return whether it still takes slices."""

    @abstractmethod
    def verdict(self, error: BaseException) -> Verdict:
        """Return what ``error``, met by a slice, means."""

    @abstractmethod
    def close(self, executor: Executor) -> None:
        """Give the executor back at once, whatever runs in it."""

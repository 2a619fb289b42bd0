"""The interface of a backend: the pool of workers that slices run in."""

from abc import ABC, abstractmethod
from concurrent.futures import Executor
from enum import Enum, auto


class UnreachableError(Exception):
    """The pool can't be opened. The text is a sentence for the person who waits."""


class Fault(Enum):
    """What an error means for the slice that raised it."""

    LOST = auto()  # its worker died; the slice can be done again
    LATE = auto()  # it took longer than any slice may and was ended
    BROKEN = auto()  # the whole pool is gone
    OWN = auto()  # the run's own fault


class Backend(ABC):
    """A kind of worker pool. The engine opens one executor at a time.

    Attributes:
        seconds: how long a slice should take.
        patience: if a slice is away for more seconds than this, the pool counts as broken.
        rebuilds: whether a broken pool is opened again at once. If not, the runs are paused.
        broken: the message for a run whose pool broke.
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
        """Return how many slices to keep there: every worker is busy, and few slices wait."""

    @abstractmethod
    def alive(self, executor: Executor) -> bool:
        """Return whether it still takes slices."""

    @abstractmethod
    def fault_of(self, error: BaseException) -> Fault:
        """Return what ``error``, raised by a slice, means."""

    @abstractmethod
    def close(self, executor: Executor) -> None:
        """Close the executor at once, whatever runs in it."""

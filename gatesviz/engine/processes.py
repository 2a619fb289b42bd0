"""Slices in worker processes on this machine."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from gatesviz.engine.cores import cores
from gatesviz.engine.place import Place, UnreachableError, Verdict
from gatesviz.engine.slices import prepare
from gatesviz.engine.spawning import BareContext

RUNAWAY = 30.0
T = TypeVar("T")


def workers() -> int:
    """Return how many processes train: one core stays with the pages."""
    return max(1, cores() - 1)


def start_method() -> str:
    """Return how processes are started: from one that has loaded torch, where the system can."""
    methods = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in methods else "spawn"


class PoolExecutor(Executor):
    """Pebble's pool, which survives its workers, behind the standard interface.

    Args:
        count: worker processes.
        timeout: seconds after which a call is ended together with its worker.
    """

    def __init__(self, count: int, timeout: float) -> None:
        context: BaseContext = BareContext()
        if start_method() == "forkserver":
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["gatesviz.engine.worker"])
        self.count, self._timeout = count, timeout
        self._pool = ProcessPool(max_workers=count, initializer=prepare, context=context)
        for _ in range(count):
            self.submit(os.getpid)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call ``fn`` in a worker.

        Raises:
            BrokenExecutor: if the pool is closed or broken.
        """
        try:
            return self._pool.schedule(fn, args=args, kwargs=kwargs, timeout=self._timeout)
        except RuntimeError as error:
            raise BrokenExecutor(str(error)) from error

    @property
    def active(self) -> bool:
        """Whether it takes calls."""
        return self._pool.active

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after their calls, or at once with ``cancel_futures``."""
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


class Processes(Place):
    """Worker processes, started again when they die.

    Args:
        count: how many; all cores but one unless given.
        runaway: seconds after which a slice is ended together with its worker.
    """

    seconds = 0.2
    rebuilds = True
    broken = "the training processes died; they were started again and lost at most one slice"

    def __init__(self, count: int | None = None, runaway: float = RUNAWAY) -> None:
        self._count, self._runaway = count or workers(), runaway
        self.patience = 2 * runaway + 10

    def open(self) -> PoolExecutor:
        """Start the processes; waits until the first is there, about a second.

        Raises:
            UnreachableError: if the system grants none.
        """
        try:
            return PoolExecutor(self._count, self._runaway)
        except (BrokenExecutor, OSError) as error:
            cause = error.__cause__ or error
            raise UnreachableError(f"no training process could be started: {cause}") from error

    def slots(self, executor: Executor) -> int:
        """One slice waits ready, so that no worker is idle for a round trip."""
        return self._count + 1

    def alive(self, executor: Executor) -> bool:
        """Return whether the pool still takes slices."""
        assert isinstance(executor, PoolExecutor)
        return executor.active

    def verdict(self, error: BaseException) -> Verdict:
        """Tell a killed worker from a runaway slice, a broken pool and a run's own error."""
        if isinstance(error, ProcessExpired):
            return Verdict.LOST
        if isinstance(error, BrokenExecutor):
            return Verdict.BROKEN
        return Verdict.LATE if isinstance(error, TimeoutError) else Verdict.OWN

    def close(self, executor: Executor) -> None:
        """Kill the workers."""
        executor.shutdown(cancel_futures=True)

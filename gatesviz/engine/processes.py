"""Slices in worker processes on this machine."""

import math
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import cache
from importlib import import_module
from multiprocessing import spawn
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from gatesviz.engine.backend import Backend, Fault, UnreachableError
from gatesviz.engine.slices import prepare

RUNAWAY = 30.0
CGROUP = Path("/sys/fs/cgroup")
V2, V1 = "cpu.max", ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
LOCK = 5.0
"""Seconds that a worker waits for the lock of the pool's pipe, which is held for milliseconds.

A worker that is killed while it holds the lock never gives it back. A worker that waits longer
than this gives up, the pool breaks, and the engine opens another. Pebble's own limit is a minute.
"""
T = TypeVar("T")


def workers() -> int:
    """Return how many processes train. One core is left for the pages."""
    return max(1, cores() - 1)


def start_method() -> str:
    """Return how processes are started: from one that has loaded torch, where the system can."""
    methods = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in methods else "spawn"


class _WithoutMain:
    """`multiprocessing.spawn`, but a new process is not sent its parent's main script."""

    def __getattr__(self, name: str) -> Any:
        return getattr(spawn, name)

    def get_preparation_data(self, name: str) -> dict[str, Any]:
        data = spawn.get_preparation_data(name)
        return {key: value for key, value in data.items() if not key.startswith("init_main_from")}


@cache
def _popen(method: str) -> Any:
    """Return Python's class that starts processes, but with `_WithoutMain` for ``spawn``."""
    names = {"forkserver": "popen_forkserver", "spawn": "popen_spawn_posix"}
    on_windows = os.name == "nt"
    module = import_module(
        f"multiprocessing.{'popen_spawn_win32' if on_windows else names[method]}"
    )
    starts = "__init__" if on_windows else "_launch"
    code = getattr(module.Popen, starts).__code__
    function = FunctionType(code, vars(module) | {"spawn": _WithoutMain()})
    return type("BarePopen", (module.Popen,), {starts: function})


class BareProcess(BaseProcess):
    """A process that does not run the main script of its parent.

    Python runs that script first in every new process. In a server of pages it is whatever page
    is being drawn. Python has no option for this, so the process is started by a subclass of
    Python's own starter. Nothing changes for anybody else in this process.
    """

    _start_method = None  # a worker starts no processes

    @staticmethod
    def _Popen(process: BaseProcess) -> Any:
        return _popen(start_method())(process)


class BareContext(BaseContext):
    """What a pool needs of `multiprocessing`, with `BareProcess` as its kind of process."""

    Process = BareProcess

    def get_start_method(self, allow_none: bool = False) -> str:
        """Return the name of the way in which processes are started."""
        return start_method()


class PoolExecutor(Executor):
    """Pebble's pool, which survives its workers, behind the standard interface.

    Args:
        count: worker processes.
        timeout: seconds after which a call is ended together with its worker.
        lock: seconds after which a lock that a killed worker held breaks the pool.
    """

    def __init__(self, count: int, timeout: float, lock: float = LOCK) -> None:
        context = BareContext()
        if start_method() == "forkserver":
            context.set_forkserver_preload(["gatesviz.engine.worker"])
        self.count, self._timeout = count, timeout
        self._pool = ProcessPool(
            max_workers=count, initializer=_prepare, initargs=(lock,), context=context
        )
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


def _prepare(lock: float) -> None:
    """Make a new worker ready."""
    CONSTS.channel_lock_timeout = lock
    prepare()


class Processes(Backend):
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

    def fault_of(self, error: BaseException) -> Fault:
        """Tell a killed worker from a runaway slice, a broken pool and a run's own error."""
        if isinstance(error, ProcessExpired):
            return Fault.LOST
        if isinstance(error, BrokenExecutor):
            return Fault.BROKEN
        return Fault.LATE if isinstance(error, TimeoutError) else Fault.OWN

    def close(self, executor: Executor) -> None:
        """Kill the workers."""
        executor.shutdown(cancel_futures=True)


def cores(cgroup: Path = CGROUP) -> int:
    """Return how many processors may be busy at a time, at least one."""
    if hasattr(os, "sched_getaffinity"):
        counted = len(os.sched_getaffinity(0))
    else:
        counted = os.cpu_count() or 1
    return max(1, int(min(counted, quota(cgroup))))


def quota(cgroup: Path = CGROUP) -> float:
    """Return the processors' worth of time that a container grants; infinite without a limit.

    Linux' control groups say it as microseconds of each period, -1 or "max" where there is none:
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    try:
        granted, period = (cgroup / V2).read_text().split()
    except (OSError, ValueError):
        try:
            granted, period = ((cgroup / name).read_text().strip() for name in V1)
        except OSError:
            return math.inf
    try:
        share = int(granted) / int(period)
    except (ValueError, ZeroDivisionError):
        return math.inf
    return share if share > 0 else math.inf

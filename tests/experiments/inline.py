"""An engine whose slices run in a thread of the test, and a small experiment for it."""

from concurrent.futures import Executor, ThreadPoolExecutor

from gatesviz.engine import Engine
from gatesviz.engine.backend import Backend, Fault
from gatesviz.experiments import Experiment, grid


class Inline(Backend):
    """One thread."""

    seconds, patience, rebuilds, broken = 0.1, 60.0, True, "the thread broke"

    def open(self) -> Executor:
        return ThreadPoolExecutor(1)

    def slots(self, executor: Executor) -> int:
        return 1

    def alive(self, executor: Executor) -> bool:
        return True

    def fault_of(self, error: BaseException) -> Fault:
        return Fault.OWN

    def close(self, executor: Executor) -> None:
        executor.shutdown()


def inline_engine() -> Engine:
    return Engine(Inline()).start()


def quick(seeds: int = 2, updates: int = 60, **changes: object) -> Experiment:
    """Return runs that are solved after 25 to 50 updates of half a millisecond."""
    settings = {"task": "latch", "length": 6, "batch_size": 32, "hidden_size": 8} | changes
    axes = [{"seed": seed} for seed in range(seeds)]
    return Experiment("quick", "Is it quick?", grid(settings, axes), updates)

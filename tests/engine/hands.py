"""A place whose slices land when the test says so, and the engine's two halves by hand."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future

from gatesviz.engine.backend import Backend, Fault, UnreachableError
from gatesviz.engine.dispatcher import Dispatcher
from gatesviz.engine.queue import SliceQueue
from gatesviz.engine.run import Run
from gatesviz.engine.sessions import Sessions
from gatesviz.engine.slices import Outcome, Slice
from gatesviz.training import Snapshot, State, TrainingSpec, advance, start
from tests.training.making import small


def plain(updates: int, **changes: object) -> tuple[State, tuple[Snapshot, ...]]:
    """Train in one go, without any engine."""
    return advance(start(small(**changes)), updates)


class WorkerDiedError(Exception):
    """As if its process were killed."""


class ByHand(Executor):
    """Keeps every call until the test lands it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Future[Outcome], Callable[[Slice], Outcome], Slice]] = []
        self.alive = True

    def submit(self, fn, piece):
        if not self.alive:
            raise BrokenExecutor("closed")
        self.calls.append((Future(), fn, piece))
        return self.calls[-1][0]

    def land(self, at=0):
        future, fn, piece = self.calls.pop(at)
        try:
            future.set_result(fn(piece))
        except Exception as error:
            future.set_exception(error)

    def crash(self, error, at=0):
        self.calls.pop(at)[0].set_exception(error)


class Hands(Backend):
    """Opens one `ByHand` after the other."""

    seconds, patience, broken = 0.002, 1e9, "the pool broke"

    def __init__(self, slots=2, rebuilds=True):
        self.rebuilds, self.open_slots, self.reachable = rebuilds, slots, True
        self.opened: list[ByHand] = []

    def open(self):
        if not self.reachable:
            raise UnreachableError("nobody answers")
        self.opened.append(ByHand())
        return self.opened[-1]

    def slots(self, executor):
        return self.open_slots

    def alive(self, executor):
        return executor.alive

    def fault_of(self, error):
        kinds = {WorkerDiedError: Fault.LOST, TimeoutError: Fault.LATE}
        kinds[BrokenExecutor] = Fault.BROKEN
        return kinds.get(type(error), Fault.OWN)

    def close(self, executor):
        executor.alive = False


class Desk:
    """An engine without its thread: `tend` is one turn of its loop."""

    def __init__(self, grace=90.0, **backend):
        self.now, self.made = 0.0, 0
        self.queue, self.backend = SliceQueue(), Hands(**backend)
        self.sessions = Sessions(self.queue, grace, lambda: self.now)
        self.dispatcher = Dispatcher(self.backend, self.queue)
        self.dispatcher.warm()

    @property
    def pool(self) -> ByHand:
        return self.backend.opened[-1]

    def submit(self, owner="ada", updates=20, resumable=False, **changes: object) -> Run:
        spec: TrainingSpec = small(**changes)
        self.made += 1
        person = self.sessions.person(owner)
        run = Run(f"run {self.made}", owner, spec, updates, self.queue, person, resumable)
        self.sessions.add(run)
        run.go()
        return run

    def tend(self):
        self.sessions.tend()
        self.dispatcher.tend()

    def finish(self, turns=10_000):
        """Let everything land until nobody wants anything."""
        for _ in range(turns):
            self.tend()
            if not self.pool.calls:
                return
            self.pool.land()
        raise AssertionError("it never came to rest")

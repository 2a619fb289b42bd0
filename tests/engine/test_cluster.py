"""A real Dask scheduler and worker on this machine's loopback."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from gatesviz.engine import Engine, stop_engine
from gatesviz.engine.cluster import Cluster
from gatesviz.engine.place import UnreachableError
from gatesviz.engine.running import engine
from gatesviz.training import advance, start
from tests.serving import ROOT, free_port
from tests.training.making import bits, small

# A client that reached nobody leaves a coroutine of its own behind, which Python finds at any time.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)

pytest.importorskip("distributed", reason="distributed is not installed: no cluster to test on")

PATIENCE = 180.0
CLI = "from distributed.cli.dask_{0} import main; main()"


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class LocalDask:
    """A scheduler and a worker as processes, so that they can be killed."""

    def __init__(self, folder) -> None:
        self.port, self._folder = free_port(), folder
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def up(self) -> None:
        self._launch("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-show")
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self._launch("worker", self.address, *options, "--local-directory", str(self._folder))

    def down(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def _launch(self, kind: str, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        if kind == "scheduler":
            arguments = (*arguments, "--dashboard-address", "127.0.0.1:0")
        with (self._folder / f"{kind}.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-c", CLI.format(kind), *arguments],
                    env=environment,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
            )


@pytest.fixture(scope="module")
def dask(tmp_path_factory) -> Iterator[LocalDask]:
    cluster = LocalDask(tmp_path_factory.mktemp("dask"))
    cluster.up()
    yield cluster
    cluster.down()


@pytest.fixture
def address(dask, monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("GATESVIZ_ENGINE", dask.address)
    monkeypatch.setattr(Cluster, "seconds", 0.05)  # few updates to make again
    yield dask.address
    stop_engine()


def go_on(run, holds: Callable[[], bool]) -> None:
    """Start ``run`` again whenever it rests, as a person would while the cluster comes up."""

    def works() -> bool:
        if run.view().status == "paused":
            run.go()
        return holds()

    until(works)


def test_a_cluster_gives_the_same_bits_and_its_end_keeps_the_run(dask, address):
    run = engine().run(engine().submit(small(), "ada", 60))
    go_on(run, lambda: run.view().status == "finished")
    assert bits(run.view().state) == bits(advance(start(small()), 60)[0])

    long = engine().run(engine().submit(small(seed=5), "ada", 100_000))
    go_on(long, lambda: long.view().slices > 2)
    dask.down()
    until(lambda: long.view().status == "paused")
    rested = long.view()
    assert "went away" in rested.message or "does not answer" in rested.message
    assert rested.state.updates == rested.updates > 0

    dask.up()
    go_on(long, lambda: long.view().slices > rested.slices)
    long.pause()
    made = long.view()
    assert bits(made.state) == bits(plain(made.updates))


def plain(updates: int):
    state = start(small(seed=5))
    while state.updates < updates:
        state, _ = advance(state, min(10_000, updates - state.updates))
    return state


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{free}", "nonsense", "what://else:1"])
def test_a_wrong_address_gets_a_sentence(address, monkeypatch):
    address = address.format(free=free_port())
    monkeypatch.setattr("gatesviz.engine.cluster.CONNECT", 0.5)
    wrong = Engine(Cluster(address)).start()
    try:
        run = wrong.run(wrong.submit(small(), "ada", 10))
        until(lambda: not run.view().busy)
        assert run.view().status == "paused"
        assert f"the cluster at {address} (GATESVIZ_ENGINE) does not answer" in run.view().message
        threads = threading.active_count()
        run.go()
        until(lambda: not run.view().busy)
        assert threading.active_count() <= threads
    finally:
        wrong.stop()


def test_without_the_package_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnreachableError, match=r"pip install 'gatesviz\[cluster\]'"):
        Cluster("tcp://host:8786").open()

"""A real Dask scheduler and worker on this machine's loopback, and addresses without one."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from gatesviz.engine import Engine, stop_engine
from gatesviz.engine.backend import UnreachableError
from gatesviz.engine.cluster import Cluster, Loop, check_form
from gatesviz.engine.scheduler import engine
from gatesviz.training import advance, start
from tests.engine.local_dask import LocalDask
from tests.serving import free_port
from tests.training.making import bits, small

pytest.importorskip("distributed", reason="distributed is not installed: no cluster to test on")

PATIENCE = 180.0


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


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
    assert "is gone, so this run paused" in rested.message or "does not answer" in rested.message
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


@pytest.mark.parametrize(
    "address",
    ["nonsense", "what://else:1", "tcp://host", "tcp://host:0", "host:99999", "a b:1", ":1"],
)
def test_an_address_of_another_form_is_refused_before_anything_is_opened(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        UnreachableError, match="which is not a cluster's address: expected"
    ) as refusal:
        Cluster(address).open()
    assert repr(address) in str(refusal.value)


@pytest.mark.parametrize("address", ["tcp://dask.example:8786", "tls://[::1]:1", "10.0.0.1:65535"])
def test_addresses_of_the_known_forms_are_taken(address):
    check_form(address)


def test_where_nobody_answers_runs_rest_with_a_sentence(monkeypatch):
    monkeypatch.setattr("gatesviz.engine.cluster.CONNECT", 0.2)
    address = f"tcp://127.0.0.1:{free_port()}"
    alone = Engine(Cluster(address)).start()
    try:
        run = alone.run(alone.submit(small(), "ada", 10))
        for _ in range(2):
            until(lambda: not run.view().busy)
            assert run.view().status == "paused"
            assert f"the cluster at {address} (GATESVIZ_ENGINE) does not" in run.view().message
            run.go()
    finally:
        alone.stop()


def test_somebody_else_at_the_address_is_no_cluster(monkeypatch):
    monkeypatch.setattr("gatesviz.engine.cluster.CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = Cluster(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(UnreachableError, match="does not answer"):
            place.open()
        threads = threading.active_count()
        with pytest.raises(UnreachableError, match="does not answer"):
            place.open()
        assert threading.active_count() <= threads


def test_a_thread_that_gets_no_turn_is_waited_for_again(monkeypatch):
    """As on a machine so busy that a loop is not up in time."""
    turn, serve = threading.Event(), Loop._serve

    def late(loop):
        turn.wait(PATIENCE)
        serve(loop)

    monkeypatch.setattr(Loop, "_serve", late)
    loop = Loop()
    with pytest.raises(UnreachableError, match="this machine was too busy"):
        loop.running(patience=0.01)
    turn.set()
    assert loop.running() is loop.running()


def test_a_loop_that_fails_is_told_and_started_anew(monkeypatch):
    async def fail(_):
        raise OSError("too many open files")

    loop = Loop()
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_forever", fail)
        with pytest.raises(UnreachableError, match="too many open files"):
            loop.running()
    assert loop.running().asyncio_loop.is_running()


def test_without_the_package_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnreachableError, match=r"pip install 'gatesviz\[cluster\]'"):
        Cluster("tcp://host:8786").open()

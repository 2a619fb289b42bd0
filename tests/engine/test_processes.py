"""Real worker processes: the same bits, killed workers, runaways, and nothing left behind."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest
from pebble.pool.channel import WorkerChannel

from gatesviz.engine import Engine, View
from gatesviz.engine.backend import Fault
from gatesviz.engine.processes import PoolExecutor, Processes, cores, workers
from gatesviz.engine.slices import Slice, work
from gatesviz.training import advance, start
from tests.serving import ROOT
from tests.training.making import bits, small

PATIENCE = 60.0


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def children(pid: int) -> set[int]:
    """Return the processes that descend from ``pid``."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if after_name[0] != "Z" and int(after_name[1]) == pid:
                found |= {int(entry.name)} | children(int(entry.name))
    return found


def worker_pids() -> list[int]:
    """Return the pids of this process's pools, and of nothing else that was started here."""
    workers = multiprocessing.active_children()
    return sorted(one.pid for one in workers if one.pid and one.name.startswith("pebble"))


@pytest.fixture(scope="module")
def two() -> Iterator[Engine]:
    place = Processes(count=2)
    place.seconds = 0.05  # many slices in little time
    engine = Engine(place).start()
    yield engine
    engine.stop()


def finished(engine: Engine, *run_ids: str) -> list[View]:
    until(lambda: not any(engine.run(run_id).view().busy for run_id in run_ids))
    return [engine.run(run_id).view() for run_id in run_ids]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_engine_gives_the_bits_of_the_plain_fold(two, cell):
    spec = small(cell=cell)
    [view] = finished(two, two.submit(spec, "ada", 150))
    assert view.status == "finished"
    assert view.slices > 1
    assert bits(view.state) == bits(advance(start(spec), 150)[0])


def test_killed_workers_cost_slices_and_change_no_bit(two):
    """The runs are far longer than the test, so that a killed worker is not an idle one."""
    ids = [two.submit(small(seed=k), f"student {k}", 100_000) for k in range(3)]
    for victims in (1, 2):
        before = [two.run(run_id).view().slices for run_id in ids]
        until(lambda: all(two.run(i).view().slices > n for i, n in zip(ids, before, strict=True)))  # noqa: B023
        kill_in_mid_slice(two, ids, victims)
    messages = [two.run(run_id).view().message for run_id in ids]
    for run_id in ids:
        two.run(run_id).pause()
    for k, view in enumerate(finished(two, *ids)):
        assert view.status == "paused"
        assert bits(view.state) == bits(advance(start(small(seed=k)), view.updates)[0])
        two.run(ids[k]).cancel()
    assert any("died" in message for message in messages)


def kill_in_mid_slice(engine: Engine, ids: list[str], victims: int) -> None:
    """Kill that many workers; again where all of them were between two slices."""

    def count(name: str) -> int:
        return sum(getattr(engine.run(run_id).view(), name) for run_id in ids)

    before = count("lost")
    while count("lost") == before:
        made = count("slices") + 3  # so many were away
        for pid in worker_pids()[:victims]:
            os.kill(pid, signal.SIGKILL)
        until(lambda: count("lost") > before or count("slices") > made)  # noqa: B023


def die_with_the_lock() -> None:
    """Be killed while nobody else can read or write the pool's pipe."""
    for found in gc.get_objects():
        if type(found) is WorkerChannel:  # asking others for their class warns
            assert found.mutex.acquire(timeout=PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("count", [1, 2])
def test_a_worker_killed_with_the_lock_breaks_the_pool_soon(count):
    place = Processes(count)
    pool = PoolExecutor(count, timeout=PATIENCE, lock=0.2)
    try:
        calls = [pool.submit(die_with_the_lock), *(pool.submit(os.getpid) for _ in range(4))]
        errors = [call.exception(PATIENCE) for call in calls]
        assert errors[0]  # the other worker may have finished some of its calls before
        faults = {place.fault_of(error) for error in errors if error}
        until(lambda: not used(pool))  # a pool that nobody uses has no need of the lock
        assert faults <= {Fault.LOST, Fault.BROKEN}
    finally:
        place.close(pool)


def used(pool: PoolExecutor) -> bool:
    """Give ``pool`` one more call, and return whether it still takes any."""
    try:
        pool.submit(os.getpid)
    except BrokenExecutor:
        return False
    return pool.active


def test_idle_workers_that_are_killed_are_replaced(two):
    finished(two, two.submit(small(), "ada", 5))
    for pid in worker_pids():
        os.kill(pid, signal.SIGKILL)
    [view] = finished(two, two.submit(small(), "ada", 5))
    assert view.updates == 5


def test_a_runaway_call_is_ended_and_the_pool_lives():
    place = Processes(count=1, runaway=0.5)
    pool = place.open()
    try:
        late = pool.submit(time.sleep, 60)
        error = late.exception(PATIENCE)
        assert isinstance(error, TimeoutError)
        assert place.fault_of(error).name == "LATE"
        assert pool.submit(os.getpid).result(PATIENCE) != os.getpid()
    finally:
        place.close(pool)
    assert not place.alive(pool)


def test_calls_are_made_in_other_processes_on_one_thread():
    with PoolExecutor(1, timeout=30.0) as pool:
        assert pool.submit(os.getpid).result(PATIENCE) != os.getpid()
        assert pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result(PATIENCE) == "1"
        assert pool.submit(_threads).result(PATIENCE) == 1


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def test_one_core_stays_with_the_pages(monkeypatch):
    monkeypatch.setattr("gatesviz.engine.processes.cores", lambda: 4)
    assert workers() == 3
    monkeypatch.setattr("gatesviz.engine.processes.cores", lambda: 1)
    assert workers() == 1


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 8),
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu.max": "250000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "1600000 100000\n"}, 8),
        ({"cpu.max": "broken"}, 8),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
    ],
)
def test_a_containers_share_of_eight_processors_is_respected(files, count, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert cores(tmp_path) == count


def test_where_processes_cannot_be_forked_they_are_spawned(monkeypatch, tmp_path):
    """As on Windows: a worker then loads everything itself, and never runs the main script."""
    page = tmp_path / "page.py"
    page.write_text("raise SystemExit('the page was run')")
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(page), raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    place = Processes(count=1)
    pool = place.open()
    try:
        state = start(small())
        outcome = pool.submit(work, Slice(state, None, 3)).result(PATIENCE)
        assert bits(outcome.state) == bits(advance(state, 3)[0])
    finally:
        place.close(pool)


SERVER = """
import sys, time
open({log!r}, "a").write("main\\n")
from gatesviz.engine import start_engine, stop_engine
from gatesviz.training import TrainingSpec
engine = start_engine()
run = engine.run(engine.submit(TrainingSpec(task="recall", hidden_size=2), "ada", 100_000))
while run.view().slices < 2: time.sleep(0.01)
print("torch" in sys.modules, flush=True)
sys.stdin.readline()
stop_engine()
print(run.view().status, run.view().message, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def server(tmp_path) -> Iterator[subprocess.Popen[str]]:
    script = tmp_path / "server.py"
    script.write_text(SERVER.format(log=str(tmp_path / "log")))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, script], env=environment, cwd=ROOT, **pipes) as process:
        yield process
        process.kill()


def test_stopping_leaves_no_process(server, tmp_path):
    assert server.stdout.readline() == "False\n"  # the web process has no torch
    assert (tmp_path / "log").read_text() == "main\n"  # no worker ran the main script
    before = children(server.pid)
    workers = {pid for helper in before for pid in children(helper)}
    assert workers
    print(file=server.stdin, flush=True)
    assert server.stdout.readline() == "cancelled the server is being stopped\n"
    assert not workers & children(server.pid)
    print(file=server.stdin, flush=True)
    assert server.wait(PATIENCE) == 0
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in before))


def test_a_killed_server_leaves_no_process(server):
    server.stdout.readline()
    before = children(server.pid)
    server.kill()
    until(lambda: not any(_runs(pid) for pid in before))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_whose_starter_is_gone_prints_nothing():
    code = (
        "import sys, gatesviz.engine.worker\n"
        "for error in (FileNotFoundError(2, 'no semaphore'), EOFError(), RuntimeError('broken')):\n"
        "    try: raise error\n"
        "    except Exception: sys.excepthook(*sys.exc_info())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("RuntimeError: broken\n")
    assert done.stderr.count("Traceback") == 1

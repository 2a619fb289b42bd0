"""Runs are stored while they go on; a restart or another server brings them back to the bit."""

import os
import pickle
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event

from gatesviz.engine import run_keeper, sessions, stored_runs
from gatesviz.engine.run_keeper import EVERY, KNOWN, KNOWN_SHARED, RESTORED, RunKeeper
from gatesviz.engine.scheduler import Engine
from gatesviz.engine.stored_runs import RunStore
from gatesviz.limits import RUNS_OF_PERSON, STORED_RUN_HOURS, Limit
from gatesviz.training import own_text
from tests.engine.hands import Desk, Hands, plain
from tests.postgres import empty
from tests.training.making import bits, small

TEXT = own_text("to be or not to be, that is the question; " * 8)


class Server:
    """An engine by hand whose runs are stored in a folder, or in the database of a URL.

    A killed one just stops being used.
    """

    def __init__(self, folder, url="", **clock):
        self.desk = Desk()
        self.clock = lambda: clock.get("hours", 0.0) * 3600 + self.desk.now
        self.store = RunStore(url or f"sqlite:///{folder}/runs.sqlite3", self.clock)
        self.keeper = RunKeeper(
            self.desk.sessions, self.desk.queue, lambda: self.store, lambda: self.desk.now
        )
        self.open_tab("tab", "ada")

    def open_tab(self, tab, person):
        self.desk.sessions.watch(tab, person, lambda: True)

    def train(self, updates, tab="tab", end=20, **changes):
        run = self.desk.submit(tab, end, resumable=True, **changes)
        run.pause()
        run.go(updates)
        self.desk.finish()
        return run

    def back(self, *specs, tab="tab", person="ada"):
        """Open the page with these settings again; return its runs by spec."""
        self.open_tab(tab, person)
        self.keeper.store_due()
        found = self.keeper.find(person, specs)
        assert found is not None
        for spec, one in found.items():
            self.keeper.restore(one, spec, tab)
        return {run.spec: run for run in self.desk.sessions.of(tab)}


@pytest.fixture
def sharing(postgres):
    """A function that returns a server which shares a database with the others."""
    servers = []

    def begin():
        servers.append(Server("", postgres))
        return servers[-1]

    yield begin
    for server in servers:
        server.store.close()
    empty(postgres)


def test_a_killed_server_comes_back_with_the_run_and_it_ends_with_the_same_bits(tmp_path):
    first = Server(tmp_path)
    run = first.train(7)
    run.set_learning_rate(0.5)
    assert first.keeper.store_due() == 1
    again = Server(tmp_path).back(run.spec)[run.spec]
    view = again.view()
    assert (view.status, view.updates, view.end) == ("paused", 7, 20)
    assert view.message == RESTORED
    assert view.history.losses.tobytes() == run.view().history.losses.tobytes()
    assert bits(view.state) == bits(run.view().state)


def test_continued_after_a_restart_it_is_the_run_that_was_never_interrupted(tmp_path):
    first = Server(tmp_path)
    first.train(7)
    first.keeper.store_due()
    second = Server(tmp_path)
    [run] = second.back(small()).values()
    run.go()
    second.desk.finish()
    whole = plain(20)
    assert bits(run.view().state) == bits(whole[0])
    assert run.view().history.losses.tolist() == [each.loss for each in whole[1]]
    assert run.view().status == "finished"
    second.keeper.store_due()
    [finished] = Server(tmp_path).back(small()).values()
    assert (finished.status, finished.view().message) == ("finished", "")


def test_a_run_that_goes_on_is_stored_every_few_seconds_and_at_a_pause_at_once(tmp_path):
    server = Server(tmp_path)
    run = server.desk.submit("tab", 10_000, resumable=True)

    def step():
        server.desk.tend()
        server.desk.pool.land()
        server.desk.tend()

    for _ in range(3):
        step()
    assert run.view().busy
    stored = [server.keeper.store_due()]
    for server.desk.now in (1.0, EVERY - 0.1, EVERY + 0.1, EVERY + 0.2):
        step()
        stored.append(server.keeper.store_due())
    assert stored == [1, 0, 0, 1, 0]
    step()
    run.pause()
    server.desk.finish()
    assert [server.keeper.store_due() for _ in range(2)] == [1, 0]
    [found] = server.store.find("ada")
    assert found.updates == run.view().updates


def test_another_server_takes_over_a_run_after_any_slice(sharing):
    """The first server is killed while it trains. All but the slice at the worker is stored."""
    first, second = (sharing() for _ in range(2))
    run = first.desk.submit("tab", 20, resumable=True)
    second.keeper.store_due()
    assert second.keeper.find("ada", [run.spec]) == {}
    made = []
    for _ in range(3):
        first.desk.tend()
        first.desk.pool.land()
        first.desk.tend()
        assert first.keeper.store_due() == 1
        made.append(run.view().updates)
    assert first.keeper.store_due() == 0
    assert made == sorted({*made})
    assert run.view().status == "running"
    second.desk.now += KNOWN_SHARED + 0.1
    again = second.back(run.spec)[run.spec]
    assert (again.view().status, again.view().updates) == ("paused", made[-1])
    again.go()
    second.desk.finish()
    whole = plain(20)
    assert bits(again.view().state) == bits(whole[0])
    second.keeper.store_due()
    other = sharing()
    [finished] = other.back(run.spec).values()
    assert finished.status == "finished"
    finished.cancel()
    other.keeper.forget("ada", [run.spec])
    other.keeper.store_due()
    assert sharing().back(run.spec) == {}


def test_servers_that_store_their_first_runs_at_once_lose_none(sharing, caplog):
    servers = [sharing() for _ in range(4)]
    runs = [server.train(2, seed=seed) for seed, server in enumerate(servers)]
    for run in runs:
        run.run_id = f"with seed {run.spec.seed}"
    specs = [run.spec for run in runs]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda one: one.keeper.store_due(), servers)) == [1] * 4
    assert not caplog.records
    assert set(sharing().back(*specs)) == set(specs)


def test_two_servers_with_the_same_run_disturb_no_other(sharing):
    """As after a server was out of reach for a moment."""
    first, second = (sharing() for _ in range(2))
    run = first.train(3, seed=5)
    first.keeper.store_due()
    again = second.back(run.spec)[run.spec]
    for one, server in ((run, first), (again, second)):
        one.go(2)
        server.desk.finish()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda server: server.keeper.store_due(), (first, second)))
    for server in (first, second):
        server.keeper.store_due()
        assert server.keeper.problem == ""
    [found] = sharing().back(run.spec).values()
    assert found.view().updates == 5


def test_a_server_that_did_not_die_neither_keeps_nor_destroys_the_newer_run(tmp_path):
    """A tab was moved to the second server, trained there, and comes back to the first one."""
    first, second = Server(tmp_path), Server(tmp_path)
    run, other = first.train(7), first.train(4, seed=5)
    first.keeper.store_due()
    first.desk.sessions.watch("tab", "ada", lambda: False)
    again = second.back(run.spec)[run.spec]
    assert again.run_id == run.run_id
    again.go(5)
    second.desk.finish()
    second.keeper.store_due()
    first.keeper._stored.clear()
    assert first.keeper.store_due(everything=True) == 2  # as when it stops
    assert {one.updates for one in first.store.find("ada")} == {12, 4}

    first.desk.now += KNOWN
    first.open_tab("back", "ada")
    first.keeper.adopt("back", [run.spec])
    assert first.desk.sessions.of("back") == ()
    newer = first.back(run.spec, tab="back")[run.spec]
    assert (newer.run_id, newer.view().updates, run.status) == (run.run_id, 12, "cancelled")
    assert bits(newer.view().state) == bits(plain(12)[0])
    first.keeper.adopt("back", [run.spec, other.spec])
    assert set(first.desk.sessions.of("back")) == {newer, other}

    newer.cancel()  # a reset is another run, with fewer updates
    first.keeper.forget("ada", [run.spec])
    fresh = first.train(2, "back")
    first.keeper.store_due()
    assert {one.updates for one in first.store.find("ada")} == {2, 4}
    assert fresh.run_id != run.run_id


@pytest.mark.parametrize("keeps", ["open", "busy", "as far", "lost"])
def test_a_run_in_memory_is_kept_while_it_is_watched_or_goes_on_or_is_all_there_is(tmp_path, keeps):
    first, second = Server(tmp_path), Server(tmp_path)
    run = first.train(7)
    first.keeper.store_due()
    again = second.back(run.spec)[run.spec]
    if keeps != "as far":
        again.go(5)
        second.desk.finish()
    second.keeper.store_due()
    if keeps == "busy":
        run.go(1)
    if keeps != "open":
        first.desk.sessions.watch("tab", "ada", lambda: False)
    if keeps == "lost":
        with sqlite3.connect(tmp_path / "runs.sqlite3") as file:
            file.execute("UPDATE gv_runs SET run = ?", (b"garbage",))
        file.close()
    first.open_tab("back", "ada")
    first.keeper.adopt("back", [run.spec])
    found = first.keeper.find("ada", [run.spec])
    assert list(found) == ([run.spec] if keeps == "lost" else [])
    if keeps == "lost":
        assert first.keeper.restore(found[run.spec], run.spec, "back") == "lost"
        first.desk.sessions.note_lost("back", run.spec, 12)
        first.keeper.adopt("back", [run.spec])
    assert run.status != "cancelled"
    assert run.owner == ("tab" if keeps == "open" else "back")


def test_only_its_person_gets_it_and_only_if_no_tab_has_it(tmp_path):
    server = Server(tmp_path)
    run = server.train(3)
    server.desk.submit("without a cookie", resumable=True)
    server.desk.submit("tab", seed=9)  # of an experiment
    server.desk.finish()
    assert server.keeper.store_due() == 1
    assert server.keeper.find("ada", [run.spec]) == {}  # a tab shows it
    assert server.back(run.spec, tab="second") == {}
    other = Server(tmp_path)
    assert other.back(run.spec, tab="his", person="bob") == {}
    assert other.back(small(seed=4)) == {}
    assert other.back(run.spec)[run.spec].run_id == run.run_id
    assert other.back(run.spec, tab="second") == {}
    with sqlite3.connect(tmp_path / "runs.sqlite3") as file:
        told = str(file.execute("SELECT person, spec FROM gv_runs").fetchall())
    assert "ada" not in told
    file.close()


def test_a_reset_stays_one(tmp_path):
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    run.cancel()
    server.keeper.forget("ada", [run.spec])
    assert server.keeper.store_due() == 0
    assert Server(tmp_path).back(run.spec) == {}


def test_a_reset_on_another_server_stays_one(sharing):
    """A tab was moved to the second server, was reset there, and comes back to the first one."""
    first, second = sharing(), sharing()
    run, other = first.train(3), first.train(4, seed=5)
    first.keeper.store_due()
    first.desk.sessions.watch("tab", "ada", lambda: False)
    moved = second.back(run.spec)[run.spec]
    moved.cancel()
    second.keeper.forget("ada", [run.spec])
    second.keeper.store_due()
    first.open_tab("back", "ada")
    first.keeper.adopt("back", [run.spec])
    assert run.status == "cancelled"
    first.keeper.adopt("back", [other.spec])
    assert set(first.desk.sessions.of("back")) == {other}


def test_a_run_that_was_stored_a_moment_ago_is_not_taken_for_a_reset_one(sharing):
    server = sharing()
    server.keeper.store_due()
    assert server.keeper.find("ada", [small()]) == {}  # the page asks before the start
    run = server.train(3)
    server.keeper.store_due()
    server.desk.sessions.watch("tab", "ada", lambda: False)
    server.open_tab("reloaded", "ada")
    server.keeper.adopt("reloaded", [run.spec])
    assert run.owner == "reloaded"


def test_own_data_is_never_stored_and_the_loss_is_noted(tmp_path):
    server = Server(tmp_path)
    run = server.train(2, task=TEXT, length=9)
    assert server.keeper.store_due() == 1
    for file in tmp_path.iterdir():
        assert b"that is the question" not in file.read_bytes()
    again = Server(tmp_path)
    again.keeper.store_due()
    [found] = again.keeper.find("ada", [run.spec]).values()
    assert (found.updates, found.complete) == (2, False)
    assert again.keeper.restore(found, run.spec, "tab") == "lost"


def test_what_is_stored_has_bounds_in_age_number_and_bytes(tmp_path, monkeypatch):
    server = Server(tmp_path)
    for seed in range(RUNS_OF_PERSON.high + 2):
        tab = f"tab {seed // 4}"
        server.open_tab(tab, "ada")
        run = server.train(1, tab, seed=seed)
        server.desk.now += 1
        server.keeper.store_due()
        run.cancel()  # makes room in memory
    server.desk.now += 61
    server.open_tab("his", "bob")
    last = server.train(1, "his")
    server.keeper.store_due()
    ada = server.store.find("ada")
    assert [found.run_id for found in ada] == [f"run {k}" for k in range(3, 3 + len(ada))]
    assert len(ada) == RUNS_OF_PERSON.high
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    monkeypatch.setattr(stored_runs, "STORED_RUN_BYTES_OF_PERSON", Limit("bytes", 0, 30_000))
    server.desk.now += 61
    last.go(1)
    server.desk.finish()
    server.keeper.store_due()
    complete = [found.complete for found in server.store.find("ada")]
    assert 0 < sum(complete) < len(complete) == len(ada)
    assert complete == sorted(complete)  # the newest are left
    [bobs] = server.store.find("bob")
    assert bobs.complete
    assert size < 2_000_000
    late = Server(tmp_path, hours=STORED_RUN_HOURS + 1)
    assert late.back(last.spec, tab="his", person="bob") == {}


class Trap:
    """What a pickle that runs code is made of."""

    def __reduce__(self):
        return os.system, ("touch /tmp/gatesviz-stored-run",)


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps(Trap())])
def test_a_damaged_run_is_lost_and_runs_no_code(tmp_path, content):
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    with sqlite3.connect(tmp_path / "runs.sqlite3") as file:
        file.execute("UPDATE gv_runs SET run = ?", (content,))
    file.close()
    again = Server(tmp_path)
    again.keeper.store_due()
    [found] = again.keeper.find("ada", [run.spec]).values()
    assert again.keeper.restore(found, run.spec, "tab") == "lost"
    assert not Path("/tmp/gatesviz-stored-run").exists()


def test_a_file_that_a_url_names_is_left_as_it_is(tmp_path, monkeypatch, caplog):
    """It may be anything, such as a spreadsheet by mistake."""
    file = tmp_path / "notes.txt"
    file.write_text("somebody's notes " * 100)
    monkeypatch.setenv("GATESVIZ_DATABASE", f"sqlite:///{file}")
    server = Server(tmp_path, url=f"sqlite:///{file}")
    server.train(3)
    server.keeper.store_due()
    assert server.keeper.problem.startswith("Runs can't be stored: the file that GATESVIZ_DATABASE")
    assert str(tmp_path) not in server.keeper.problem
    assert file.read_text() == "somebody's notes " * 100
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]
    assert len(caplog.records) == 1


def test_a_damaged_file_is_replaced_told_and_filled_again(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.delenv("GATESVIZ_DATABASE", raising=False)
    server = Server(tmp_path)
    run, rests = server.train(3), server.train(2, seed=8)
    server.keeper.store_due()
    for file in tmp_path.iterdir():
        file.write_bytes(b"no database at all" * 100)
    run.go(1)
    server.desk.finish()
    server.keeper.store_due()
    assert server.keeper.problem == (
        "The file of stored runs is damaged: file is not a database. A new file replaces it."
    )
    server.desk.now = 20.0
    server.keeper.store_due()
    assert server.keeper.problem == ""
    again = Server(tmp_path).back(run.spec, rests.spec)
    assert [again[each.spec].view().updates for each in (run, rests)] == [4, 2]
    assert len(caplog.records) == 1


def test_a_file_that_was_deleted_is_made_again(tmp_path):
    server = Server(tmp_path)
    server.train(3)
    server.keeper.store_due()
    for file in tmp_path.iterdir():
        file.unlink()
    run = server.train(3, seed=8)
    assert server.keeper.store_due() == 1
    assert server.keeper.problem == ""
    assert list(Server(tmp_path).back(run.spec)) == [run.spec]


def test_a_lock_delays_nobody_for_long_and_is_told_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(stored_runs, "BUSY", 0.01)
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    blocking = sqlite3.connect(tmp_path / "runs.sqlite3", isolation_level=None)
    blocking.execute("PRAGMA locking_mode=EXCLUSIVE")
    blocking.execute("BEGIN EXCLUSIVE")
    run.go(1)
    server.desk.finish()
    for _ in range(3):
        assert server.keeper.store_due() == 0
    assert server.keeper.problem == "Runs can't be stored: another process is writing."
    assert len(caplog.records) == 1
    blocking.execute("COMMIT")
    blocking.close()
    server.desk.now = 20.0
    assert server.keeper.store_due() == 1
    assert server.keeper.problem == ""


def test_a_full_disk_is_told_and_runs_are_stored_once_there_is_space(tmp_path, monkeypatch):
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    full = [True]
    original = stored_runs.file_engine

    def limited(url, **options):
        engine = original(url, **options)

        @event.listens_for(engine, "connect")
        def bound(connection, _):
            if full[0]:
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count = {pages}")

        return engine

    monkeypatch.setattr(stored_runs, "file_engine", limited)
    server.store._engine = None
    others = [server.train(3, seed=seed, hidden_size=30) for seed in (5, 6)]
    server.keeper.store_due()
    assert server.keeper.problem == "Runs can't be stored: the disk is full."
    full[0] = False
    server.keeper.store_due()
    assert server.keeper.problem == ""
    again = Server(tmp_path).back(run.spec, *(other.spec for other in others))
    assert len(again) == 3


def test_a_folder_that_cannot_be_written_is_told_without_its_path(tmp_path):
    (tmp_path / "file").write_text("in the way")
    server = Server(tmp_path / "file" / "results")
    server.train(3)
    server.keeper.store_due()
    assert server.keeper.problem == "Runs can't be stored: not a directory."


@pytest.mark.parametrize("url", ["mysql//secret", "postgresql://me:secret@host:port/x"])
def test_a_url_that_is_none_is_told_and_ends_nothing(url, caplog):
    store = RunStore(url)
    assert store.find("ada") is None
    assert store.problem == "Runs can't be stored: the database doesn't answer."
    assert "secret" not in store.problem + caplog.text


def test_a_run_is_not_lost_while_the_database_does_not_answer(tmp_path, monkeypatch):
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    again = Server(tmp_path)
    [found] = again.keeper.find("ada", [run.spec]).values()
    with monkeypatch.context() as failing:
        failing.setattr(again.store, "_with", lambda act: None)
        assert again.keeper.restore(found, run.spec, "tab") == "later"
    assert again.keeper.restore(found, run.spec, "tab") == "restored"
    assert again.desk.sessions.of("tab")[0].view().updates == 3


def test_a_run_waits_while_there_are_too_many(tmp_path, monkeypatch):
    server = Server(tmp_path)
    run = server.train(3)
    server.keeper.store_due()
    again = Server(tmp_path)
    [found] = again.keeper.find("ada", [run.spec]).values()
    with monkeypatch.context() as full:
        full.setattr(sessions, "RUNS_IN_ALL", Limit("runs", 0, 0))
        assert again.keeper.restore(found, run.spec, "tab") == "later"
    assert again.keeper.restore(found, run.spec, "tab") == "restored"


def test_a_run_that_has_to_wait_is_looked_for_again_after_a_while(tmp_path):
    desk = Server(tmp_path).desk
    specs = [small()]
    desk.sessions.note_sought("tab", specs)
    assert desk.sessions.sought("tab", specs) == ("ada", [])
    desk.sessions.note_later("tab", small())
    assert desk.sessions.sought("tab", specs) == ("ada", [])
    desk.now += sessions.AGAIN
    assert desk.sessions.sought("tab", specs) == ("ada", specs)


def test_a_database_that_does_not_answer_is_told_without_its_address(caplog):
    store = RunStore("postgresql+psycopg://me:secret@127.0.0.1:1/gates")
    assert store.find("ada") is None
    assert store.problem == "Runs can't be stored: the database doesn't answer."
    assert "secret" not in caplog.text
    store._engine = None  # not asked again at once
    assert store.find("ada") is None
    assert store._engine is None


def test_an_engine_stores_its_runs_when_it_stops_and_finds_them_when_it_starts(tmp_path):
    url = f"sqlite:///{tmp_path}/runs.sqlite3"

    def opened():
        engine = Engine(Hands(), open_store=lambda: RunStore(url)).start()
        engine.watch("tab", "ada", lambda: True)
        return engine

    first = opened()
    run = first.run(first.submit(small(), "tab", 20, go=False, resumable=True))
    run.take_up(*_taken(5))
    first.stop()
    second = opened()
    try:
        ready = threading.Event()
        while not (found := second.find_stored("tab", [small()])):
            assert not ready.wait(0.01)
        assert second.find_stored("tab", [small()]) == {}  # one look for each session and spec
        second.restore("tab", found)
        [again] = second.runs("tab")
        assert (again.view().updates, second.lost("tab"), second.problem) == (5, {}, "")
    finally:
        second.stop()


def test_an_error_of_the_keeper_ends_nothing(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(run_keeper, "LOOK", 0.001)
    server, calls, enough = Server(tmp_path), [], threading.Event()

    def bad():
        calls.append(1)
        if len(calls) > 2:
            enough.set()
        raise RuntimeError("no store")

    keeper = RunKeeper(server.desk.sessions, server.desk.queue, bad)
    keeper.start()
    assert enough.wait(10)
    keeper.stop()
    assert "runs could not be stored" in caplog.text


def _taken(updates):
    from gatesviz.training import History

    state, snapshots = plain(updates)
    return state, History(small()).add(snapshots)

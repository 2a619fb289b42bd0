"""Results on disk: they come back as they were, whatever happens to the file."""

import dataclasses
import json
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gatesviz.experiments import Machine, Result, Store, Trial
from gatesviz.experiments import store as store_module
from gatesviz.experiments.store import results_store
from gatesviz.limits import Limit
from gatesviz.storage import BACKUPS, ENDINGS, set_aside
from gatesviz.training import own_text
from tests.serving import ROOT
from tests.training.making import small


def made(seed: int = 0, updates: int = 50, **changes: object) -> Result:
    """Return a result with odd numbers in it."""
    norms = np.array([1e-42, 3.4e38, 0.1] * updates, np.float32)[:updates]
    return Result(
        trial=Trial(small(seed=seed, **changes), 1_000),
        solved_at=32,
        stopped="",
        losses=norms[::-1].copy(),
        gradient_norms=norms,
        scored=np.array([1, 2, 32], np.int32),
        scores=np.array([0.1, np.nan, 1.0]),
        train_scores=np.array([0.2, np.nan, 1.0]),
        weights=np.arange(5, dtype=np.float32),
        measured="2026-11-21T10:00:00+00:00",
        machine=Machine(2, "2.13.0", "this machine"),
    )


def same(one: Result | None, other: Result) -> bool:
    assert one is not None
    fields = [field.name for field in dataclasses.fields(Result)]
    pairs = [(getattr(one, name), getattr(other, name)) for name in fields]
    return all(
        (a.dtype, a.tobytes()) == (b.dtype, b.tobytes()) if isinstance(a, np.ndarray) else a == b
        for a, b in pairs
    )


def test_a_result_comes_back_to_the_bit_in_a_new_store(tmp_path):
    text = own_text("to be or not to be, that is the question; " * 8)
    for result in (made(), made(1, updates=0), made(2, task=text, length=9)):
        Store(tmp_path).put(result)
        assert same(Store(tmp_path).get(result.trial), result)
    assert Store(tmp_path).get(made(3).trial) is None
    assert str(made().machine) == "this machine, 2 cores, PyTorch 2.13.0"


def test_its_date_is_written_for_people_in_utc():
    measured = "2026-11-22T00:57:06+02:00"
    assert dataclasses.replace(made(), measured=measured).when == "2026-11-21 22:57 UTC"


def test_the_key_depends_on_all_that_the_numbers_depend_on(monkeypatch):
    trial = Trial(small(clip=1.0), 100)
    others = [Trial(small(clip=1.0, seed=4), 100), Trial(small(clip=2.0), 100), Trial(small(), 101)]
    others += [Trial(small(), 100, until_solved=False), Trial(small(gain=1.1), 100)]
    assert len({trial.key, *(other.key for other in others)}) == 6
    assert Trial(small(clip=1), 100).key == trial.key  # equal specs
    monkeypatch.setattr("gatesviz.experiments.experiment.torch_version", lambda: "9.9")
    assert Trial(small(clip=1.0), 100).key != trial.key
    with pytest.raises(ValueError, match="updates of a run: -1 is outside"):
        Trial(small(), -1)


def test_the_key_is_the_same_in_another_process():
    code = (
        "from gatesviz.experiments import Trial; from tests.training.making import small;"
        "print(Trial(small(), 7).key)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.strip() == Trial(small(), 7).key


def test_a_damaged_file_is_set_aside_and_told(tmp_path):
    store = Store(tmp_path)
    store.put(made())
    store.path.write_bytes(b"no database at all" * 100)
    again = Store(tmp_path)
    assert again.get(made().trial) is None
    assert again.problem == (
        "The file of saved results is damaged: file is not a database. A new file replaces it."
    )
    assert str(tmp_path) not in again.problem
    again.put(made())
    assert again.flush()
    assert again.problem == ""
    assert same(Store(tmp_path).get(made().trial), made())
    assert (tmp_path / "results.damaged").read_bytes().startswith(b"no database")


def test_a_file_that_is_set_aside_overwrites_and_deletes_none(tmp_path):
    kept = []
    for round_ in range(BACKUPS):
        for ending in ("", *ENDINGS):
            (tmp_path / f"a.sqlite3{ending}").write_text(f"{round_}{ending}")
        kept.append(set_aside(tmp_path / "a.sqlite3"))
    assert [path.name for path in kept[:3]] == ["a.damaged", "a.damaged2", "a.damaged3"]
    for round_, path in enumerate(kept):
        for ending in ("", *ENDINGS):
            assert Path(f"{path}{ending}").read_text() == f"{round_}{ending}"
    (tmp_path / "a.sqlite3").write_text("one too many")
    with pytest.raises(FileExistsError):
        set_aside(tmp_path / "a.sqlite3")
    assert (tmp_path / "a.sqlite3").read_text() == "one too many"


class Trap:
    """What a pickle that runs code is made of."""

    def __reduce__(self):
        return os.system, ("touch /tmp/gatesviz-was-here",)


@pytest.mark.parametrize(
    ("told", "arrays"),
    [
        ("not json", b""),
        ("[]", b""),
        (None, pickle.dumps(Trap())),
        ("{}", None),
        ("machine", None),
        ("solved_at", None),
    ],
)
def test_a_damaged_row_is_no_result_and_is_written_over(tmp_path, told, arrays):
    store, result = Store(tmp_path), made()
    store.put(result)
    right, right_arrays = result.serialise()
    if told in ("machine", "solved_at"):
        told = json.dumps(json.loads(right) | {told: {"cores": []}})
    with sqlite3.connect(store.path) as file:
        row = (told or right, right_arrays if arrays is None else arrays)
        file.execute("UPDATE results SET told = ?, arrays = ?", row)
    file.close()
    assert Store(tmp_path).get(result.trial) is None
    assert not Path("/tmp/gatesviz-was-here").exists()
    store.put(result)
    assert same(Store(tmp_path).get(result.trial), result)


def test_arrays_of_unequal_length_or_another_trial_are_refused(tmp_path):
    store, result = Store(tmp_path), made()
    short = dataclasses.replace(result, losses=result.losses[:-1])
    store.put(short)
    assert Store(tmp_path).get(result.trial) is None
    other = made(7)
    with sqlite3.connect(store.path) as file:
        file.execute("DELETE FROM results")
        row = (result.trial.key, *other.serialise(), 1)
        file.execute("INSERT INTO results VALUES (?, ?, ?, ?)", row)
    file.close()
    assert Store(tmp_path).get(result.trial) is None


def test_the_oldest_make_room(tmp_path):
    size = sum(map(len, made(updates=1_000).serialise()))
    store = Store(tmp_path, most=100_000)
    results = [made(seed, updates=1_000) for seed in range(30)]
    for result in results:
        store.put(result)
    found = Store(tmp_path).get_all(result.trial for result in results)
    known = [result.trial in found for result in results]
    assert sum(known) == 100_000 // size > 3
    assert known == sorted(known)
    assert store.path.stat().st_size < 200_000
    assert store.problem == ""


def test_without_a_disk_results_last_in_memory_and_a_sentence_says_so(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "results")
    store.put(made())
    assert same(store.get(made().trial), made())
    assert (
        store.problem
        == "Results can't be saved now: not a directory. They are kept in memory, and saved as soon"
        " as this works again."
    )
    assert str(tmp_path) in caplog.text
    assert "GATESVIZ_RESULTS can name another folder" in caplog.text
    assert len(caplog.records) == 1


def test_results_that_wait_for_the_disk_have_a_bound_and_the_loss_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "results")
    results = [made(seed=seed) for seed in range(4)]
    text, data = results[0].serialise()
    monkeypatch.setattr(
        "gatesviz.experiments.store.PENDING_RESULT_BYTES",
        Limit("bytes", 0, int(2.5 * (len(text) + len(data)))),
    )
    for result in results:
        store.put(result)
    assert list(store._pending) == [result.trial.key for result in results[-2:]]
    assert store.problem.endswith("2 older results had no room and won't be saved.")
    assert same(store.get(results[0].trial), results[0]), "this process still has it"
    (tmp_path / "file").unlink()
    assert store.flush()
    assert store.problem == ""


def test_what_was_read_is_not_read_again(tmp_path, monkeypatch):
    Store(tmp_path).put(made())
    store = Store(tmp_path)
    assert list(store.get_all([made().trial, made(1).trial])) == [made().trial]
    monkeypatch.setattr(sqlite3, "connect", None)
    assert same(store.get(made().trial), made())


def test_a_full_disk_keeps_what_was_there(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put(made())
    connect, is_full = sqlite3.connect, [True]

    def full(*arguments, **options):
        file = connect(*arguments, **options)
        if is_full[0]:
            pages = file.execute("PRAGMA page_count").fetchone()[0]
            file.execute(f"PRAGMA max_page_count = {pages}")  # says what a full disk says
        return file

    monkeypatch.setattr(sqlite3, "connect", full)
    large = made(1, updates=40_000)
    store.put(large)
    assert store.get(made(2).trial) is None
    assert store.problem == (
        "Results can't be saved now: the disk is full. They are kept in memory, and saved as soon"
        " as this works again."
    )
    assert same(store.get(large.trial), large)  # from memory
    assert same(Store(tmp_path).get(made().trial), made())
    is_full[0] = False  # there is space again
    assert store.flush()
    assert store.problem == ""
    assert same(Store(tmp_path).get(large.trial), large)


HOLD = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_of_another_process_holds_up_no_page_and_results_are_saved_after_it(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(store_module, "TIMEOUT", 0.3)
    monkeypatch.setattr(store_module, "PAUSE", 0.1)
    store, results = Store(tmp_path), [made(seed) for seed in range(8)]
    store.put(results[0])
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        store.put(results[1])
        assert not store.flush()
        began = time.monotonic()
        for result in results[2:]:
            store.put(result)  # does not wait for the disk any more
        assert time.monotonic() - began < 0.2
        assert store.problem.startswith("Results can't be saved now: another process is writing.")
        assert same(store.get(results[5].trial), results[5])
        other.communicate()
    assert store.flush()
    found = Store(tmp_path).get_all(result.trial for result in results)
    assert len(found) == len(results)
    assert store.problem == ""
    assert len(caplog.records) == 1


def test_a_result_that_meets_a_damaged_file_is_saved_in_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "PAUSE", 0.05)
    store = Store(tmp_path)
    tmp_path.joinpath("results.sqlite3").write_bytes(b"no database at all" * 100)
    store.put(made())
    assert store._idle.wait(10)  # its thread tries again
    assert same(Store(tmp_path).get(made().trial), made())


def test_a_page_waits_once_for_a_locked_file_and_says_so(tmp_path, monkeypatch):
    store, other, result = Store(tmp_path), Store(tmp_path), made()
    other.put(result)
    now, tries, connect = [100.0], [], sqlite3.connect
    monkeypatch.setattr(store_module, "READ_TIMEOUT", 0.01)
    monkeypatch.setattr(store_module, "monotonic", lambda: now[0])
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: (tries.append(o), connect(*a, **o))[1])
    blocking = connect(other.path, isolation_level=None)
    blocking.execute("BEGIN EXCLUSIVE")
    for _ in range(3):
        assert store.get(result.trial) is None
    assert tries == [{"timeout": 0.01}]
    assert store.problem.startswith("Saved results can't be read now: another process is writing.")
    blocking.execute("COMMIT")
    blocking.close()
    now[0] += store_module.PAUSE + 1
    assert same(store.get(result.trial), result)
    assert store.problem == ""


def test_several_at_once_lose_nothing(tmp_path):
    results = [made(seed) for seed in range(24)]
    with ThreadPoolExecutor(6) as pool:
        stores = [Store(tmp_path) for _ in results]
        list(pool.map(Store.put, stores, results))
    assert all(store.flush() for store in stores)
    store = Store(tmp_path)
    assert all(same(store.get(result.trial), result) for result in results)


def test_a_trial_is_claimed_by_one_until_it_falls_silent(tmp_path, monkeypatch):
    store, trial, now = Store(tmp_path), made().trial, [100.0]
    monkeypatch.setattr("gatesviz.experiments.store.monotonic", lambda: now[0])
    assert store.reserve(trial, "ada")
    assert store.reserve(trial, "ada")
    assert not store.reserve(trial, "bob")
    store.release(trial, "bob")  # not his
    assert not store.reserve(trial, "bob")
    now[0] += 60
    assert store.reserve(trial, "bob")
    store.release(trial, "bob")
    assert store.reserve(trial, "ada")


def test_the_folder_is_named_by_the_environment_or_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path / "here"))
    assert results_store().folder == tmp_path / "here"
    assert results_store() is results_store()
    assert not (tmp_path / "here").exists()  # only once something is store
    monkeypatch.delenv("GATESVIZ_RESULTS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "gatesviz" in results_store().folder.parts
    results_store().put(made())
    assert stat.S_ISREG((results_store().path).stat().st_mode)

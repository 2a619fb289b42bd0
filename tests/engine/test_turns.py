"""Who comes next, and that it comes out as the plain fold, without any process."""

from dataclasses import replace

import numpy as np

from tests.engine.hands import Desk, WorkerDiedError, plain
from tests.training.making import bits, told


def test_a_run_is_the_plain_fold_to_the_bit():
    desk = Desk()
    run = desk.submit(updates=60)
    desk.finish()
    view, (state, snapshots) = run.view(), plain(60)
    assert (view.status, view.updates) == ("finished", 60)
    assert view.slices > 2
    assert bits(view.state) == bits(state)
    np.testing.assert_array_equal(view.history.losses, np.float32([s.loss for s in snapshots]))
    kept = {s.update: s for s in snapshots}
    for update, weights in view.history.weights.items():
        assert weights.tobytes() == told(kept[update])[-1]


def test_twelve_runs_come_in_turn(monkeypatch):
    """Jain's index of the slices given so far, (Σx)² / (n Σx²), is 1 when all have as many."""
    desk = Desk(slots=3)
    steady(desk, monkeypatch)
    runs = [desk.submit(owner=f"student {k}", updates=5_000, seed=k) for k in range(12)]
    for turn in range(150):
        desk.tend()
        desk.pool.land()
        x = np.array([run.view().slices for run in runs], float)
        assert x.max() - x.min() <= 1 + (turn < 12)
    assert x.sum() == 150 - len(desk.dispatcher._landed)
    assert x.sum() ** 2 / (12 * (x**2).sum()) > 0.99


def test_waiting_runs_know_how_many_are_before_them():
    desk = Desk(slots=2)
    runs = [desk.submit(owner=f"student {k}") for k in range(5)]
    desk.tend()
    assert [run.view().status for run in runs] == ["running"] * 2 + ["waiting"] * 3
    assert [run.view().before for run in runs] == [0, 0, 2, 3, 4]


def test_slices_are_shorter_where_many_wait():
    """Four times at most: then even thirty people see theirs go on."""
    asked = []
    desk = Desk(slots=1)
    for k in range(12):
        run = desk.submit(owner=f"student {k}", seed=k)
        depart = run.depart
        run.depart = lambda seconds, depart=depart: (asked.append(seconds), depart(seconds))[1]
    for _ in range(12):
        desk.tend()
        desk.pool.land()
        for run in desk.sessions.all():
            run.pause()
    seconds = desk.backend.seconds
    assert asked[0] == seconds / 4
    assert desk.dispatcher._seconds() == seconds


def shares(desk, runs, turns):
    """Return how many slices each of ``runs`` got while ``turns`` slices came back."""
    before = [run.view().slices for run in runs]
    for _ in range(turns):
        desk.tend()
        desk.pool.land()
    desk.tend()
    return [run.view().slices - was for run, was in zip(runs, before, strict=True)]


def steady(desk, monkeypatch):
    """Let every slice take the time that was planned for it."""
    monkeypatch.setattr(desk.dispatcher, "_charge", lambda sent, outcome: None)


def test_people_share_and_not_their_tabs_or_runs(monkeypatch):
    desk = Desk(slots=1)
    steady(desk, monkeypatch)
    for tab in range(20):
        desk.sessions.watch(f"tab {tab}", "greedy", None)
    greedy = [desk.submit(f"tab {k % 20}", updates=9_000, seed=k) for k in range(22)]
    desk.sessions.watch("one tab", "modest", None)
    modest = desk.submit("one tab", updates=9_000, seed=99)
    shares(desk, greedy, 40)  # everybody has begun
    *taken, given = shares(desk, [*greedy, modest], 48)
    assert abs(given - 24) <= 1
    assert max(taken) - min(taken) <= 1  # and her own runs share her half


def test_a_newcomer_has_the_next_slice_beside_many_runs_of_one_person(monkeypatch):
    desk = Desk(slots=1)
    steady(desk, monkeypatch)
    for tab in range(4):
        desk.sessions.watch(f"tab {tab}", "greedy", None)
    greedy = [desk.submit(f"tab {k % 4}", updates=9_000, seed=k) for k in range(20)]
    shares(desk, greedy, 100)
    new = desk.submit("new", updates=9_000, seed=99)
    desk.pool.land()  # the slice under way
    desk.tend()
    desk.pool.land()
    desk.tend()
    assert new.view().updates


def test_a_run_without_updates_comes_before_all_that_have_some(monkeypatch):
    desk = Desk(slots=1)
    steady(desk, monkeypatch)
    runs = [desk.submit(f"student {k}", updates=9_000, seed=k) for k in range(6)]
    shares(desk, runs, 30)
    late = [desk.submit(f"late {k}", updates=9_000, seed=50 + k) for k in range(3)]
    assert [run.view().before for run in late] == [1, 2, 3]
    shares(desk, late, 4)
    assert all(run.view().updates for run in late)
    assert late[0].view().before >= 3  # from then on it waits as the others do


def test_a_slice_that_took_long_counts_as_long():
    desk = Desk(slots=1)
    slow, quick = (desk.submit(name, updates=9_000, seed=k) for k, name in enumerate(("a", "b")))
    seconds, charge = {"a": 0.01, "b": 0.001}, desk.dispatcher._charge  # planned are 0.002
    desk.dispatcher._charge = lambda sent, outcome: charge(
        sent, outcome and replace(outcome, seconds=seconds[sent.run.owner])
    )
    few, many = shares(desk, [slow, quick], 60)
    assert 4 <= many / few <= 6  # 0.01 s against 0.002 s


def test_a_lost_slice_is_not_counted():
    desk = Desk(slots=1)
    run = desk.submit("ada", updates=9_000)
    desk.submit("bob", updates=9_000, seed=2)
    shares(desk, [run], 6)
    while not run.awaits(desk.pool.calls[0][2]):
        desk.pool.land()
        desk.tend()
    desk.pool.crash(WorkerDiedError())
    desk.tend()
    assert run.awaits(desk.pool.calls[0][2])

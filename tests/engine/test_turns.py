"""Who comes next, and that it comes out as the plain fold, without any process."""

import numpy as np

from tests.engine.hands import Desk, plain
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


def test_twelve_runs_come_in_turn():
    """Jain's index of the slices given so far, (Σx)² / (n Σx²), is 1 when all have as many."""
    desk = Desk(slots=3)
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

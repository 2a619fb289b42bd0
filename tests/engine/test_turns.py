"""Who comes next, what a person asks of a run, and what is lost, without any process."""

import dataclasses
import time
from concurrent.futures import BrokenExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatesviz.engine import Engine
from gatesviz.limits import RUNS_EACH, RUNS_IN_ALL
from gatesviz.training import advance, start, with_learning_rate
from tests.engine.hands import Desk, Hands, WorkerDiedError
from tests.training.making import bits, small, told


def plain(updates, **changes):
    return advance(start(small(**changes)), updates)


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
    assert x.sum() == 150 - len(desk.flights._landed)
    assert x.sum() ** 2 / (12 * (x**2).sum()) > 0.99


def test_waiting_runs_know_how_many_are_before_them():
    desk = Desk(slots=2)
    runs = [desk.submit(owner=f"student {k}") for k in range(5)]
    desk.tend()
    assert [run.view().status for run in runs] == ["running"] * 2 + ["waiting"] * 3
    assert [run.view().before for run in runs] == [0, 0, 2, 3, 4]


def test_a_killed_worker_costs_one_slice_and_no_bit():
    desk = Desk()
    run, other = desk.submit(updates=40), desk.submit(owner="bob", updates=40, seed=4)
    for _ in range(3):
        desk.tend()
        desk.pool.crash(WorkerDiedError(), at=0)
        desk.tend()
        desk.pool.land(0)
        desk.tend()
        desk.pool.land(0)
    desk.finish()
    assert run.view().lost + other.view().lost == 3
    assert "process died" in run.view().message
    for view, seed in ((run.view(), 3), (other.view(), 4)):
        assert view.status == "finished"
        assert bits(view.state) == bits(plain(40, seed=seed)[0])


def test_a_run_that_kills_every_worker_rests_and_can_go_on():
    desk = Desk()
    run = desk.submit()
    for _ in range(3):
        desk.tend()
        desk.pool.crash(WorkerDiedError())
    desk.tend()
    assert run.view().status == "paused"
    assert "3 times in a row" in run.view().message
    run.go()
    desk.finish()
    assert bits(run.view().state) == bits(plain(20)[0])


def test_a_broken_pool_is_opened_anew_and_order_is_kept():
    desk = Desk()
    runs = [desk.submit(owner=f"student {k}", seed=k) for k in range(4)]
    desk.tend()
    desk.pool.crash(BrokenExecutor("all dead"))
    desk.tend()
    assert len(desk.place.opened) == 2
    assert [piece.origin.seed for _, _, piece in desk.pool.calls] == [0, 1]
    desk.place.opened[0].crash(BrokenExecutor("all dead"))
    desk.tend()
    assert len(desk.place.opened) == 2  # the other slice's news is no news
    desk.finish()
    for k, run in enumerate(runs):
        assert bits(run.view().state) == bits(plain(20, seed=k)[0])


def test_a_result_of_a_pool_that_is_gone_is_not_taken():
    desk = Desk(slots=1)
    run = desk.submit()
    desk.tend()
    old, old.alive = desk.pool, False
    desk.tend()
    old.land()
    desk.tend()
    assert run.view().slices == 0
    desk.finish()
    assert bits(run.view().state) == bits(plain(20)[0])


def test_a_cluster_that_went_away_keeps_the_last_state_and_is_asked_again():
    desk = Desk(rebuilds=False)
    run = desk.submit()
    for _ in range(2):
        desk.tend()
        desk.pool.land()
    desk.tend()
    made = run.view().updates
    desk.pool.alive = desk.place.reachable = False
    desk.tend()
    assert (run.view().status, run.view().message) == ("paused", "the pool broke")
    run.go()
    desk.tend()
    assert (run.view().status, run.view().message) == ("paused", "nobody answers")
    assert run.view().updates == made > 0
    desk.place.reachable = True
    run.go()
    desk.finish()
    assert bits(run.view().state) == bits(plain(20)[0])


def test_a_fault_of_the_engine_is_told_and_does_not_stop_it(monkeypatch, caplog):
    place = Hands()
    engine = Engine(place).start()
    run = engine.run(engine.submit(small(), "ada", 20))
    with monkeypatch.context() as patch:
        patch.setattr(place, "alive", lambda _: 1 / 0)
        while run.view().busy:
            time.sleep(0.01)
    assert "ZeroDivisionError" in run.view().message
    assert "ZeroDivisionError" in caplog.text
    run.go()
    while not place.opened[-1].calls:
        time.sleep(0.01)
    engine.stop()
    assert run.view().status == "cancelled"
    with pytest.raises(ValueError, match="being stopped"):
        engine.submit(small(), "ada", 20)


def test_a_runaway_slice_lets_the_run_rest():
    desk = Desk()
    run = desk.submit()
    desk.tend()
    desk.pool.crash(TimeoutError())
    desk.tend()
    assert run.view().status == "paused"
    assert "too long" in run.view().message


def test_an_error_of_its_own_ends_a_run_with_a_sentence():
    desk = Desk()
    run = desk.submit()
    desk.tend()
    desk.pool.crash(ValueError("the state's streams are damaged"))
    desk.tend()
    assert run.view().status == "failed"
    assert run.view().message.endswith("ValueError: the state's streams are damaged")
    with pytest.raises(ValueError, match="this run is failed: training stopped"):
        run.go()
    run.reset()
    run.go()
    desk.finish()
    assert run.view().status == "finished"


def test_a_loss_that_is_not_finite_fails_the_run_and_keeps_the_state():
    desk = Desk()
    run = desk.submit(optimiser="sgd", learning_rate=10, clip=None, updates=400, cell="rnn_tanh")
    run.pause()
    desk.finish()
    weights = np.full_like(run.view().state.weights, np.float32(3e38))
    run._state = dataclasses.replace(run.view().state, weights=weights)
    run.go()
    desk.finish()
    view = run.view()
    assert view.status == "failed"
    assert view.message == view.state.stopped
    assert view.state.weights.tobytes() == weights.tobytes()


def test_pause_takes_no_further_slice_and_one_update_is_one():
    desk = Desk()
    run = desk.submit()
    desk.tend()
    run.pause()
    assert run.view().status == "paused"
    desk.finish()
    made = run.view().updates
    assert made == 2  # the slice that was away
    run.go(1)
    run.go(1)
    desk.finish()
    assert (run.view().updates, run.view().status) == (made + 2, "paused")
    run.go()
    desk.finish()
    assert run.view().status == "finished"
    run.go(5)
    desk.finish()
    assert (run.view().updates, run.view().status) == (25, "finished")
    assert bits(run.view().state) == bits(plain(25)[0])


def test_reset_while_a_slice_is_away_forgets_it():
    desk = Desk(slots=1)
    run = desk.submit()
    desk.tend()
    desk.pool.land()
    desk.tend()
    run.reset()
    assert (run.view().updates, run.view().state) == (0, None)
    desk.finish()
    assert (run.view().updates, run.view().status) == (0, "paused")
    assert bits(run.view().state) == bits(start(small()))


def test_learning_rate_changes_live_and_is_replayable():
    desk = Desk()
    run = desk.submit(updates=20)
    run.set_learning_rate(0.03)
    desk.tend()
    run.set_learning_rate(0.05)
    assert run.view().learning_rate == 0.05
    desk.finish()
    state = with_learning_rate(start(small()), 0.03)
    state, _ = advance(state, 2)
    state, _ = advance(with_learning_rate(state, 0.05), 18)
    assert bits(run.view().state) == bits(state)
    with pytest.raises(ValueError, match="learning rate: nan given"):
        run.set_learning_rate(float("nan"))


def test_two_owners_do_not_touch():
    desk = Desk()
    ada, bob = desk.submit("ada", seed=1), desk.submit("bob", seed=2)
    desk.tend()
    bob.set_learning_rate(0.5)
    bob.cancel()
    desk.finish()
    assert bits(ada.view().state) == bits(plain(20, seed=1)[0])
    assert bob.view().status == "cancelled"
    assert [run.spec.seed for run in desk.owners.of("ada")] == [1]


def test_nobody_looking_lets_runs_rest_and_leaving_ends_them():
    desk = Desk(grace=90)
    stays, silent, gone = (desk.submit(name) for name in ("stays", "silent", "gone"))
    desk.owners.left("gone")
    desk.now = 89
    desk.tend()
    assert gone.view().busy
    desk.owners.seen("stays")
    desk.now = 91
    desk.tend()
    assert [run.status for run in (silent, gone)] == ["paused", "cancelled"]
    assert "nobody looked" in silent.view().message
    assert stays.view().busy
    assert desk.owners.of("gone") == ()
    desk.now = 1_801
    desk.tend()
    assert silent.status == "cancelled"
    with pytest.raises(ValueError, match="there is no run"):
        desk.owners.get(silent.run_id)


def test_a_reload_within_the_grace_keeps_the_runs():
    desk = Desk(grace=90)
    run = desk.submit("ada")
    desk.owners.left("ada")
    desk.now = 60
    desk.owners.seen("ada")
    desk.now = 120
    desk.tend()
    assert run.view().busy


def test_one_person_has_a_bounded_share():
    desk = Desk()
    runs = [desk.submit() for _ in range(RUNS_EACH.high)]
    with pytest.raises(ValueError, match="runs of one person at a time: 7 given, 1 to 6 allowed"):
        desk.submit()
    assert desk.submit("bob").view().busy
    runs[2].cancel()
    desk.submit()  # the one that is over makes room
    assert runs[2] not in desk.owners.of("ada")
    assert len(desk.owners.of("ada")) == RUNS_EACH.high


def test_everybody_together_has_a_bounded_share_and_the_deserted_go_first():
    desk = Desk()
    for k in range(RUNS_IN_ALL.high):
        run = desk.submit(f"student {k}")
        run.run_id = f"{k}"
        desk.owners._runs = {r.run_id: r for r in desk.owners.all()}
    with pytest.raises(ValueError, match="runs of everybody at a time: 121 given"):
        desk.submit("late")
    desk.now = 100
    for k in range(1, RUNS_IN_ALL.high):
        desk.owners.seen(f"student {k}")
    assert desk.submit("late").view().busy
    assert desk.owners.of("student 0") == ()


COMMANDS = st.lists(
    st.sampled_from(
        ["go", "one", "ten", "pause", "reset", "rate", "tend", "land", "die", "break", "late"]
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(COMMANDS)
def test_no_order_of_clicks_and_deaths_changes_a_bit(commands):
    """Whatever happens, what comes out is what its own record of rates replays to."""
    desk = Desk(slots=2)
    run, other = desk.submit(updates=12), desk.submit("bob", updates=12, seed=4)
    clicks = {"go": run.go, "pause": run.pause, "reset": run.reset, "tend": desk.tend}
    clicks |= {"one": lambda: run.go(1), "ten": lambda: run.go(10)}
    clicks |= {"rate": lambda: run.set_learning_rate(0.02)}
    errors = {"die": WorkerDiedError(), "break": BrokenExecutor(), "late": TimeoutError()}
    desk.tend()
    for command in commands:
        if command in clicks:
            clicks[command]()
        elif desk.pool.calls and command == "land":
            desk.pool.land()
        elif desk.pool.calls:
            desk.pool.crash(errors[command])
        assert run.view().updates == (run.view().state.updates if run.view().state else 0)
    desk.tend()  # takes in what has landed
    run.go()
    other.go()
    desk.finish()
    for each, seed in ((run, 3), (other, 4)):
        view = each.view()
        assert view.status == "finished"
        state, changes = start(small(seed=seed)), dict(view.state.rates)
        for update in range(view.updates):
            state = with_learning_rate(state, changes.get(update, state.learning_rate))
            state, _ = advance(state, 1)
        assert state.weights.tobytes() == view.state.weights.tobytes()

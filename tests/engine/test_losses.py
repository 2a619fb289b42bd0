"""What dies, breaks, hangs or goes wrong, and what a run loses by it, without any process."""

import dataclasses
import time
from concurrent.futures import BrokenExecutor

import numpy as np
import pytest

from gatesviz.engine import Engine
from gatesviz.engine.dispatcher import FAILED
from gatesviz.engine.scheduler import FAULT
from tests.engine.hands import Desk, Hands, WorkerDiedError, plain
from tests.training.making import bits, small


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
    assert len(desk.backend.opened) == 2
    assert [piece.origin.seed for _, _, piece in desk.pool.calls] == [0, 1]
    desk.backend.opened[0].crash(BrokenExecutor("all dead"))
    desk.tend()
    assert len(desk.backend.opened) == 2  # the other slice's news is no news
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
    desk.pool.alive = desk.backend.reachable = False
    desk.tend()
    assert (run.view().status, run.view().message) == ("paused", "the pool broke")
    run.go()
    desk.tend()
    assert (run.view().status, run.view().message) == ("paused", "nobody answers")
    assert run.view().updates == made > 0
    desk.backend.reachable = True
    run.go()
    desk.finish()
    assert bits(run.view().state) == bits(plain(20)[0])


@pytest.mark.parametrize("step", ["open", "slots", "alive"])
def test_a_fault_of_the_engine_is_told_and_does_not_stop_it(step, monkeypatch, caplog):
    """Whether it happens at the start, with the pool or in the queue."""
    monkeypatch.setattr("gatesviz.engine.scheduler.TICK", 0.01)
    place = Hands()
    with monkeypatch.context() as patch:
        patch.setattr(place, step, lambda *_: 1 / 0)
        engine = Engine(place).start()
        until(lambda: "ZeroDivisionError" in caplog.text)
        run = engine.run(engine.submit(small(), "ada", 20))
        until(lambda: not run.view().busy)
        assert run.view().status == "paused"
        assert FAULT in run.view().message
        assert "ZeroDivisionError" not in run.view().message
    run.go()
    until(lambda: place.opened and place.opened[-1].calls)
    engine.stop()
    assert run.view().status == "cancelled"
    with pytest.raises(ValueError, match="being stopped"):
        engine.submit(small(), "ada", 20)


def until(holds):
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_a_pool_that_cannot_be_closed_is_left(monkeypatch, caplog):
    desk = Desk()
    run = desk.submit()
    desk.tend()
    monkeypatch.setattr(desk.backend, "close", lambda _: 1 / 0)
    desk.pool.crash(BrokenExecutor("all dead"))
    desk.tend()
    assert len(desk.backend.opened) == 2
    until(lambda: "ZeroDivisionError" in caplog.text)
    desk.finish()
    assert bits(run.view().state) == bits(plain(20)[0])


def test_a_runaway_slice_lets_the_run_rest():
    desk = Desk()
    run = desk.submit()
    desk.tend()
    desk.pool.crash(TimeoutError())
    desk.tend()
    assert run.view().status == "paused"
    assert "too long" in run.view().message


def test_an_error_of_its_own_ends_a_run_with_a_sentence(caplog):
    desk = Desk()
    run = desk.submit()
    desk.tend()
    desk.pool.crash(RuntimeError("in /srv/secret/place.py"))
    desk.tend()
    assert run.view().status == "failed"
    assert run.view().message == FAILED
    assert "/srv/secret/place.py" in caplog.text
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

"""What a person asks of a run, in any order, without any process."""

from concurrent.futures import BrokenExecutor
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatesviz.training import advance, start, with_learning_rate
from tests.engine.hands import Desk, WorkerDiedError, plain
from tests.training.making import bits, small


def test_pause_takes_no_further_slice_and_one_update_is_one():
    desk = Desk()
    run = desk.submit()
    desk.tend()
    run.pause()
    assert run.view().status == "pausing"
    assert run.view().busy
    assert not run.view().going
    desk.finish()
    assert run.view().status == "paused"
    assert not run.view().busy
    made = run.view().updates
    assert made == 1  # the slice that was away
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


def test_a_pausing_run_can_go_on_or_finish():
    desk = Desk()
    run = desk.submit(updates=2)  # slices of 1
    desk.tend()
    run.pause()
    run.go()
    assert run.view().status == "running"
    desk.pool.land()
    desk.tend()
    run.pause()
    assert (run.view().updates, run.view().status) == (1, "pausing")
    desk.finish()
    assert (run.view().updates, run.view().status) == (2, "finished")


def test_a_run_that_waits_and_one_that_only_begins_are_paused_at_once():
    desk = Desk(slots=1)
    first, second = desk.submit(), desk.submit("bob", seed=4)
    desk.tend()
    second.pause()
    assert (first.view().status, second.view().status) == ("running", "paused")
    first.reset()
    desk.tend()  # a slice without updates makes its first state
    assert (first.view().status, first.view().state) == ("paused", None)


def test_a_page_waits_for_the_first_update_and_not_for_one_that_never_comes():
    desk, seen = Desk(slots=1), []
    run = desk.submit()
    assert not run.await_update(0.0)
    page = Thread(target=lambda: seen.append(run.await_update(20.0)), daemon=True)
    page.start()
    desk.tend()
    assert not run.await_update(0.0)
    desk.pool.land()
    desk.tend()
    page.join(20.0)
    assert seen == [True]
    assert run.view().updates == 1
    run.reset()
    assert run.await_update(0.0)
    desk.finish()
    run.go()
    assert not run.await_update(0.0)
    desk.tend()
    run.pause()
    assert not run.await_update(0.0)  # the slice that is away still comes back
    run.reset()
    assert run.await_update(0.0)
    run.go()
    run.cancel()
    assert run.await_update(0.0)


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
    state, _ = advance(state, 1)
    state, _ = advance(with_learning_rate(state, 0.05), 19)
    assert bits(run.view().state) == bits(state)
    with pytest.raises(ValueError, match="learning rate: nan is outside"):
        run.set_learning_rate(float("nan"))


OTHER = plain(8, seed=4)[0]
COMMANDS = st.lists(
    st.sampled_from(
        ["go", "one", "ten", "pause", "reset", "rate", "tend", "land", "die", "break", "late"]
    ),
    max_size=25,
)


@settings(max_examples=15)
@given(COMMANDS)
def test_no_order_of_clicks_and_deaths_changes_a_bit(commands):
    """Whatever happens, what comes out is what its own record of rates replays to."""
    desk = Desk(slots=2)
    run, other = desk.submit(updates=8), desk.submit("bob", updates=8, seed=4)
    clicks = {"go": run.go, "pause": run.pause, "reset": run.reset, "tend": desk.tend}
    clicks |= {"one": lambda: run.go(1), "ten": lambda: run.go(10)}
    clicks |= {"rate": lambda: run.set_learning_rate(0.02)}
    errors = {"die": WorkerDiedError(), "break": BrokenExecutor(), "late": TimeoutError()}
    desk.tend()
    for command in commands:
        before = run.view()
        if command in clicks:
            clicks[command]()
        elif desk.pool.calls and command == "land":
            desk.pool.land()
        elif desk.pool.calls:
            desk.pool.crash(errors[command])
        assert run.view().updates == (run.view().state.updates if run.view().state else 0)
        if command == "land" and not before.busy:
            assert run.view().updates == before.updates, "a run at rest made an update"
    desk.tend()  # takes in what has landed
    run.go()
    other.go()
    desk.finish()
    assert bits(other.view().state) == bits(OTHER)
    assert (run.view().status, other.view().status) == ("finished", "finished")
    assert run.view().state.weights.tobytes() == replayed(run.view()).weights.tobytes()


def replayed(view):
    """Train again, without any engine, at the rates that the view tells."""
    state, rates = start(small()), dict(view.rates)
    for update, rate in sorted(rates.items()):
        if update < view.updates:
            if update > state.updates:
                state, _ = advance(state, update - state.updates)
            state = with_learning_rate(state, rate)
    return advance(state, view.updates - state.updates)[0]

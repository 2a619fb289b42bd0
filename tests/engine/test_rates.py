"""Learning rates that change under way, and runs that were saved and go on."""

from dataclasses import replace

import pytest

from gatesviz.engine import change_together
from gatesviz.training import History, advance, start, with_learning_rate
from tests.engine.hands import Desk
from tests.training.making import bits, small


def replayed(view, **changes):
    """The same updates one by one, at the rates that the view tells."""
    state, rates = start(small(**changes)), dict(view.rates)
    for update in range(view.updates):
        state = with_learning_rate(state, rates.get(update, state.learning_rate))
        state, _ = advance(state, 1)
    return state


def test_changes_planned_for_an_update_cut_the_slices_there():
    desk = Desk()
    run = desk.submit(updates=20)
    assert run.follow(((12, 0.5), (7, 0.03), (9, 0.03)))
    assert run.view().rates == ((7, 0.03), (12, 0.5))  # at 9 nothing changes
    desk.finish()
    view = run.view()
    assert view.state.rates == view.rates == ((7, 0.03), (12, 0.5))
    assert view.state.weights.tobytes() == replayed(view).weights.tobytes()
    assert view.history.rates == ((1, 0.01), (8, 0.03), (13, 0.5))


def test_what_is_made_cannot_follow_another_plan():
    desk = Desk()
    run = desk.submit(updates=20)
    desk.tend()
    assert run.begun == 1  # at a worker
    assert not run.follow(((0, 0.03),))
    assert run.follow(((1, 0.03),))
    version = run.view().version
    assert run.follow(((1, 0.03),))
    assert run.view().version == version
    with pytest.raises(ValueError, match="update 1 has begun: its learning rate stays"):
        run.set_learning_rate(0.5, 0)
    with pytest.raises(ValueError, match="learning rate: 11 is outside"):
        run.follow(((1, 0.03), (5, 11.0)))
    desk.finish()
    assert run.view().rates == ((1, 0.03),)


def test_runs_change_together_where_none_has_begun():
    desk = Desk()
    fast, slow = desk.submit(updates=20), desk.submit(updates=20, cell="rnn_tanh")
    fast.pause()
    slow.pause()
    fast.go(6)
    desk.finish()
    slow.go(2)
    desk.tend()
    assert change_together([fast, slow], 0.05) == 6
    slow.go()
    fast.go()
    desk.finish()
    for run, cell in ((fast, "lstm"), (slow, "rnn_tanh")):
        view = run.view()
        assert (view.updates, view.rates) == (20, ((6, 0.05),))
        assert view.state.weights.tobytes() == replayed(view, cell=cell).weights.tobytes()


def test_a_saved_run_goes_on_as_if_it_had_never_been_away():
    desk = Desk()
    state, snapshots = advance(start(small()), 5)
    history = History(small()).add(snapshots)
    state = with_learning_rate(state, 0.03)
    run = desk.submit(updates=4)
    desk.tend()
    run.take_up(state, history)
    assert (run.view().updates, run.view().status, run.view().end) == (5, "finished", 5)
    run.go(3)
    desk.finish()  # the slice that was away counts for nothing
    assert bits(run.view().state) == bits(advance(state, 3)[0])
    assert run.view().history.updates == 8
    with pytest.raises(ValueError, match=r"^expected a run of .*, got one of "):
        desk.submit(seed=9).take_up(state, history)
    stopped = desk.submit()
    stopped.take_up(replace(state, stopped="update 6 came to a loss of nan"), history)
    assert (stopped.view().status, stopped.view().message[:8]) == ("failed", "update 6")

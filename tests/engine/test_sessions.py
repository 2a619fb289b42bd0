"""Whose runs there are, how many, and what becomes of them when nobody looks."""

import pytest

from gatesviz.limits import RUNS_EACH, RUNS_IN_ALL
from tests.engine.hands import Desk, plain
from tests.training.making import bits


def test_two_owners_do_not_touch():
    desk = Desk()
    ada, bob = desk.submit("ada", seed=1), desk.submit("bob", seed=2)
    desk.tend()
    bob.set_learning_rate(0.5)
    bob.cancel()
    desk.finish()
    assert bits(ada.view().state) == bits(plain(20, seed=1)[0])
    assert bob.view().status == "cancelled"
    assert [run.spec.seed for run in desk.sessions.of("ada")] == [1]


def test_nobody_looking_lets_runs_rest_and_leaving_ends_them():
    desk = Desk(grace=90)
    stays, silent, gone = (desk.submit(name) for name in ("stays", "silent", "gone"))
    desk.sessions.left("gone")
    desk.now = 89
    desk.tend()
    assert gone.view().busy
    desk.sessions.seen("stays")
    desk.now = 91
    desk.tend()
    assert [run.status for run in (silent, gone)] == ["paused", "cancelled"]
    assert (
        "this run paused because no page showed it. Start it to continue" in silent.view().message
    )
    assert stays.view().busy
    assert desk.sessions.of("gone") == ()
    desk.now = 1_801
    desk.tend()
    assert silent.status == "cancelled"
    with pytest.raises(ValueError, match="there is no run"):
        desk.sessions.get(silent.run_id)


def test_a_reload_within_the_grace_keeps_the_runs():
    desk = Desk(grace=90)
    run = desk.submit("ada")
    desk.sessions.left("ada")
    desk.now = 60
    desk.sessions.seen("ada")
    desk.now = 120
    desk.tend()
    assert run.view().busy


def test_one_person_has_a_bounded_share():
    desk = Desk()
    runs = [desk.submit() for _ in range(RUNS_EACH.high)]
    with pytest.raises(
        ValueError, match="simultaneous runs of one person: 7 is outside the allowed range 1 to 6"
    ):
        desk.submit()
    assert desk.submit("bob").view().busy
    runs[2].cancel()
    desk.submit()  # the one that is over makes room
    assert runs[2] not in desk.sessions.of("ada")
    assert len(desk.sessions.of("ada")) == RUNS_EACH.high


def test_everybody_together_has_a_bounded_share_and_the_deserted_go_first():
    desk = Desk()
    for k in range(RUNS_IN_ALL.high):
        run = desk.submit(f"student {k}")
        run.run_id = f"{k}"
        desk.sessions._runs = {r.run_id: r for r in desk.sessions.all()}
    with pytest.raises(ValueError, match="simultaneous runs in all: 121 is outside"):
        desk.submit("late")
    desk.now = 100
    for k in range(1, RUNS_IN_ALL.high):
        desk.sessions.seen(f"student {k}")
    looked_at, cancelled = desk.sessions.all()[1:3]
    looked_at.fail("over, but on somebody's page")
    assert desk.submit("late").view().busy
    assert desk.sessions.of("student 0") == ()
    cancelled.cancel()
    assert desk.submit("later").view().busy
    assert desk.sessions.of("student 2") == ()
    assert desk.sessions.of("student 1") == (looked_at,)


def test_present_are_those_who_were_seen_lately_and_have_not_left():
    desk = Desk(grace=90)
    for name in ("ada", "bob", "eve"):
        desk.sessions.seen(name)
    desk.sessions.left("eve")
    assert desk.sessions.present() == 2
    desk.now = 80
    desk.sessions.seen("ada")
    desk.now = 100
    assert desk.sessions.present() == 1

"""Whose runs there are, how many, and what becomes of them when nobody looks."""

import pytest

from gatesviz.engine import sessions
from gatesviz.limits import RUNS_EACH, RUNS_OF_PERSON, Limit
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
    assert (gone.status, silent.view().busy) == ("paused", True)
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


def test_one_tab_has_a_bounded_share():
    desk = Desk()
    runs = [desk.submit() for _ in range(RUNS_EACH.high)]
    with pytest.raises(
        ValueError, match="simultaneous runs of one tab: 7 is outside the allowed range 1 to 6"
    ):
        desk.submit()
    assert desk.submit("bob").view().busy
    runs[2].cancel()
    desk.submit()  # the one that is over makes room
    assert runs[2] not in desk.sessions.of("ada")
    assert len(desk.sessions.of("ada")) == RUNS_EACH.high


def test_twenty_tabs_of_one_person_lock_nobody_out():
    desk = Desk()
    run = desk.submit("bob")
    refused = []
    for tab in range(20):
        desk.sessions.watch(f"tab {tab}", "greedy", None)
        for _ in range(RUNS_EACH.high):
            try:
                desk.submit(f"tab {tab}")
            except ValueError as error:
                refused.append(str(error))
    assert len(refused) == 20 * RUNS_EACH.high - RUNS_OF_PERSON.high
    assert "simultaneous runs of one person in all tabs: 25 is outside" in refused[0]
    assert desk.submit("new").view().busy
    assert run in desk.sessions.of("bob")


def test_a_closed_tab_makes_room_for_another_tab_of_its_person():
    desk, open_tabs = Desk(), {"first"}
    for tab in ("first", "second"):
        desk.sessions.watch(tab, "ada", lambda tab=tab: tab in open_tabs)
    for k in range(RUNS_OF_PERSON.high):
        tab = f"tab {k // RUNS_EACH.high}"
        desk.sessions.watch(tab, "ada", lambda: False)
        desk.submit(tab)
    with pytest.raises(ValueError, match="of one person in all tabs"):
        desk.submit("second")
    desk.now = 1
    desk.tend()
    desk.now = 10  # nobody has connected those tabs again
    assert desk.submit("second").view().busy


def test_everybody_together_has_a_bounded_share_and_nobody_present_loses_a_run(monkeypatch):
    monkeypatch.setattr(sessions, "RUNS_IN_ALL", Limit("simultaneous runs of all people", 1, 5))
    desk = Desk()
    runs = [desk.submit(f"student {k}") for k in range(5)]
    runs[1].fail("over, but on somebody's page")
    with pytest.raises(ValueError, match="simultaneous runs of all people: 6 is outside"):
        desk.submit("late")
    runs[2].cancel()
    assert desk.submit("late").view().busy
    assert desk.sessions.of("student 2") == ()
    with pytest.raises(ValueError, match="of all people"):
        desk.submit("later")
    assert desk.submit("student 1").view().busy  # her own run that is over makes room
    assert runs[1] not in desk.sessions.of("student 1")
    desk.now = 100
    for owner in ("student 1", "student 3", "student 4", "late"):
        desk.sessions.seen(owner)
    assert desk.submit("later").view().busy
    assert desk.sessions.of("student 0") == ()


def test_runs_of_a_closed_tab_pause_soon_and_go_on_if_it_is_back_in_time():
    desk, connected = Desk(), {"shut", "gap", "open"}
    runs = {}
    for name in ("shut", "gap", "open"):
        desk.sessions.watch(name, name, lambda name=name: name in connected)
        runs[name] = desk.submit(name)
    connected -= {"shut", "gap"}
    desk.now = 1
    desk.tend()
    desk.now = 4
    connected.add("gap")
    desk.tend()
    assert all(run.view().busy for run in runs.values())
    assert desk.sessions.present() == 2
    desk.now = 8
    desk.tend()
    assert [runs[name].view().busy for name in ("shut", "gap", "open")] == [False, True, True]
    assert "no page showed it" in runs["shut"].view().message
    connected.add("shut")
    desk.sessions.seen("shut")
    runs["shut"].go()
    desk.now = 20
    desk.tend()
    assert runs["shut"].view().busy


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


def tabs(desk: Desk, person: str, *names: str) -> set[str]:
    """Open tabs of ``person``. A tab that you remove from the answer is disconnected."""
    connected = set(names)
    for name in names:
        desk.sessions.watch(name, person, lambda name=name: name in connected)
    return connected


def test_a_reloaded_page_takes_over_the_runs_of_its_closed_tab_and_they_go_on():
    desk = Desk()
    connected = tabs(desk, "ada", "old", "new")
    shown = [desk.submit("old", resumable=True, seed=seed) for seed in (1, 2)]
    earlier = desk.submit("old", resumable=True, seed=3)
    made_by_a_search = desk.submit("old", seed=4)
    desk.tend()
    connected.remove("old")
    desk.sessions.adopt("new", [run.spec for run in shown])
    assert desk.sessions.of("new") == (*shown, earlier)
    assert desk.sessions.of("old") == (made_by_a_search,)
    desk.now = 60  # it was disconnected for long
    desk.sessions.seen("new")
    desk.tend()
    desk.sessions.left("old")
    assert all(run.view().busy for run in shown)
    desk.finish()
    assert bits(shown[0].view().state) == bits(plain(20, seed=1)[0])


def test_a_page_that_is_back_too_late_finds_its_runs_paused():
    desk = Desk()
    connected = tabs(desk, "ada", "old")
    run = desk.submit("old", resumable=True)
    connected.remove("old")
    for desk.now in (1, 8):
        desk.tend()
    desk.sessions.watch("new", "ada", lambda: True)
    desk.sessions.adopt("new", [run.spec])
    assert (run.owner, run.view().busy) == ("new", False)
    assert "no page showed it" in run.view().message


def test_open_tabs_and_other_people_keep_their_runs():
    desk = Desk()
    connected = tabs(desk, "ada", "first", "second")
    tabs(desk, "bob", "other")
    run = desk.submit("first", resumable=True)
    desk.sessions.adopt("second", [run.spec])
    assert run.owner == "first"  # two open tabs with one link
    connected.remove("first")
    desk.sessions.adopt("other", [run.spec])
    desk.sessions.adopt("second", [])
    desk.sessions.adopt("a tab without a cookie", [run.spec])
    assert run.owner == "first"
    mine = desk.submit("second", resumable=True)
    desk.sessions.adopt("second", [run.spec])
    assert run.owner == "first"  # it has a run of its own
    mine.cancel()
    desk.sessions.adopt("second", [run.spec])
    assert run.owner == "first"  # a reset stays one


def test_the_tab_seen_last_is_taken_over_and_never_more_than_a_tab_may_have():
    desk = Desk()
    connected = tabs(desk, "ada", "one", "two", "new")
    older = desk.submit("one", resumable=True)
    desk.now = 1
    newer = [desk.submit("two", resumable=True, seed=seed) for seed in (4, 3)]
    own = [desk.submit("new", seed=seed) for seed in range(10, 9 + RUNS_EACH.high)]
    connected -= {"one", "two"}
    desk.sessions.adopt("new", [older.spec])
    assert set(desk.sessions.of("new")) == {newer[1], *own}
    assert older.owner == "one"

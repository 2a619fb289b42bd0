"""Whose runs there are, how many, and what becomes of them when nobody looks."""

import pytest

from gatesviz.engine import sessions
from gatesviz.engine.sessions import Sessions
from gatesviz.limits import RUNS_EACH, RUNS_OF_ADDRESS, RUNS_OF_PERSON, Limit
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
        ValueError, match=r"^This tab has 6 runs, and at most 6 are allowed. Reset a run, or open"
    ):
        desk.submit()
    assert desk.submit("bob").view().busy
    runs[2].cancel()
    desk.submit()  # the one that is over makes room
    assert runs[2] not in desk.sessions.of("ada")
    assert len(desk.sessions.of("ada")) == RUNS_EACH.high


def test_a_run_that_is_refused_costs_no_finished_run(monkeypatch):
    """The tab could make room, but the person can't."""
    monkeypatch.setattr(sessions, "RUNS_OF_PERSON", Limit("runs of one person", 1, RUNS_EACH.high))
    desk = Desk()
    for tab in ("first", "second"):
        desk.sessions.watch(tab, "ada", lambda: True)
    runs = [desk.submit("first", 1) for _ in range(RUNS_EACH.high)]
    desk.finish()
    assert {run.status for run in runs} == {"finished"}
    more = desk.submit("bob")  # another person is not concerned
    monkeypatch.setattr(sessions, "RUNS_OF_PERSON", Limit("runs of one person", 1, 3))
    with pytest.raises(ValueError, match=r"^You have 5 runs, and at most 3 are allowed"):
        desk.submit("first")
    assert desk.sessions.of("first") == tuple(runs)
    assert more.view().busy


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
    assert refused[0] == (
        "You have 24 runs, and at most 24 are allowed. Close a tab with runs that you don't need."
    )
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
    with pytest.raises(ValueError, match=r"^You have 24 runs"):
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
    with pytest.raises(
        ValueError, match=r"^This server has 5 runs, and at most 5 are allowed. Try"
    ):
        desk.submit("late")
    runs[2].cancel()
    assert desk.submit("late").view().busy
    assert desk.sessions.of("student 2") == ()
    with pytest.raises(ValueError, match=r"^This server has 5 runs"):
        desk.submit("later")
    assert desk.submit("student 1").view().busy  # her own run that is over makes room
    assert runs[1] not in desk.sessions.of("student 1")
    desk.now = 100
    for owner in ("student 1", "student 3", "student 4", "late"):
        desk.sessions.seen(owner)
    assert desk.submit("later").view().busy
    assert desk.sessions.of("student 0") == ()


def test_one_address_has_a_bounded_share_and_a_place_that_gets_free_is_given_again():
    """Tabs without cookies are a person each. This machine itself has no address and no bound."""
    desk = Desk()
    desk.sessions = Sessions(desk.queue, clock=lambda: desk.now, most=5)
    for tab in range(6):
        desk.sessions.watch(f"tab {tab}", "", None, "192.0.2.1")
        desk.sessions.watch(f"here {tab}", "", None, "")
    desk.sessions.watch("elsewhere", "", None, "192.0.2.2")
    runs = [desk.submit(f"tab {tab}") for tab in range(5)]
    with pytest.raises(
        ValueError, match=r"^Your network has 5 runs, and at most 5 are allowed\. T"
    ):
        desk.submit("tab 5")
    assert all(run.view().busy for run in runs)  # nobody has lost one
    assert all(desk.submit(f"here {tab}").view().busy for tab in range(6))
    assert desk.submit("elsewhere").view().busy
    runs[2].cancel()
    assert desk.submit("tab 5").view().busy


def test_zero_is_no_bound_of_an_address(monkeypatch):
    monkeypatch.setenv(sessions.RUNS, "0")
    desk = Desk()
    monkeypatch.setattr(sessions, "RUNS_IN_ALL", Limit("runs", 1, RUNS_OF_ADDRESS.high + 1))
    for tab in range(RUNS_OF_ADDRESS.high + 1):
        desk.sessions.watch(f"tab {tab}", "", None, "192.0.2.1")
        desk.submit(f"tab {tab}")


def test_the_environment_bounds_the_runs_of_an_address(monkeypatch):
    monkeypatch.setenv(sessions.RUNS, "1")
    desk = Desk()
    for tab in range(2):
        desk.sessions.watch(f"tab {tab}", "", None, "192.0.2.1")
    desk.submit("tab 0")
    with pytest.raises(ValueError, match=r"^Your network has 1 run, and at most 1 are allowed"):
        desk.submit("tab 1")


def test_a_run_of_an_open_tab_makes_no_room_while_the_tab_shows_another_page(monkeypatch):
    """A lesson goes on for half an hour on other pages. Then the run may go, but only for room."""
    monkeypatch.setattr(sessions, "RUNS_IN_ALL", Limit("runs", 1, 2))
    desk = Desk()
    connected = tabs(desk, "ada", "lesson")
    run = desk.submit("lesson", resumable=True)
    desk.sessions.note_sought("lesson", [run.spec])
    desk.submit("bob", seed=2)
    desk.now = 1_000
    desk.sessions.seen("bob")
    desk.tend()
    assert run.status == "paused"  # no page shows it
    with pytest.raises(ValueError, match=r"^This server has 2 runs"):
        desk.submit("eve", seed=3)
    desk.now = 5_000
    desk.sessions.seen("bob")
    desk.tend()
    assert run.status == "paused"  # the tab is still open
    assert desk.submit("eve", seed=3).view().busy
    assert run.status == "cancelled"
    assert desk.sessions.sought("lesson", [run.spec])[1]  # and looked for in the database
    connected.clear()
    desk.now = 5_001
    desk.tend()
    desk.now = 9_000
    desk.tend()
    assert desk.sessions.person("lesson") == "lesson"  # forgotten


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

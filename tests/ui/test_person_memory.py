"""What a browser's person keeps over reloads."""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from gatesviz.challenges import challenge
from gatesviz.ui import challenges, person_memory, persons
from gatesviz.ui.challenges import solve, solved_challenges
from gatesviz.ui.person_memory import remembered


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that opens a new session of the person with a number; 0 has no cookie."""
    person_memory._PERSONS.clear()

    def arrive(number: int) -> None:
        cookies = {persons.COOKIE: f"{number:032x}"} if number else {}
        monkeypatch.setattr(persons.st, "context", SimpleNamespace(cookies=cookies))
        monkeypatch.setattr(persons.st, "session_state", {})

    return arrive


def test_a_new_session_of_the_same_browser_knows_what_was_solved(become: Any) -> None:
    become(1)
    solve(challenge("latch"), "lstm", 1)
    become(2)
    assert solved_challenges() == {}
    become(1)
    assert list(solved_challenges()) == ["latch"]
    assert remembered("lessons") == {}


def test_each_room_is_told_once_what_was_solved_there(
    become: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, room, works = [], [""], [True]

    def report(_: str, *, solved: bool) -> bool:
        told.append((room[0], solved))
        return works[0]

    monkeypatch.setattr(challenges, "room_code", lambda: room[0])
    monkeypatch.setattr(challenges, "report_challenge", report)
    latch = challenge("latch")
    become(1)
    solve(latch, "lstm", 1)  # without a room
    room[0], works[0] = "BCDFH", False
    challenges.report_try(latch)
    solve(latch, "lstm", 1)
    works[0] = True  # the database answers again
    solve(latch, "lstm", 1)
    become(1)  # a reload
    solve(latch, "lstm", 1)
    challenges.report_try(latch)
    room[0] = "BCDFJ"
    solve(latch, "lstm", 1, tell=False)
    solve(latch, "lstm", 1)
    solve(latch, "lstm", 1)
    assert told == [("BCDFH", False), ("BCDFH", True), ("BCDFH", True), ("BCDFJ", True)]


def test_cleared_caches_keep_it(become: Any) -> None:
    become(1)
    solve(challenge("latch"), "lstm", 1)
    st.cache_data.clear()
    st.cache_resource.clear()
    assert list(solved_challenges()) == ["latch"]


def test_without_a_cookie_the_session_keeps_it(become: Any) -> None:
    become(0)
    solve(challenge("latch"), "lstm", 1)
    assert list(solved_challenges()) == ["latch"]
    become(0)
    assert solved_challenges() == {}


def test_of_too_many_people_the_first_are_forgotten(
    become: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_memory, "REMEMBERED_PERSONS", 2)
    for number in (1, 2, 1, 3):  # 1 came back, so 2 is the first
        become(number)
        remembered("lessons")["memory"] = str(number)
    become(2)
    assert remembered("lessons") == {}
    become(3)
    assert remembered("lessons") == {"memory": "3"}

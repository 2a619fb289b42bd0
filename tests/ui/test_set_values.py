"""A value that a page sets is not undone by a click of a browser that doesn't know it yet."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState

from gatesviz.ui import script_requests, script_turns, set_values
from gatesviz.ui.turns import Turns
from tests.ui.script_tab import Tab, finish, no_server

HALFWAY, GO_ON = Event(), Event()
SCRIPT = """
import streamlit as st

state = st.session_state
state.setdefault("changes", [])
state.setdefault("clicks", 0)

def set_others():
    state["preset"] = "own"
    state["copy"] = state["weight"]

def note():
    state["changes"] = [*state["changes"], state["preset"]]

def click():
    state["clicks"] += 1

@st.fragment(key="part")
def part():
    st.button("of the part", key="of the part", on_click=click)

st.slider("weight", 0, 9, key="weight", on_change=set_others)
st.slider("copy", 0, 9, key="copy")
st.selectbox("preset", ["reset", "own", "fresh"], key="preset", on_change=note)
st.button("press", key="press", on_click=click)
part()
"""


@pytest.fixture(autouse=True)
def _requests_kept() -> Iterator[None]:
    assert script_requests.keep_requests() == ""
    with no_server():
        yield
    script_requests.leave_requests()


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    """A session whose browser has sent a first value for each widget."""
    tab = begun(tmp_path / "page.py", SCRIPT)
    send(tab)
    yield tab
    tab.close()


def begun(path: Path, script: str) -> Tab:
    """Return a session that has drawn a page once."""
    path.write_text(script)
    tab = Tab(path)
    GO_ON.set()
    tab.run()
    return tab


def send(
    tab: Tab,
    weight: int = 0,
    copy: int = 0,
    preset: str = "reset",
    press: str = "",
    fragment: str = "",
    timer: bool = False,
) -> dict[str, Any]:
    """Send what the browser has, and return what is drawn: label -> the value it is set to."""
    widgets = [
        tab.widget("-weight", int_array_value={"data": [weight]}),
        tab.widget("-copy", int_array_value={"data": [copy]}),
        tab.widget("-preset", string_value=preset),
    ]
    if press:
        widgets.append(tab.widget(f"-{press}", trigger_value=True))
    tab.messages.clear()
    finish([tab.ask(*widgets, fragment=fragment, timer=timer)])
    elements = [message.delta.new_element for message in tab.messages]
    told = [one.slider for one in elements if one.HasField("slider")]
    shown: dict[str, Any] = {one.label: [*one.value] for one in told if one.set_value}
    menus = [one.selectbox for one in elements if one.HasField("selectbox")]
    return shown | {one.label: one.raw_value for one in menus if one.set_value}


def held(tab: Tab) -> tuple[int, int, str]:
    return tab.state["weight"], tab.state["copy"], tab.state["preset"]


def test_what_is_set_is_sent_once(tab: Tab) -> None:
    assert send(tab, weight=3) == {"copy": [3], "preset": "own"}
    assert send(tab, weight=3, copy=3, preset="own", press="press") == {}
    assert held(tab) == (3, 3, "own")


@pytest.mark.parametrize("press", ["press", "of the part", ""])
def test_a_click_with_old_values_leaves_what_is_set(tab: Tab, press: str) -> None:
    send(tab, weight=3)
    fragment = tab.fragment if press == "of the part" else ""
    again = send(tab, weight=3 if press else 4, press=press, fragment=fragment)
    assert held(tab) == (3 if press else 4, 3 if press else 4, "own")
    assert tab.state["clicks"] == bool(press)
    assert tab.state["changes"] == [], "nobody has chosen the old preset"
    if not fragment:
        assert again["preset"] == "own", "the browser gets it again"


def test_a_part_that_asks_with_old_values_leaves_them_to_the_next_run(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=3, press="of the part", fragment=tab.fragment)
    assert send(tab, weight=3, press="press") == {"copy": [3], "preset": "own"}
    assert held(tab) == (3, 3, "own")


def test_a_timer_with_old_values_leaves_what_is_set(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=3, fragment=tab.fragment, timer=True)
    send(tab, weight=3, timer=True)
    assert held(tab) == (3, 3, "own")


def test_every_later_click_with_old_values_leaves_what_is_set(tab: Tab) -> None:
    send(tab, weight=3)
    for clicks in range(1, 4):
        send(tab, weight=3, press="press")
        assert held(tab) == (3, 3, "own")
        assert tab.state["clicks"] == clicks


def test_the_reader_can_choose_the_old_value_again(tab: Tab) -> None:
    send(tab, weight=3)
    assert send(tab, weight=3, copy=3, preset="reset") == {}, "the copy proves that it is known"
    assert held(tab) == (3, 3, "reset")
    assert tab.state["changes"] == ["reset"]
    send(tab, weight=4, copy=3, preset="reset")
    send(tab, weight=4, copy=4, preset="own", press="press")
    send(tab, weight=4, copy=4, preset="reset", press="press")
    assert held(tab) == (4, 4, "reset")


def test_the_reader_can_choose_the_old_value_where_one_widget_alone_is_set(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=3, copy=3, preset="own", press="press")
    send(tab, weight=5, copy=3, preset="own")  # sets the copy, and the preset to what it is
    send(tab, weight=5, copy=3, preset="own")  # from 5 back to 3
    assert held(tab) == (5, 3, "own")


def test_a_third_value_counts_though_the_browser_did_not_know_the_second(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=3, preset="fresh")
    assert held(tab) == (3, 3, "fresh")
    assert tab.state["changes"] == ["fresh"]


def test_after_a_long_time_the_browser_is_taken_to_know(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(tab, weight=3)
    monkeypatch.setattr(set_values, "LONGEST_LAG", 0.0)
    send(tab, weight=3, press="press")
    assert held(tab) == (3, 0, "reset")


def test_a_wrong_value_is_left_to_streamlit(tab: Tab) -> None:
    send(tab, weight=3)
    wrong: WidgetState = tab.widget("-preset", string_value="reset")
    wrong.int_value = 5
    finish([tab.ask(wrong)])
    assert tab.state["copy"] == 3


def test_one_that_comes_back_proves_nothing_about_the_others_of_its_run(tab: Tab) -> None:
    """The browser takes one widget after the other, and a click can come between them."""
    send(tab, weight=3)
    send(tab, weight=3, copy=3, press="press")  # it knows the copy, and not yet the preset
    assert held(tab) == (3, 3, "own")
    assert tab.state["changes"] == []


def test_a_value_that_is_set_and_set_back_waits_for_nothing(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=0)  # the copy is 0 again, as the browser has it
    send(tab, weight=0, press="press")
    assert held(tab) == (0, 0, "own")


def test_a_value_between_is_the_readers_choice(tab: Tab) -> None:
    """As without this module: the copy was set to 3 and to 5, and the reader puts it to 3."""
    send(tab, weight=3)
    send(tab, weight=5)
    send(tab, weight=5, copy=3, preset="own")
    assert held(tab) == (5, 3, "own")


def test_a_link_to_another_page_is_no_choice(tab: Tab) -> None:
    send(tab, weight=3)
    widgets = [
        tab.widget("-weight", int_array_value={"data": [3]}),
        tab.widget("-copy", int_array_value={"data": [3]}),
        tab.widget("-preset", string_value="reset"),
    ]
    request = ClientState(page_script_hash="another page")
    request.widget_states.widgets.extend(widgets)
    set_values.note_request(tab.state, tab.pages, request)
    send(tab, weight=3, copy=3, press="press")
    assert held(tab) == (3, 3, "own")


def test_a_timer_that_has_a_change_before_its_own_message_undoes_nothing(tab: Tab) -> None:
    send(tab, weight=3)
    send(tab, weight=3, press="press")
    for timer in (True, False):  # the timer's message has the change that its own has, too
        send(tab, weight=5, copy=0, timer=timer, fragment=tab.fragment if timer else "")
    assert held(tab) == (5, 5, "own")


LATE = """
import streamlit as st
from tests.ui.test_set_values import GO_ON, HALFWAY

state = st.session_state

def set_preset():
    state["preset"] = "own"

st.slider("weight", 0, 9, key="weight", on_change=set_preset)
HALFWAY.set()
GO_ON.wait(20)
st.selectbox("preset", ["reset", "own"], key="preset")
st.slider("copy", 0, 9, key="copy")
"""


def test_a_click_before_the_set_widget_is_drawn_leaves_it(tmp_path: Path) -> None:
    """The first run is stopped between its callback and the menu."""
    tab = begun(tmp_path / "page.py", LATE)
    values = [
        tab.widget("-copy", int_array_value={"data": [0]}),
        tab.widget("-preset", string_value="reset"),
    ]
    weight = {k: tab.widget("-weight", int_array_value={"data": [k]}) for k in (0, 3)}
    finish([tab.ask(*values, weight[0])])
    GO_ON.clear()
    HALFWAY.clear()
    first = tab.ask(*values, weight[3])
    assert HALFWAY.wait(20)
    values[0] = tab.widget("-copy", int_array_value={"data": [5]})
    second = tab.ask(*values, weight[3])
    GO_ON.set()
    finish([first, second])
    assert held(tab) == (3, 5, "own")
    tab.close()


def test_an_old_value_that_is_chosen_while_others_have_the_turn_counts(tab: Tab) -> None:
    """Both requests become one run: the choice, and a move after it that has the old value, too."""
    send(tab, weight=3)
    send(tab, weight=3, copy=3, preset="own")
    values = [tab.widget("-weight", int_array_value={"data": [5]})]
    copies = [tab.widget("-copy", int_array_value={"data": [k]}) for k in (3, 4)]
    preset = tab.widget("-preset", string_value="own")
    finish([tab.ask(*values, copies[0], preset)])  # sets the copy to 5, and the browser takes it
    turns = Turns()
    assert script_turns.take_turns(turns)
    try:
        with turns.turn("another reader"):
            first = tab.ask(*values, copies[0], preset)  # the reader puts the copy back to 3
            second = tab.ask(*values, copies[0], tab.widget("-preset", string_value="fresh"))
        finish([first, second])
    finally:
        script_turns.end_turns()
    assert held(tab) == (5, 3, "fresh")


PAGES = """
import streamlit as st

state = st.session_state
state.setdefault("changes", [])
state.setdefault("clicks", 0)

def set_preset():
    state["preset"] = "own"

def note():
    state["changes"] = [*state["changes"], state["preset"]]

def click():
    state["clicks"] += 1

def first():
    st.slider("weight", 0, 9, key="weight", on_change=set_preset)
    st.selectbox("preset", ["reset", "own"], key="preset", on_change=note)
    st.button("press", key="press", on_click=click)

def second():
    st.write("second")

st.navigation([st.Page(first, default=True), st.Page(second)]).run()
"""


def test_a_page_that_is_left_hears_no_old_value(tmp_path: Path) -> None:
    tab = begun(tmp_path / "page.py", PAGES)
    here, there = (page["page_script_hash"] for page in tab.pages.get_pages().values())
    weights = [tab.widget("-weight", int_array_value={"data": [k]}) for k in (0, 3)]
    preset = tab.widget("-preset", string_value="reset")
    for weight in weights:
        finish([tab.ask(weight, preset, page=here)])
    assert tab.state["preset"] == "own"
    turns = Turns()
    assert script_turns.take_turns(turns)
    try:
        with turns.turn("another reader"):
            press = tab.widget("-press", trigger_value=True)
            runs = [tab.ask(weights[1], preset, press, page=here), tab.ask(page=there)]
        finish(runs)
    finally:
        script_turns.end_turns()
    assert tab.state["clicks"] == 1
    assert tab.state["changes"] == []
    tab.close()


def test_a_value_that_is_sent_again_and_again_is_not_waited_for_longer(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(set_values.time, "monotonic", lambda: now)
    send(tab, weight=3)
    for _ in range(4):
        now += 0.9
        send(tab, weight=3, press="press")
    assert held(tab) == (3, 0, "reset")


def test_values_without_a_plain_comparison_are_different() -> None:
    assert set_values._same(np.arange(2), np.arange(2)) is False
    assert set_values._same((1, 2), (1, 2)) is True

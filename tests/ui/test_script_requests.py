"""No request of a browser is lost, however it falls between Streamlit's runs."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils import script_requests as theirs
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state.safe_session_state import SafeSessionState

from gatesviz.ui import script_requests, script_turns
from gatesviz.ui.pending_requests import take_left
from gatesviz.ui.turns import Turns
from tests.ui.script_tab import PATIENCE, Tab, finish, no_server

HALFWAY, GO_ON = Event(), Event()
LEASE = 0.1
SCRIPT = """
import streamlit as st
from tests.ui.test_script_requests import GO_ON, HALFWAY

state = st.session_state
for name, value in {"clicks": 0, "runs": 0, "changes": [], "drawn": []}.items():
    state.setdefault(name, value)

def count():
    HALFWAY.set()
    GO_ON.wait(20)
    state["clicks"] += 1

def note(name):
    state["changes"] = [*state["changes"], (name, state[name])]

def set_common():
    state["common"] = 5

def again():
    st.rerun(["part"])

@st.fragment(key="part")
def part():
    state["drawn"] = [*state["drawn"], "part"]
    st.slider("in the part", 0, 9, key="inner", on_change=note, args=("inner",))
    st.button("of the part", key="button of the part", on_click=count)
    st.button("set", key="set", on_click=set_common)

def first():
    state["runs"] += 1
    state["drawn"] = [*state["drawn"], "first", state["clicks"]]
    st.button("of the page", key="button of the page", on_click=count)
    st.slider("on the page", 0, 9, key="outer", on_change=note, args=("outer",))
    st.slider("asks again", 0, 9, key="asks again", on_change=again)
    part()

def second():
    state["drawn"] = [*state["drawn"], "second"]
    st.slider("of both", 0, 9, key="common")
    HALFWAY.set()
    GO_ON.wait(20)

st.navigation([st.Page(first, default=True), st.Page(second)]).run()
"""


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    turns = Turns(lease=LEASE)
    monkeypatch.setattr(script_turns, "person", lambda: "")
    assert script_requests.keep_requests() == ""
    assert script_turns.take_turns(turns)
    GO_ON.set()
    with no_server():
        yield turns
    script_turns.end_turns()
    script_requests.leave_requests()


@pytest.fixture
def tab(turns: Turns, tmp_path: Path) -> Iterator[Tab]:
    """A session that has drawn its page once."""
    path = tmp_path / "page.py"
    path.write_text(SCRIPT)
    tab = Tab(path)
    tab.run()
    tab.events.clear()
    yield tab
    tab.close()


def page_button(tab: Tab) -> WidgetState:
    return tab.widget("button of the page", trigger_value=True)


def pages(tab: Tab) -> tuple[str, str]:
    """The script hashes of both pages."""
    known = {page["url_pathname"]: name for name, page in tab.pages.get_pages().items()}
    return known.get("first", known.get("", "")), known["second"]


def outer(tab: Tab, value: int) -> WidgetState:
    return tab.widget("-outer", int_array_value={"data": [value]})


def inner(tab: Tab, value: int) -> WidgetState:
    return tab.widget("-inner", int_array_value={"data": [value]})


def held(tab: Tab, name: str) -> Any:
    return tab.state[name]


def test_a_click_whose_run_has_not_begun_counts_although_another_click_ends_that_run(
    tab: Tab, turns: Turns
) -> None:
    with turns.turn("somebody else"):  # so both runs wait
        first = tab.ask(page_button(tab))
        second = tab.ask(outer(tab, 7))
        assert first is not second
    finish([first, second])
    assert held(tab, "clicks") == 1
    assert held(tab, "outer") == 7
    assert held(tab, "runs") == 2, "the first run has nothing left to do"
    assert tab.events.count(ScriptRunnerEvent.SCRIPT_STARTED) == 1


def test_a_click_whose_run_has_just_begun_counts_once(tab: Tab) -> None:
    later: list[ScriptRunner] = []
    known, asked, seven = Event(), Event(), outer(tab, 7)

    def ask() -> None:
        known.wait(PATIENCE)
        later.append(tab.ask(seven))
        asked.set()

    tab.when_started = ask
    first = tab.ask(page_button(tab))
    known.set()
    assert asked.wait(PATIENCE)
    finish([first, *later])
    assert (held(tab, "clicks"), held(tab, "outer")) == (1, 7)


def test_a_click_counts_that_no_thread_has_taken(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    start = ScriptRunner.start
    monkeypatch.setattr(ScriptRunner, "start", lambda runner: None)  # its thread begins later
    first = tab.ask(page_button(tab))
    monkeypatch.setattr(ScriptRunner, "start", start)
    second = tab.ask(outer(tab, 7))
    start(first)
    finish([first, second])
    assert (held(tab, "clicks"), held(tab, "outer")) == (1, 7)


def test_a_click_in_a_part_counts_that_waits_for_the_run_of_a_page(tab: Tab, turns: Turns) -> None:
    part = tab.widget("button of the part", trigger_value=True)
    with turns.turn("somebody else"):
        first = tab.ask(outer(tab, 7))
        assert tab.ask(part, fragment=tab.fragment) is first
        last = tab.ask(outer(tab, 8))
    finish([first, last])
    assert (held(tab, "clicks"), held(tab, "outer")) == (1, 8)


def test_three_clicks_in_a_row_count_once_for_each_button(tab: Tab, turns: Turns) -> None:
    part = tab.widget("button of the part", trigger_value=True)
    with turns.turn("somebody else"):
        runs = [tab.ask(page_button(tab)), tab.ask(part), tab.ask()]
    finish(runs)
    assert held(tab, "clicks") == 2


def asked_halfway(tab: Tab) -> tuple[ScriptRunner, ScriptRunner]:
    """Ask for a second run while the callback of the first one waits for `GO_ON`."""
    GO_ON.clear()
    HALFWAY.clear()
    first = tab.ask(page_button(tab))
    assert HALFWAY.wait(PATIENCE)
    return first, tab.ask(outer(tab, 7))


def test_a_callback_ends_although_another_click_ends_its_run(tab: Tab) -> None:
    first, second = asked_halfway(tab)
    GO_ON.set()
    finish([first, second])
    assert (held(tab, "clicks"), held(tab, "outer")) == (1, 7), "counted, and once"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("button of the page", {"trigger_value": True}),
        ("outer", {"int_array_value": {"data": [7]}}),
    ],
)
def test_a_part_that_sends_together_with_its_page_runs_the_whole_page(
    tab: Tab, name: str, value: dict[str, Any]
) -> None:
    finish([tab.ask(inner(tab, 3), outer(tab, 0), fragment=tab.fragment)])
    assert tab.events[:1] == [ScriptRunnerEvent.SCRIPT_STARTED]
    assert ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS in tab.events
    tab.events.clear()
    moved = inner(tab, 4)
    sent = [moved, outer(tab, 0)] if name != "outer" else [moved]
    finish([tab.ask(*sent, tab.widget(name, **value), fragment=tab.fragment)])
    assert ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS in tab.events
    assert held(tab, "inner") == 4
    assert held(tab, "runs") == 2
    assert (held(tab, "clicks"), held(tab, "outer")) in [(1, 0), (0, 7)]


def test_what_the_page_already_has_is_no_change_of_it(tab: Tab) -> None:
    tab.state["outer"] = 5  # set by a script; the browser sends it back
    finish([tab.ask(inner(tab, 3), outer(tab, 5), fragment=tab.fragment)])
    assert ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS in tab.events


def test_a_timer_that_goes_with_a_click_does_not_count_it_twice(tab: Tab) -> None:
    """The browser sends the click again, because it has not sent it on its own yet."""
    click = WidgetStates(widgets=[page_button(tab)])
    tab.run(RerunData(fragment_id=tab.fragment, widget_states=click, is_auto_rerun=True))
    assert held(tab, "clicks") == 0
    finish([tab.ask(outer(tab, 0))])
    tab.events.clear()
    tab.ask(outer(tab, 7), fragment=tab.fragment, timer=True)
    finish([tab.session._scriptrunner])
    assert ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS in tab.events, (
        "the browser sends it, too"
    )
    finish([tab.ask(page_button(tab))])
    assert held(tab, "clicks") == 1


def test_a_stop_that_no_run_follows_is_as_before(tab: Tab, turns: Turns) -> None:
    with turns.turn("somebody else"):
        runner = tab.ask(page_button(tab))
        AppSession.request_script_stop(tab.session)
    finish([runner])
    assert held(tab, "runs") == 1
    finish([tab.ask()])
    assert (held(tab, "runs"), held(tab, "clicks")) == (2, 0), "what was cancelled stays so"


def test_a_part_of_a_page_that_the_browser_has_left_is_not_run(tab: Tab) -> None:
    fragment = tab.fragment
    here = tab.pages.current_page_script_hash
    assert here
    tab.events.clear()
    left = RerunData(fragment_id_queue=[fragment], page_script_hash="another page")
    tab.run(replace(left, is_auto_rerun=True))
    assert tab.events == [ScriptRunnerEvent.SHUTDOWN], "a timer has nothing to tell"
    tab.events.clear()
    tab.state["outer"] = 5  # set by the page that is shown, and not known to its browser yet
    part = tab.widget("button of the part", trigger_value=True)
    moved = inner(tab, 4)
    tab.run(replace(left, widget_states=WidgetStates(widgets=[part, moved])))
    assert held(tab, "clicks") == 1
    assert held(tab, "inner") == 4
    assert tab.events == [ScriptRunnerEvent.SHUTDOWN], "no page is run"
    tab.run(RerunData(page_script_hash=here))
    assert held(tab, "outer") == 5
    tab.events.clear()
    tab.run(RerunData(fragment_id_queue=[fragment], page_script_hash=here))
    assert ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS in tab.events
    assert tab.pages.current_page_script_hash == here
    tab.run(RerunData(page_script_hash=here))  # a whole page is run whatever was before
    assert tab.events[-2] is ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS


def test_a_callback_of_a_page_that_was_left_may_fail(
    tab: Tab, caplog: pytest.LogCaptureFixture
) -> None:
    left = RerunData(fragment_id_queue=[tab.fragment], page_script_hash="another page")
    del tab.state["clicks"]
    click = WidgetStates(widgets=[tab.widget("button of the part", trigger_value=True)])
    tab.run(replace(left, widget_states=click))
    assert "has failed" in caplog.text
    assert tab.events[-1] is ScriptRunnerEvent.SHUTDOWN


def test_a_late_part_does_not_bring_the_left_page_back_before_the_new_one_runs(
    turns: Turns,
) -> None:
    requests = ScriptRequests()
    move = WidgetStates(widgets=[WidgetState(id="player", json_value="1")])
    part = RerunData(page_script_hash="old", fragment_id="f", widget_states=move)
    assert requests.request_rerun(part)
    assert requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == ["f"]
    assert requests.request_rerun(RerunData(page_script_hash="new"))
    assert requests.request_rerun(part)
    taken = requests.on_scriptrunner_ready().rerun_data
    assert (taken.page_script_hash, taken.fragment_id_queue) == ("new", [])
    assert taken.widget_states is None
    assert take_left(requests) == (move, True), "the move isn't lost"
    requests.request_rerun(part)  # alone, it becomes the new page's where it runs
    assert requests.on_scriptrunner_ready().rerun_data.page_script_hash == "old"
    requests.request_rerun(RerunData(page_script_hash="old"))
    requests.request_rerun(part)  # of the same page: merged as before
    assert requests.on_scriptrunner_ready().rerun_data.page_script_hash == "old"
    requests.request_rerun(part)
    requests.request_rerun(RerunData(page_script_hash="new"))  # the other order
    assert requests.on_scriptrunner_ready().rerun_data.page_script_hash == "new"


def test_an_address_that_is_opened_counts_although_a_part_asks_just_after(turns: Turns) -> None:
    requests = ScriptRequests()
    move = WidgetStates(widgets=[WidgetState(id="player", json_value="1")])
    slider = WidgetState(id="slider", double_value=1)
    link = RerunData(
        page_script_hash="here", query_string="t=7", is_history_navigation=True,
        widget_states=WidgetStates(widgets=[slider]),
    )  # fmt: skip
    move.widgets.append(slider)
    requests.request_rerun(link)
    requests.request_rerun(
        RerunData(page_script_hash="here", fragment_id="f", widget_states=move, query_string="t=1")
    )
    taken = requests.on_scriptrunner_ready().rerun_data
    assert (taken.is_history_navigation, taken.query_string) == (True, "t=7")
    assert taken.widget_states == move
    requests.request_rerun(link)
    changed = WidgetStates(widgets=[WidgetState(id="slider", double_value=2)])
    requests.request_rerun(
        RerunData(page_script_hash="here", fragment_id="f", widget_states=changed)
    )
    taken = requests.on_scriptrunner_ready().rerun_data
    assert not taken.is_history_navigation, "a reader's change counts"
    assert taken.widget_states == changed


def test_a_runner_whose_thread_has_not_begun_takes_the_new_page(
    tab: Tab,
) -> None:
    """With fastReruns, as here, each click on a page makes a runner; its thread begins later."""
    fragment = tab.fragment
    left = tab.pages.current_page_script_hash
    drawn: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        start = ScriptRunner.start

        def late(runner: ScriptRunner) -> None:
            runner.request_rerun(RerunData(page_script_hash=left, fragment_id=fragment))
            start(runner)

        patch.setattr(ScriptRunner, "start", late)
        run = ScriptRunner._run_script

        def noted(runner: ScriptRunner, rerun_data: RerunData) -> None:
            drawn.append(rerun_data.page_script_hash)
            run(runner, rerun_data)

        patch.setattr(ScriptRunner, "_run_script", noted)
        tab.run(RerunData(page_script_hash="new"))
    assert drawn == ["new"]


def test_the_callbacks_of_a_page_are_called_before_the_next_page_runs(
    tab: Tab, turns: Turns
) -> None:
    here, there = pages(tab)
    with turns.turn("somebody else"):
        runs = [
            tab.ask(inner(tab, 4), fragment=tab.fragment, page=here),
            tab.ask(page=there),  # it sends no widget of the page before
            tab.ask(page=there),
        ]
    finish(runs)
    assert held(tab, "changes") == [("inner", 4)]
    assert held(tab, "drawn")[-1] == "second"


def test_a_callback_of_a_page_that_is_left_does_not_bring_it_back(tab: Tab, turns: Turns) -> None:
    here, there = pages(tab)
    asks = tab.widget("asks again", int_array_value={"data": [4]})
    with turns.turn("somebody else"):
        runs = [tab.ask(asks, page=here), tab.ask(page=there)]
    finish(runs)
    assert held(tab, "drawn")[-1] == "second"
    assert tab.pages.current_page_script_hash == there


def left_while_the_next_page_runs(tab: Tab, *requests: tuple[list[WidgetState], bool]) -> None:
    """Go to the second page, and let a part of the first one ask while the second one runs."""
    here, there = pages(tab)
    GO_ON.clear()
    HALFWAY.clear()
    runner = tab.ask(page=there)
    assert HALFWAY.wait(PATIENCE)
    for widgets, timer in requests:
        assert tab.ask(*widgets, fragment=tab.fragment, page=here, timer=timer) is runner
    GO_ON.set()
    finish([runner])


def test_a_timer_of_a_page_that_is_left_calls_no_callback_later(tab: Tab) -> None:
    here, there = pages(tab)
    every = [outer(tab, 3), inner(tab, 2)]
    finish([tab.ask(*every, page=here)])
    tab.state["changes"] = []
    left_while_the_next_page_runs(tab, (every, True))
    finish([tab.ask(page=there)])
    assert held(tab, "changes") == []


def test_a_click_that_is_merged_with_a_timer_is_no_timer(tab: Tab) -> None:
    click = tab.widget("button of the part", trigger_value=True)
    left_while_the_next_page_runs(tab, ([click], False), ([], True))
    assert held(tab, "clicks") == 1
    requests = ScriptRequests()
    requests.request_rerun(RerunData(fragment_id="f"))
    requests.request_rerun(RerunData(fragment_id="f", is_auto_rerun=True))
    assert not requests.on_scriptrunner_ready().rerun_data.is_auto_rerun
    for _ in range(2):
        requests.request_rerun(RerunData(fragment_id="f", is_auto_rerun=True))
    assert requests.on_scriptrunner_ready().rerun_data.is_auto_rerun


def test_a_late_click_calls_no_callback_of_another_part(tab: Tab) -> None:
    here, _ = pages(tab)
    finish([tab.ask(outer(tab, 3), page=here)])
    tab.state["changes"] = []
    click = tab.widget("button of the part", trigger_value=True)
    left_while_the_next_page_runs(tab, ([outer(tab, 3), click], False))
    assert (held(tab, "clicks"), held(tab, "changes")) == (1, [])


def test_a_late_click_may_set_what_the_next_page_has_drawn(tab: Tab) -> None:
    click = tab.widget("-set", trigger_value=True)
    left_while_the_next_page_runs(tab, ([click], False))
    assert held(tab, "common") == 5


def test_a_part_that_is_gone_can_ask(tab: Tab) -> None:
    here, there = pages(tab)
    click, gone = tab.widget("button of the part", trigger_value=True), tab.fragment
    finish([tab.ask(page=there)])
    finish([tab.ask(click, fragment=gone, page=here)])
    assert (held(tab, "clicks"), held(tab, "drawn")[-1]) == (1, "second")
    tab.ask(click, fragment=gone, page=here, timer=True)
    assert held(tab, "clicks") == 1
    finish([tab.ask(page=here)])
    again = tab.widget("button of the part", trigger_value=True)
    finish([tab.ask(again, fragment="of an earlier layout", page=here)])
    assert held(tab, "clicks") == 2
    assert held(tab, "drawn")[-3:] == ["first", 2, "part"]


def test_a_wrong_value_of_another_part_ends_nothing(tab: Tab) -> None:
    wrong = tab.widget("-outer", string_value="no number")
    click = tab.widget("button of the part", trigger_value=True)
    finish([tab.ask(wrong, click, fragment=tab.fragment)])
    assert ScriptRunnerEvent.SCRIPT_STARTED in tab.events


def test_a_long_callback_ends_before_the_next_run_draws(tab: Tab) -> None:
    first, second = asked_halfway(tab)
    thread = second._script_thread
    assert thread is not None
    thread.join(0.5)  # longer than the first run's turn
    GO_ON.set()
    finish([first, second])
    assert held(tab, "drawn")[-3:] == ["first", 1, "part"]


def test_what_a_page_has_drawn_is_sent_although_a_part_of_it_runs_before(turns: Turns) -> None:
    """Else the browser hears that the page has ended without the part, and removes the part."""

    def drawn(text: str) -> ForwardMsg:
        msg = ForwardMsg()
        msg.metadata.delta_path.extend([0, 6, 0])
        msg.delta.fragment_id = "the part"
        msg.delta.new_element.text.body = text
        return msg

    queue, ended = ForwardMsgQueue(), ForwardMsg(script_finished=0)
    queue.enqueue(drawn("by the page"))
    queue.enqueue(ended)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["the part"])
    queue.enqueue(drawn("by the part"))
    assert queue.flush() == [drawn("by the page"), ended, drawn("by the part")]
    queue.enqueue(drawn("by a page"))
    queue.clear(retain_lifecycle_msgs=True)  # the whole page runs: as before
    assert queue.is_empty()


def wrapped() -> list[Any]:
    return [
        ScriptRequests._request_rerun_locked,
        AppSession.request_rerun,
        AppSession._create_scriptrunner,
        AppSession.request_script_stop,
        ScriptRunner._run_script,
        SafeSessionState.on_script_will_rerun,
        ForwardMsgQueue.clear,
    ]


def test_streamlit_is_as_it_was_afterwards() -> None:
    before = wrapped()
    assert script_requests.keep_requests() == ""
    during = wrapped()
    assert not set(before) & set(during)
    assert script_requests.keep_requests() == "", "twice is as once"
    assert wrapped() == during
    script_requests.leave_requests()
    assert wrapped() == before


def with_more(self: Any, given: Any, more: Any) -> None: ...


def other(self: Any, initial_rerun_data: Any) -> None: ...


@pytest.mark.parametrize(
    ("owner", "name", "changed"),
    [
        (ScriptRequests, "_request_rerun_locked", with_more),
        (AppSession, "_create_scriptrunner", other),
        (AppSession, "request_rerun", with_more),
        (ScriptRunner, "_run_script", with_more),
        (SafeSessionState, "on_script_will_rerun", with_more),
        (ForwardMsgQueue, "clear", with_more),
        (theirs, "_coalesce_widget_states", None),
    ],
)
def test_a_changed_streamlit_keeps_its_own_way_and_the_log_says_so(
    owner: Any,
    name: str,
    changed: Callable[..., None] | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if changed is None:
        monkeypatch.delattr(owner, name)
    else:
        monkeypatch.setattr(owner, name, changed)
    before = wrapped()
    with caplog.at_level(logging.WARNING, "gatesviz.ui.script_requests"):
        assert name in script_requests.keep_requests()
    [record] = caplog.records
    assert "a click can be lost" in record.getMessage()
    assert wrapped() == before

"""Streamlit's scripts take turns: pages and fragments, with errors, stops and reruns."""

import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from gatesviz.ui import script_turns
from gatesviz.ui.turns import Turns
from tests.ui.script_tab import PATIENCE, Tab, finish, no_server

RUNNING: list[None] = []
AT_ONCE: list[int] = []
"""How many scripts ran whenever one of them looked."""
SCRIPT = """
import time
import streamlit as st
from tests.ui.test_script_turns import AT_ONCE, RUNNING

def look():
    RUNNING.append(None)
    AT_ONCE.append(len(RUNNING))
    time.sleep(0.01)
    RUNNING.pop()

@st.fragment
def part():
    look()
    st.write("a part")

look()
part()
"""
ENDS = {
    "plain": "look()",
    "error": "raise ValueError('on purpose')",
    "stop": "st.stop()",
    "rerun": "again = 'again' in st.session_state\nst.session_state.again = 1\n"
    "if not again: st.rerun()",
}


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    turns = Turns(lease=PATIENCE)
    monkeypatch.setattr(script_turns, "person", lambda: "")
    assert script_turns.take_turns(turns)
    AT_ONCE.clear()
    with no_server():
        yield turns
    script_turns.end_turns()
    assert turns._now is None
    assert turns.waiting == 0


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Tab]]:
    """A function that makes a session whose script ends in the way that is named."""
    tabs: list[Tab] = []

    def one(end: str) -> Tab:
        path = tmp_path / f"{end}.py"
        path.write_text(SCRIPT + ENDS[end])
        tabs.append(Tab(path))
        return tabs[-1]

    yield one
    for tab in tabs:
        tab.close()


def test_two_scripts_never_run_at_once_however_they_end(
    turns: Turns, make: Callable[[str], Tab]
) -> None:
    tabs = [make(end) for end in ENDS for _ in range(3)]
    finish([tab.start() for tab in tabs])
    assert len(AT_ONCE) == 3 * (3 + 2 + 2 + 4)  # each look and each fragment
    assert set(AT_ONCE) == {1}
    assert all(tab.events[-1] is ScriptRunnerEvent.SHUTDOWN for tab in tabs)


def test_a_script_that_is_stopped_while_it_waits_gives_its_turn_on(
    turns: Turns, make: Callable[[str], Tab]
) -> None:
    with turns.turn("somebody else"):
        runner, other = (make("plain").start() for _ in range(2))
        runner.request_stop()
    finish([runner, other])
    assert set(AT_ONCE) == {1}


def test_a_fragment_takes_a_turn(
    turns: Turns, make: Callable[[str], Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, taken = make("plain"), []
    tab.run()
    fragment = tab.fragment
    monkeypatch.setattr(turns, "turn", lambda *given: nullcontext(taken.append(given)))
    tab.run(RerunData(fragment_id_queue=[fragment]))
    tab.run(RerunData(fragment_id_queue=[fragment], is_auto_rerun=True))
    assert taken == [
        ("a tab", True, "a tab"),
        ("a tab", False, "a tab"),
    ]  # without a cookie; by a click, by a timer
    tab.path.write_text(SCRIPT + "from gatesviz.ui.script_turns import hurry\nhurry(True)")
    tab.run()  # the page waits for something
    timer = RerunData(fragment_id_queue=[fragment], is_auto_rerun=True)
    tab.run(timer)
    assert taken[2:] == [("a tab", True, "a tab"), ("a tab", True, "a tab")]
    assert tab.events[-2] is ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS
    waits = tab.pages.current_page_script_hash
    assert tab.state[script_turns._HURRIES] == waits
    tab.pages.set_current_page_script_hash("another page")  # which waits for nothing
    tab.run(timer)
    assert taken[-1] == ("a tab", False, "a tab")
    tab.pages.set_current_page_script_hash(waits)
    tab.run(timer)
    assert taken[-1] == ("a tab", True, "a tab")


def test_without_turns_streamlit_is_as_it_was() -> None:
    before = ScriptRunner._run_script, ScriptRunner._on_script_finished
    script_turns.take_turns(Turns())
    assert ScriptRunner._run_script is not before[0]
    script_turns.take_turns(Turns())  # twice is as once
    script_turns.end_turns()
    assert (ScriptRunner._run_script, ScriptRunner._on_script_finished) == before


class Renamed:
    def run_script(self, rerun_data: Any) -> None: ...


class OtherArguments:
    def _run_script(self, rerun_data: Any, more: Any) -> None: ...


class Elsewhere:
    def _run_script(self, rerun_data: Any) -> None: ...

    def _on_script_finished(
        self, ctx: Any, event: Any, premature_stop: bool, run_descriptor: Any
    ) -> None: ...

    def _run_script_thread(self) -> None: ...


@pytest.mark.parametrize("runner", [Renamed, OtherArguments, Elsewhere])
def test_a_changed_streamlit_runs_all_scripts_at_once_and_the_log_says_so(
    runner: type, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = ScriptRunner._run_script
    monkeypatch.setattr(script_turns, "ScriptRunner", runner)
    with caplog.at_level(logging.WARNING, "gatesviz.ui.script_turns"):
        assert not script_turns.take_turns()
    [record] = caplog.records
    assert "another way to run scripts" in record.getMessage()
    assert ScriptRunner._run_script is before


def test_a_script_steps_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    aside: list[bool] = []
    monkeypatch.setattr(
        script_turns, "_TURNS", SimpleNamespace(step_aside=lambda: aside.append(True))
    )
    script_turns.step_aside()
    assert aside

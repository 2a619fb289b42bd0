"""Streamlit's scripts take turns: pages and fragments, with errors, stops and reruns."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state import SessionState

from gatesviz.ui import script_turns
from gatesviz.ui.turns import Turns

PATIENCE = 20.0
LOOPS: list[asyncio.AbstractEventLoop] = []
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
    monkeypatch.setattr(Runtime, "_instance", MagicMock())
    monkeypatch.setattr(script_turns, "person", lambda: "")
    assert script_turns.take_turns(turns)
    AT_ONCE.clear()
    yield turns
    script_turns.end_turns()
    while LOOPS:
        LOOPS.pop().close()
    assert turns._now is None
    assert turns.waiting == 0


class Tab:
    """A session of Streamlit that runs a script, without a server."""

    def __init__(self, folder: Path, end: str) -> None:
        self.path = folder / f"{end}.py"
        self.path.write_text(SCRIPT + ENDS[end])
        self.fragments, self.state = MemoryFragmentStorage(), SessionState()
        self.events: list[ScriptRunnerEvent] = []

    def start(self, request: RerunData | None = None) -> ScriptRunner:
        cache = ScriptCache()
        LOOPS.append(asyncio.new_event_loop())
        runner = ScriptRunner(
            session_id="a tab",
            main_script_path=str(self.path),
            session_state=self.state,
            uploaded_file_mgr=MemoryUploadedFileManager("/up"),
            script_cache=cache,
            initial_rerun_data=request or RerunData(),
            user_info={},
            fragment_storage=self.fragments,
            pages_manager=PagesManager(str(self.path), cache),
            event_loop=LOOPS[-1],
        )
        runner.on_event.connect(self._note, weak=False)
        runner.start()
        return runner

    def run(self, request: RerunData | None = None) -> None:
        finish([self.start(request)])

    def _note(self, sender: Any, event: ScriptRunnerEvent, **_: Any) -> None:
        if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
            self.events.append(event)


def finish(runners: list[ScriptRunner]) -> None:
    for runner in runners:
        thread = runner._script_thread
        assert thread is not None
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_two_scripts_never_run_at_once_however_they_end(turns: Turns, tmp_path: Path) -> None:
    tabs = [Tab(tmp_path, end) for end in ENDS for _ in range(3)]
    finish([tab.start() for tab in tabs])
    assert len(AT_ONCE) == 3 * (3 + 2 + 2 + 4)  # each look and each fragment
    assert set(AT_ONCE) == {1}
    assert all(tab.events[-1] is ScriptRunnerEvent.SHUTDOWN for tab in tabs)


def test_a_script_that_is_stopped_while_it_waits_gives_its_turn_on(
    turns: Turns, tmp_path: Path
) -> None:
    with turns.turn("somebody else"):
        runner, other = (Tab(tmp_path, "plain").start() for _ in range(2))
        runner.request_stop()
    finish([runner, other])
    assert set(AT_ONCE) == {1}


def test_a_fragment_takes_a_turn(
    turns: Turns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab, taken = Tab(tmp_path, "plain"), []
    tab.run()
    [fragment] = tab.fragments._fragments
    monkeypatch.setattr(turns, "turn", lambda person: nullcontext(taken.append(person)))
    tab.run(RerunData(fragment_id_queue=[fragment]))
    assert taken == ["a tab"]  # without a cookie
    assert tab.events[-2] is ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS


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

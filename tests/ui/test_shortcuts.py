"""With shortcuts, a browser gets exactly the messages that Streamlit itself would send."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState

from gatesviz.ui import shortcuts
from gatesviz.ui.shortcuts import LazyState, Outbox, leave_shortcuts, take_shortcuts

PATIENCE = 20.0
SCRIPT = """
import streamlit as st

@st.fragment
def inner():
    st.write("inside")

@st.fragment
def part():
    st.button("again", key="again")
    left, right = st.columns(2)
    with right:
        inner()
        st.write("after it")
    st.write("a part")

st.title("A page")
kept = st.number_input("kept", 0, 9, 3, key="kept")
st.session_state.setdefault("own", 1)
st.write(f"{kept} {sorted(st.session_state)}")
for line in range(30):
    st.text(line)
part()
if "once" not in st.session_state:
    st.session_state.once = 1
    st.rerun()
"""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert take_shortcuts() == []
    yield
    leave_shortcuts()


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Runtime, "_instance", MagicMock())
    path = tmp_path / "page.py"
    path.write_text(SCRIPT)
    return path


def a_session(page: Path, woken: Callable[[], None] = lambda: None) -> AppSession:
    files = MemoryUploadedFileManager("/up")
    data = ScriptData(str(page), False)
    return AppSession(data, files, ScriptCache(), woken, {}, "a session")


async def run(session: AppSession, fragment: str = "") -> list[Any]:
    """Ask for a run. Return its messages, without the ids of the run."""
    request = BackMsg()
    request.rerun_script.fragment_id = fragment
    session.handle_backmsg(request)
    async with asyncio.timeout(PATIENCE):
        while session._scriptrunner is not None:
            await asyncio.sleep(0.005)
    return without_ids(session.flush_browser_queue())


def without_ids(messages: list[Any]) -> list[Any]:
    for message in messages:
        message.metadata.run.ClearField("script_run_id")
    return messages


async def visit(page: Path) -> list[list[Any]]:
    """Return the messages of a first run, which starts again once, of a second, of each fragment,
    and after a message of the browser that can't be processed.
    """
    session = a_session(page)
    try:
        first, second = await run(session), await run(session)
        fragments = list(session._fragment_storage._fragments)  # type: ignore[attr-defined]
        assert len(fragments) == 2
        part = [message for one in fragments * 2 for message in await run(session, one)]
        session.handle_backmsg_exception(ValueError("a bad message of the browser"))
        await asyncio.sleep(0.05)
        return [first, second, part, without_ids(session.flush_browser_queue())]
    finally:
        session._script_event_loop.close()


def test_the_messages_are_those_of_streamlit(page: Path) -> None:
    own = asyncio.run(visit(page))
    assert take_shortcuts() == []
    try:
        assert asyncio.run(visit(page)) == own
    finally:
        leave_shortcuts()
    kinds = [message.WhichOneof("type") for message in own[1]]
    assert kinds[0] == "new_session"
    assert kinds.count("delta") > 30
    assert kinds[-1] == "session_status_changed"
    assert len(own[2]) < 50
    assert own[3][-1].delta.new_element.exception.message  # after all that clears the page


def test_the_thread_that_answers_is_woken_a_few_times_a_run(taken: None, page: Path) -> None:
    async def count() -> int:
        session, calls = a_session(page), []
        own = session._call_soon_on_event_loop
        session._call_soon_on_event_loop = lambda call: (calls.append(call), own(call))  # type: ignore[method-assign,assignment]
        try:
            await run(session)
            calls.clear()
            await run(session)
        finally:
            session._script_event_loop.close()
        return len(calls)

    assert (
        asyncio.run(count()) < 8
    )  # it takes 20 ms or some more; Streamlit itself wakes it 40 times


def test_a_message_arrives_while_its_script_goes_on(taken: None, page: Path) -> None:
    page.write_text("import time, streamlit as st\nst.text('now')\ntime.sleep(0.4)\n")

    async def watch() -> list[Any]:
        session = a_session(page)
        session.request_rerun(None)
        try:
            async with asyncio.timeout(PATIENCE):
                while len(session._browser_queue) < 3:
                    await asyncio.sleep(0.01)
            assert session._scriptrunner is not None
            early = session.flush_browser_queue()
            while session._scriptrunner is not None:
                await asyncio.sleep(0.01)
        finally:
            session._script_event_loop.close()
        return early

    early = asyncio.run(watch())
    assert early[-1].delta.new_element.text.body == "now"


def test_a_session_gets_the_last_events_of_a_runner_before_it_has_another(
    taken: None, page: Path
) -> None:
    async def replace() -> list[Any]:
        session = a_session(page)
        runner = session._scriptrunner = MagicMock()
        runner.request_rerun.return_value = False  # it is about to end
        message = MagicMock()
        session._enqueue_forward_msg = MagicMock()  # type: ignore[method-assign]
        event = shortcuts.ScriptRunnerEvent.ENQUEUE_FORWARD_MSG
        session._on_scriptrunner_event(runner, event, forward_msg=message)
        try:
            await run(session)
        finally:
            session._script_event_loop.close()
        return [message, *session._enqueue_forward_msg.call_args_list]

    message, *calls = asyncio.run(replace())
    assert calls[0].args == (message,)


def test_another_configuration_or_other_pages_make_another_first_message(
    taken: None, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def messages() -> tuple[Any, ...]:
        session = a_session(page)
        descriptor = SimpleNamespace(script_run_id="1", fragment_ids=["a"])
        pages = {"hash": {"page_name": "one", "icon": ""}}

        def make(pages: Any) -> Any:
            return session._create_new_session_message("hash", descriptor, pages)  # type: ignore[arg-type]

        first, same = make(pages), make(pages)
        more = make({**pages, "other": {"page_name": "two", "icon": ""}})
        option = config.get_config_options()["theme.primaryColor"]
        monkeypatch.setattr(option, "_get_val_func", lambda: "#123456")
        monkeypatch.setattr(config, "_config_options", {**config.get_config_options()})
        changed = make(pages)
        session._script_event_loop.close()
        return first, same, more, changed

    first, same, more, changed = asyncio.run(messages())
    assert same == first
    assert [each.page_name for each in more.new_session.app_pages] == ["one", "two"]
    assert changed.new_session.custom_theme.primary_color == "#123456"
    assert first.new_session.custom_theme.primary_color != "#123456"


def test_values_of_a_session_are_those_of_streamlit(taken: None) -> None:
    state = SessionState()
    state["own"], state["none"] = 1, None
    state._old_state["$$ID-abc-None"] = 5  # a widget without a key
    safe = SafeSessionState(state, lambda: None)
    lazy = safe.filtered_state
    assert isinstance(lazy, LazyState)
    assert dict(lazy) == state.filtered_state == {"own": 1, "none": None}
    assert ("own" in lazy, "none" in lazy, "other" in lazy) == (True, True, False)
    assert (lazy["own"], lazy.get("other"), len(lazy)) == (1, None, 2)
    assert repr(lazy) == repr(state.filtered_state)


def test_an_event_that_fails_loses_no_other(caplog: pytest.LogCaptureFixture) -> None:
    box, seen = Outbox(), []

    def fail() -> None:
        raise ValueError("on purpose")

    assert box.add(fail)
    assert not box.add(lambda: seen.append(1))
    box.deliver()
    assert seen == [1]
    assert "an event of a run was lost" in caplog.text
    assert box.add(lambda: None)  # the next one needs a delivery


def test_a_changed_streamlit_keeps_its_own_functions_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = AppSession.request_rerun, SafeSessionState.filtered_state
    monkeypatch.setattr(AppSession, "_on_scriptrunner_event", lambda self, *given: None)
    with caplog.at_level(logging.WARNING, "gatesviz.ui.shortcuts"):
        assert take_shortcuts() == ["_on_scriptrunner_event"]
    assert AppSession.request_rerun is own[0]
    assert SafeSessionState.filtered_state is not own[1]  # this one is as tested
    [record] = caplog.records
    assert "has other internals (_on_scriptrunner_event)" in record.getMessage()
    leave_shortcuts()
    assert SafeSessionState.filtered_state is own[1]

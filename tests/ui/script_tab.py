"""Sessions of Streamlit that run a script, without a server."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state import SessionState

PATIENCE = 20.0


class Tab:
    """A session that runs the script in ``path``.

    Attributes:
        events: what Streamlit would tell the browser, without the messages of the page.
        messages: those messages.
        when_started: called once, in the thread of the next run, before its callbacks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fragments, self.state = MemoryFragmentStorage(), SessionState()
        self.pages = PagesManager(str(path), ScriptCache())
        self.events: list[ScriptRunnerEvent] = []
        self.messages: list[ForwardMsg] = []
        self.when_started: Callable[[], object] | None = None
        self.session = self._make_session()

    @property
    def fragment(self) -> str:
        """The id of the script's only fragment."""
        [fragment] = self.fragments._fragments
        return fragment

    def start(self, request: RerunData | None = None) -> ScriptRunner:
        """Start a run of its own."""
        self.session._scriptrunner, self.session._script_cache = None, ScriptCache()
        AppSession._create_scriptrunner(self.session, request or RerunData())
        runner: ScriptRunner = self.session._scriptrunner
        return runner

    def run(self, request: RerunData | None = None) -> None:
        """Start a run and wait for its end."""
        finish([self.start(request)])

    def ask(
        self, *widgets: WidgetState, fragment: str = "", page: str = "", timer: bool = False
    ) -> ScriptRunner:
        """Ask for a run as a browser does, and return the runner that has the request."""
        request = ClientState(fragment_id=fragment, page_script_hash=page, is_auto_rerun=timer)
        request.widget_states.widgets.extend(widgets)
        AppSession.request_rerun(self.session, request)
        runner: ScriptRunner = self.session._scriptrunner
        return runner

    def widget(self, label: str, **value: Any) -> WidgetState:
        """Return a value for the only widget whose id ends with ``label``."""
        known = self.state._new_widget_state.widget_metadata
        [name] = [one for one in known if one.endswith(label)]
        return WidgetState(id=name, **value)

    def _make_session(self) -> Any:
        return SimpleNamespace(
            id="a tab",
            has_fragment=self.fragments.contains,
            _state=None,
            _client_state=ClientState(),
            _scriptrunner=None,
            _script_event_loop=asyncio.new_event_loop(),
            _script_data=SimpleNamespace(main_script_path=str(self.path)),
            _session_state=self.state,
            _uploaded_file_mgr=MemoryUploadedFileManager("/up"),
            _script_cache=ScriptCache(),
            _user_info={},
            _fragment_storage=self.fragments,
            _pages_manager=self.pages,
            _on_script_error=None,
            _local_sources_watcher=None,
            _on_scriptrunner_event=self._note,
            _unsettle=lambda: None,
            _create_scriptrunner=lambda data: AppSession._create_scriptrunner(self.session, data),
        )

    def _note(self, sender: Any, event: ScriptRunnerEvent, **given: Any) -> None:
        if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
            self.messages.append(given["forward_msg"])
        else:
            self.events.append(event)
        if event is ScriptRunnerEvent.SCRIPT_STARTED and self.when_started is not None:
            act, self.when_started = self.when_started, None
            act()

    def close(self) -> None:
        """Free what the session holds."""
        self.session._script_event_loop.close()


def finish(runners: list[ScriptRunner]) -> None:
    """Wait for the end of all runs."""
    for runner in runners:
        thread = runner._script_thread
        assert thread is not None
        thread.join(PATIENCE)
        assert not thread.is_alive()


@contextmanager
def no_server() -> Iterator[None]:
    """Let scripts run although there is no server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runtime, "_instance", MagicMock())
        yield

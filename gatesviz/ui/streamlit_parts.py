"""The parts of Streamlit that `gatesviz.ui.script_requests` relies on, as they were tested."""

import inspect
from dataclasses import fields

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils import script_requests
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state.common import RegisterWidgetResult, WidgetMetadata
from streamlit.runtime.state.query_params import QueryParams
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import KeyIdMapper, SessionState, WStates

_EXPECTED: dict[tuple[type, str], list[str]] = {
    (ScriptRequests, "_request_rerun_locked"): ["self", "new_data"],
    (AppSession, "_create_scriptrunner"): ["self", "initial_rerun_data"],
    (ScriptRunner, "_run_script"): ["self", "rerun_data"],
    (SessionState, "_getitem"): ["self", "widget_id", "user_key"],
    (SessionState, "register_widget"): ["self", "metadata", "user_key"],
    (KeyIdMapper, "get_id_from_key"): ["self", "key", "default"],
    (WStates, "set_widget_from_proto"): ["self", "widget_state"],
    (ForwardMsgQueue, "clear"): ["self", "retain_lifecycle_msgs", "fragment_ids_this_run"],
    (AppSession, "request_script_stop"): ["self"],
    (AppSession, "request_rerun"): ["self", "client_state"],
    (AppSession, "has_fragment"): ["self", "fragment_id"],
}
"""The parameters of the methods that are wrapped or called."""
_SOURCES: dict[tuple[type, str], tuple[str, ...]] = {
    (ScriptRequests, "request_rerun"): ("self._request_rerun_locked(",),
    (ScriptRequests, "__init__"): ("self._state", "self._rerun_data", "self._lock"),
    (AppSession, "request_rerun"): ("self._create_scriptrunner(rerun_data)",),
    (AppSession, "_create_scriptrunner"): ("initial_rerun_data=initial_rerun_data",),
    (ScriptRunner, "__init__"): (
        "self._requests =",
        "yield_callback=self._maybe_handle",
    ),
    (ScriptRunner, "_run_script"): ("on_script_will_rerun(",),
    (ScriptRunner, "_maybe_handle_execution_control_request"): ("if not self._execing:",),
    (SafeSessionState, "on_script_will_rerun"): ("self._yield_callback()",),
    (QueryParams, "unbind_widget"): ("self._bindings_by_param",),
    (ForwardMsgQueue, "enqueue"): ("in self._delta_index_map", "self._queue.append(msg)"),
}
"""What the source of these methods must contain."""
_FIELDS: dict[type, set[str]] = {
    RerunData: {
        *("fragment_id", "fragment_id_queue", "is_auto_rerun", "page_script_hash"),
        *("is_history_navigation", "widget_states"),
    },
    WidgetMetadata: {"fragment_id", "id", "presenter"},
    RegisterWidgetResult: {"value", "value_changed"},
    SessionState: {"_new_widget_state", "_new_session_state", "_key_id_mapper"},
    ScriptRunContext: {"_enqueue", "script_requests", "shared"},
}
_FUNCTIONS = ("_coalesce_widget_states", "_has_active_trigger_value")


def changed_part() -> str:
    """Return which part of Streamlit is not as expected, or ""."""
    for (owner, name), expected in _EXPECTED.items():
        method = getattr(owner, name, None)
        if method is None or list(inspect.signature(method).parameters) != expected:
            return f"{owner.__name__}.{name}"
    for (owner, name), parts in _SOURCES.items():
        method = getattr(owner, name, None)
        if method is None or any(part not in inspect.getsource(method) for part in parts):
            return f"{owner.__name__}.{name}"
    for owner, names in _FIELDS.items():
        if not names.issubset(one.name for one in fields(owner)):
            return owner.__name__
    if not hasattr(PagesManager, "current_page_script_hash"):
        return "PagesManager"
    return next((name for name in _FUNCTIONS if not hasattr(script_requests, name)), "")

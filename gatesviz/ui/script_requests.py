"""No request of a browser is lost: Streamlit's gaps between a request and its run, closed.

- A click can end the run of the click before, which hasn't begun yet. Streamlit then forgets the
  first one. Here the second run gets it, too. If the second one is of another page, the callbacks
  of the first one are called before that page runs.
- A click can end a run in the middle of a callback. Here callbacks always end.
- The browser sends what changes at nearly the same time in one request. If a part of the page sends
  together with the page itself, Streamlit runs that part alone. Here the whole page is run.
- A part of a page can ask for a run after the browser has left that page. Streamlit would bring
  the old page back, also by merging both requests. Here only its callbacks are called, so that the
  reader's last move counts. A timer's request is dropped.
- If a part runs just after its page, Streamlit forgets what the page has drawn there. The browser
  then removes the part and builds it anew, so a player would begin again. Here both are sent.
- A part can be gone when it asks, because its page was drawn without it or was left. Streamlit
  then drops what it asks for. Here the page is drawn again, or the callbacks are called.
- A timer's request can have a click, which the browser sends again. Here the click counts once.
- A page that is opened by a link or by Back keeps all settings of its address. Streamlit takes
  those away that the page before has, too, such as a text. It also forgets the address if a part
  asks for a run just after that.
- A click can have values that the page has replaced just before. See `gatesviz.ui.set_values`.

Streamlit has no public place for this. So some of its methods are wrapped, if they are still as
expected. Otherwise Streamlit's own stay, and the log says so.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from threading import RLock, local
from typing import Any

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState, WStates

from gatesviz.ui.pending_requests import asked_of, move_all, take, take_left
from gatesviz.ui.set_values import (
    note_request,
    noting_set_values,
    without_old_clicks,
    without_old_values,
)
from gatesviz.ui.streamlit_parts import changed_part
from gatesviz.ui.widget_states import is_click, only_reports, united, without_clicks

_OWN: list[tuple[type, str, Callable[..., Any]]] = []
"""The methods of Streamlit that are wrapped now."""
_BEFORE, _CALLING = "gatesviz_before", "gatesviz_calling"
_LEAVING = local()
"""In the thread that makes a run: what was asked of the page before, for the new run."""


def keep_requests() -> str:
    """Keep every request from now on. Return what of Streamlit prevents it, or ""."""
    if _OWN:
        return ""
    if problem := changed_part():
        logging.getLogger(__name__).warning(
            "Streamlit %s handles requests in another way (%s), so a click can be lost while the"
            " server is busy. The tested version is in constraints.txt.",
            st.__version__,
            problem,
        )
        return problem
    for owner, name, wrapper in (
        (ScriptRequests, "_request_rerun_locked", _adding),
        (AppSession, "request_rerun", _requesting),
        (AppSession, "_create_scriptrunner", _creating),
        (AppSession, "request_script_stop", _stopping),
        (ScriptRunner, "_run_script", _running),
        (SafeSessionState, "on_script_will_rerun", _hearing),
        (ForwardMsgQueue, "clear", _clearing),
        (SessionState, "register_widget", noting_set_values),
    ):
        own = getattr(owner, name)
        _OWN.append((owner, name, own))
        setattr(owner, name, wraps(own)(wrapper(own)))
    return ""


def leave_requests() -> None:
    """Let Streamlit handle requests in its own way again."""
    while _OWN:
        setattr(*_OWN.pop())


def _adding(add: Callable[..., bool]) -> Callable[..., bool]:
    def request_rerun(self: ScriptRequests, new_data: RerunData) -> bool:
        asked, pending = asked_of(self), self._rerun_data
        if (left := getattr(_LEAVING, "states", None)) is not None:  # the first request of a run
            asked.left, _LEAVING.states = left, None
        if new_data.is_auto_rerun:
            new_data = replace(new_data, widget_states=without_clicks(new_data.widget_states))
        waits = self._state is ScriptRequestType.RERUN
        if waits and _is_late(pending, new_data):
            if _is_of_another_page(pending, new_data):
                if not new_data.is_auto_rerun:
                    asked.left = united(asked.left, new_data.widget_states)
                return True
            new_data = replace(pending, widget_states=new_data.widget_states)  # it has the move
        added = add(self, new_data)
        if added and waits and not pending.is_auto_rerun:  # a click isn't a timer
            self._rerun_data = replace(self._rerun_data, is_auto_rerun=False)
        states = self._rerun_data.widget_states
        if added and states is not None:
            asked.states.append(states)
        return added

    return request_rerun


def _requesting(
    request: Callable[[AppSession, ClientState | None], None],
) -> Callable[[AppSession, ClientState | None], None]:
    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None:
            note_request(self._session_state, self._pages_manager, client_state)
        if (
            client_state is None
            or not client_state.fragment_id
            or client_state.is_auto_rerun
            or self._state is AppSessionState.SHUTDOWN_REQUESTED
            or self.has_fragment(client_state.fragment_id)
        ):
            return request(self, client_state)
        # Streamlit would drop it: the part that asks is gone.
        page, parts = client_state.page_script_hash, [client_state.fragment_id]
        if page == self._pages_manager.current_page_script_hash:
            whole = ClientState()
            whole.CopyFrom(client_state)
            whole.fragment_id = ""
            return request(self, whole)
        widgets, runner = client_state.widget_states, self._scriptrunner
        data = RerunData(widget_states=widgets, page_script_hash=page, fragment_id_queue=parts)
        if runner is None or not runner.request_rerun(data):
            self._create_scriptrunner(data)
        return None

    return request_rerun


def _creating(create: Callable[..., None]) -> Callable[..., None]:
    def create_runner(self: AppSession, initial_rerun_data: RerunData) -> None:
        before, data = getattr(self, _BEFORE, None), initial_rerun_data
        if before is not None:
            states, left = move_all(before)
            if data.page_script_hash not in ("", self._pages_manager.current_page_script_hash):
                _LEAVING.states = united(left, states)
            elif (known := united(left, states)) is not None:
                data = replace(data, widget_states=united(known, data.widget_states))
        try:
            create(self, data)
        finally:
            _LEAVING.states = None
        runner = self._scriptrunner
        setattr(self, _BEFORE, None if runner is None else runner._requests)

    return create_runner


def _stopping(stop: Callable[[AppSession], None]) -> Callable[[AppSession], None]:
    def request_script_stop(self: AppSession) -> None:
        stop(self)
        if (before := getattr(self, _BEFORE, None)) is not None:
            move_all(before)  # to nowhere: the reader has cancelled it

    return request_script_stop


def _running(run: Callable[..., None]) -> Callable[..., None]:
    def run_script(self: ScriptRunner, rerun_data: RerunData) -> None:
        left, goes_on = take_left(self._requests)
        if not goes_on:
            return  # another run has the request
        with _calling(self):  # let callbacks end that another run has begun
            if left is not None:
                _call_callbacks(self, left)
        if _is_of_left_page(self, rerun_data):
            if take(self._requests, rerun_data.widget_states) and not rerun_data.is_auto_rerun:
                with _calling(self):
                    _call_callbacks(self, _of_parts(self, rerun_data))
            return
        if _has_more(self, rerun_data):
            rerun_data = replace(rerun_data, fragment_id_queue=[])
        _keep_address(self, rerun_data)
        run(self, rerun_data)

    return run_script


def _hearing(hear: Callable[..., None]) -> Callable[..., None]:
    def on_script_will_rerun(
        self: SafeSessionState, fresh_widget_states: WidgetStates | None, **given: Any
    ) -> None:
        runner = getattr(self._yield_callback, "__self__", None)
        if not isinstance(runner, ScriptRunner):
            hear(self, fresh_widget_states, **given)
            return
        with _calling(runner):
            if not take(runner._requests, fresh_widget_states):
                raise StopException
            pages = runner._pages_manager
            states = without_old_values(self._state, pages, fresh_widget_states)
            was, runner._execing = runner._execing, False  # else a request ends a callback halfway
            try:
                hear(self, states, **given)
            finally:
                runner._execing = was

    return on_script_will_rerun


def _clearing(clear: Callable[..., None]) -> Callable[..., None]:
    def clear_queue(
        self: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run is not None:
            self._delta_index_map = {}  # what comes now replaces nothing that waits
        else:
            clear(self, retain_lifecycle_msgs, fragment_ids_this_run)

    return clear_queue


def _calling(runner: ScriptRunner) -> RLock:
    """Return the lock of a session's callbacks. A long callback can outlast the turn of its run."""
    lock: RLock = runner._pages_manager.__dict__.setdefault(_CALLING, RLock())
    return lock


def _has_more(runner: ScriptRunner, rerun_data: RerunData) -> bool:
    """Return whether a request of parts of a page has a click or a value of another part.

    A timer's has none: the browser sends the change itself, too.
    """
    if not rerun_data.fragment_id_queue or rerun_data.is_auto_rerun:
        return False
    state: SessionState = runner._session_state._state
    known, keys = state._new_widget_state.widget_metadata, state._key_id_mapper.id_key_mapping
    sent = WStates(widget_metadata=known)
    for widget in rerun_data.widget_states.widgets if rerun_data.widget_states else ():
        kind = known.get(widget.id)
        if kind is None or kind.fragment_id in rerun_data.fragment_id_queue:
            continue
        if is_click(widget):
            return True
        if kind.presenter is not None:
            continue  # one of our own parts, which shows its value itself
        try:
            sent.set_widget_from_proto(widget)
            if sent[widget.id] != state._getitem(widget.id, keys.get(widget.id)):
                return True
        except KeyError:
            continue  # it has no value yet
        except Exception:  # a wrong value, which Streamlit reports
            return True
    return False


def _is_late(pending: RerunData, new: RerunData) -> bool:
    """Return whether ``new`` is of a part of what the browser leaves by ``pending``.

    That is another page. Or it is another address of the same page, by a link or by Back, if a
    part only says where it stands, as a player does. A reader's click after Back counts more.
    """
    part = bool(new.fragment_id or new.fragment_id_queue)
    whole = not (pending.fragment_id or pending.fragment_id_queue)
    returns = pending.is_history_navigation and only_reports(
        pending.widget_states, new.widget_states
    )
    return part and whole and (returns or _is_of_another_page(pending, new))


def _is_of_another_page(one: RerunData, other: RerunData) -> bool:
    pages = one.page_script_hash, other.page_script_hash
    return all(pages) and pages[0] != pages[1]


def _is_of_left_page(runner: ScriptRunner, rerun_data: RerunData) -> bool:
    """Return whether a part of a page asks for a run after the browser went to another page.

    A part that waits before it sends, such as a player, can ask that late. Streamlit would then
    name the old page to the browser, which would remove the new one and show nothing.
    """
    now = runner._pages_manager.current_page_script_hash
    return bool(
        rerun_data.fragment_id_queue and rerun_data.page_script_hash not in ("", now) and now
    )


def _of_parts(runner: ScriptRunner, rerun_data: RerunData) -> WidgetStates:
    """Return the clicks of a request, and the widgets of the parts that ask.

    The browser sends all widgets of its page. After another page has run, each one looks changed.
    """
    known = runner._session_state._state._new_widget_state.widget_metadata
    states, parts = rerun_data.widget_states or WidgetStates(), rerun_data.fragment_id_queue
    return WidgetStates(
        widgets=[
            one
            for one in states.widgets
            if is_click(one) or (one.id in known and known[one.id].fragment_id in parts)
        ]
    )


def _call_callbacks(runner: ScriptRunner, states: WidgetStates) -> None:
    """Call the callbacks of a page that the browser has left, without running a page.

    They change the session, but neither the address nor which page runs next.
    """
    context = runner._get_script_run_ctx()
    enqueue, requests = context._enqueue, context.script_requests
    context._enqueue, context.script_requests = lambda _: None, None
    context.shared.widget_ids_this_run.clear()  # else a callback can't set what a page has drawn
    context.shared.form_ids_this_run.clear()
    state = runner._session_state._state
    try:
        state.on_script_will_rerun(without_old_clicks(runner._pages_manager, states))
    except Exception:
        logging.getLogger(__name__).exception("A callback of a page that was left has failed.")
    finally:
        context._enqueue, context.script_requests = enqueue, requests


def _keep_address(runner: ScriptRunner, rerun_data: RerunData) -> None:
    """Let a page that is opened by a link or by Back have all settings of its address."""
    now = runner._pages_manager.current_page_script_hash
    if not rerun_data.is_history_navigation or rerun_data.page_script_hash in ("", now):
        return
    with runner._session_state.query_params() as query:
        for bound in [*query._bindings_by_param.values()]:
            query.unbind_widget(bound.widget_id)

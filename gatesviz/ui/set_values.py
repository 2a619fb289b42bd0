"""A value that a page sets isn't undone by a click that the browser sends before it knows it.

With every click the browser sends the values of all its widgets. On a slow network, a click can
come after the page has set a widget and before the browser has heard of it. The old value in it
would look like a choice of the reader. Here the set value stays, and the browser gets it again.

The reader can also choose the old value again. Then the request differs from the one before in this
widget, or, if the browser has taken the set value without a word, in nothing that needs a reason.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import RegisterWidgetResult, WidgetMetadata
from streamlit.runtime.state.session_state import SessionState, WStates

from gatesviz.ui.widget_states import is_click

LONGEST_LAG = 3.0
"""Seconds after which the browser is taken to know a value.

A reader who then sees it, types the old one and presses a button sends both in one request, which
looks like a click that comes too early.
"""
_KNOWN = "gatesviz_known"


@dataclass(frozen=True)
class _SetWidget:
    """A widget that a page has set.

    Attributes:
        old: what the browser sent for it before.
        value: what it was set to.
        at: the time in seconds at which it was set to that.
    """

    old: WidgetState
    value: object
    at: float


@dataclass
class _Known:
    """What the browser of one session knows of its widgets.

    Attributes:
        heard: widget id -> what the last request had.
        taken: widget id -> what the last run has taken of the requests.
        chosen: widget id -> when a request had another value of it than the one before.
        waiting: widget id -> what the browser may not know yet.
        again: ids of widgets whose value has to be sent again.
        owed: whether a timer's request had a change that the browser sends itself, too.
        came: when the last request came. Its run may wait for others.
        lock: held by the thread that reads or changes this. A run that is being stopped may still
            draw widgets while the next one begins, and requests come in a third thread.
    """

    heard: dict[str, WidgetState] = field(default_factory=dict)
    taken: dict[str, WidgetState] = field(default_factory=dict)
    chosen: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, _SetWidget] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    owed: bool = False
    came: float = math.inf
    lock: RLock = field(default_factory=RLock)


def noting_set_values(register: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `SessionState.register_widget`, which says whether the page has set the widget."""

    def register_widget(
        self: SessionState, metadata: WidgetMetadata[Any], user_key: str | None
    ) -> RegisterWidgetResult[Any]:
        result: RegisterWidgetResult[Any] = register(self, metadata, user_key)
        context = get_script_run_ctx()
        if context is None:
            return result
        known = _known(context.pages_manager)
        with known.lock:
            if metadata.id in known.again:
                known.again.discard(metadata.id)
                result = replace(result, value_changed=True)
            if result.value_changed:
                _note(known, metadata, result.value)
        return result

    return register_widget


def note_request(state: SessionState, pages: PagesManager, request: ClientState) -> None:
    """Note what a request of the browser has, and what the reader has chosen in it."""
    known, now = _known(pages), time.monotonic()
    sent = {widget.id: widget for widget in request.widget_states.widgets}
    with known.lock:
        changed = {
            name
            for name, one in sent.items()
            if not is_click(one) and one != known.heard.get(name, one)
        }
        news = {name for name in changed if not _is_set(state, known, sent[name])}
        if request.is_auto_rerun:
            known.owed = known.owed or bool(news)
        else:
            needs = news or known.owed or request.is_history_navigation
            needs = needs or any(map(is_click, sent.values())) or _is_elsewhere(pages, request)
            needs = needs or any(_is_new(state, known, one) for one in sent.values())
            old = {name for name, one in known.waiting.items() if sent.get(name) == one.old}
            if not needs and len(old) == 1:  # the reader has put it back: why else a request?
                changed |= old
            known.owed = False
        known.came = now
        known.chosen |= dict.fromkeys(changed, now)
        known.chosen = {name: at for name, at in known.chosen.items() if name in sent}
        known.heard = {name: one for name, one in sent.items() if not is_click(one)}


def without_old_values(
    state: SessionState, pages: PagesManager, states: WidgetStates | None
) -> WidgetStates | None:
    """Return the widgets of a run without values that the page has replaced meanwhile.

    Args:
        state, pages: of the session.
        states: the widgets of the requests that the run is for.
    """
    if states is None:
        return None
    known = _known(pages)
    with known.lock:
        _note_undrawn(state, known)
        known.taken = {widget.id: widget for widget in states.widgets if not is_click(widget)}
        known.waiting = {
            name: one
            for name, one in known.waiting.items()
            if _is_unknown(known, name, one, known.taken.get(name))
        }
        known.again = {*known.waiting}
        return _without(known, states)


def without_old_clicks(pages: PagesManager, states: WidgetStates) -> WidgetStates:
    """Return the widgets of a request of a page that the browser has left, without old values."""
    known = _known(pages)
    with known.lock:
        return _without(known, states)


def _without(known: _Known, states: WidgetStates) -> WidgetStates:
    old = {
        one.id
        for one in states.widgets
        if one.id in known.waiting and _is_unknown(known, one.id, known.waiting[one.id], one)
    }
    if not old:
        return states
    return WidgetStates(widgets=[one for one in states.widgets if one.id not in old])


def _is_unknown(known: _Known, name: str, one: _SetWidget, sent: WidgetState | None) -> bool:
    """Return whether the browser sends the old value because it doesn't know the new one."""
    chosen = known.chosen.get(name, one.at) > one.at
    asked = min(known.came, time.monotonic())
    return sent == one.old and not chosen and asked - one.at < LONGEST_LAG


def _note(known: _Known, metadata: WidgetMetadata[Any], value: object) -> None:
    """Note that this run has set a widget, if the browser has another value."""
    sent = known.taken.get(metadata.id)
    if sent is None:
        return
    before = known.waiting.pop(metadata.id, None)
    if not _same(_value(sent, metadata), value):
        same = before is not None and _same(before.value, value)
        at = before.at if same and before is not None else time.monotonic()
        known.waiting[metadata.id] = _SetWidget(sent, value, at)


def _note_undrawn(state: SessionState, known: _Known) -> None:
    """Note what the last run has set, such as in a callback, and perhaps not drawn any more."""
    metadata = state._new_widget_state.widget_metadata
    for key, value in [*state._new_session_state.items()]:
        name = state._key_id_mapper.get_id_from_key(key, "")
        if name in metadata:
            _note(known, metadata[name], value)


def _is_set(state: SessionState, known: _Known, sent: WidgetState) -> bool:
    """Return whether a request has the value that the page has set."""
    one, metadata = known.waiting.get(sent.id), state._new_widget_state.widget_metadata
    if one is None or sent.id not in metadata:
        return False
    return _same(_value(sent, metadata[sent.id]), one.value)


def _is_new(state: SessionState, known: _Known, sent: WidgetState) -> bool:
    """Return whether a widget is sent for the first time with a value that the page didn't draw."""
    metadata = state._new_widget_state.widget_metadata
    if sent.id in known.heard or sent.id not in metadata:
        return False
    try:
        drawn = state._getitem(sent.id, state._key_id_mapper.id_key_mapping.get(sent.id))
    except KeyError:
        return True
    return not _same(_value(sent, metadata[sent.id]), drawn)


def _is_elsewhere(pages: PagesManager, request: ClientState) -> bool:
    """Return whether a request opens another page."""
    return request.page_script_hash not in ("", pages.current_page_script_hash)


def _same(one: object, other: object) -> bool:
    """Return whether two values are equal. Tables and arrays have no plain answer."""
    try:
        return bool(one == other)
    except Exception:
        return False


def _value(sent: WidgetState, metadata: WidgetMetadata[Any]) -> object:
    """Return the value in Python. A wrong one, which Streamlit reports, is None."""
    states = WStates(widget_metadata={sent.id: metadata})
    try:
        states.set_widget_from_proto(sent)
        return states[sent.id]
    except Exception:
        return None


def _known(pages: PagesManager) -> _Known:
    """Return what the browser knows; the object for the pages is that of one session."""
    known: _Known = pages.__dict__.setdefault(_KNOWN, _Known())
    return known

"""Shortcuts through Streamlit's internals: the same pages, for less processor time.

A page has some fifty messages. For each of them Streamlit wakes the thread that answers the
browsers, and that thread then fights with the script for Python's interpreter lock. Here the
messages of a run are handed over together. Two results that Streamlit computes anew in every run
are kept: the first message of a run, and the dictionary of all values of a session. Places on a
page, which Streamlit copies for each of its fragments, are copied attribute by attribute.

Streamlit has no public place for this. Every function that a shortcut relies on must have the very
source that was tested. Otherwise Streamlit's own functions stay, and the log says so.
"""

import asyncio
import hashlib
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit import config, cursor
from streamlit.cursor import Cursor, LockedCursor, RunningCursor, SparseList
from streamlit.delta_generator import DeltaGenerator
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session, fragment
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

HOLD = 0.02
"""Seconds for which the messages of a run are held at most."""


@dataclass(frozen=True)
class Shortcut:
    """Functions of Streamlit that have faster ones.

    Attributes:
        relies: module, class and name of each function whose source must be as tested, and the
            start of its SHA-256.
        faster: a class or module, a name there, and a function that returns the faster function
            for Streamlit's own.
    """

    relies: Mapping[tuple[Any, str], str]
    faster: tuple[tuple[Any, str, Callable[[Any], Any]], ...]

    def changed(self) -> list[str]:
        """Return the functions that are not as tested."""
        return [name for (owner, name), digest in self.relies.items() if _of(owner, name) != digest]


def take_shortcuts() -> list[str]:
    """Use the faster functions from now on. Return the functions that prevent some of them."""
    if _TAKEN:
        return []
    changed = []
    for shortcut in SHORTCUTS:
        if problem := shortcut.changed():
            changed += problem
            continue
        for owner, name, make in shortcut.faster:
            own = inspect.getattr_static(owner, name)
            _TAKEN.append((owner, name, own))
            setattr(owner, name, make(own))
    if changed:
        logging.getLogger(__name__).warning(
            "Streamlit %s has other internals (%s), so a click takes more of the processor. The"
            " tested version is in constraints.txt.",
            st.__version__,
            ", ".join(changed),
        )
    return changed


def leave_shortcuts() -> None:
    """Use Streamlit's own functions again."""
    while _TAKEN:
        setattr(*_TAKEN.pop())


_TAKEN: list[tuple[Any, str, Any]] = []


def _of(owner: Any, name: str) -> str:
    """Return the start of the SHA-256 of a function's source, or "" if there is none."""
    found = inspect.getattr_static(owner, name, None)
    try:
        source = inspect.getsource(found.fget if isinstance(found, property) else found)  # type: ignore[arg-type]
    except (OSError, TypeError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


@dataclass
class Outbox:
    """The events of one session that its event loop doesn't have yet."""

    _lock: Lock = field(default_factory=Lock)
    _events: list[Callable[[], None]] = field(default_factory=list)
    _expected: bool = False

    def add(self, event: Callable[[], None]) -> bool:
        """Add an event. Return whether no delivery is expected yet: the caller must see to it."""
        with self._lock:
            self._events.append(event)
            first, self._expected = not self._expected, True
            return first

    def deliver(self) -> None:
        """Call all events in order. Call this on the session's event loop."""
        with self._lock:
            events, self._events, self._expected = self._events, [], False
        for event in events:
            try:
                event()
            except Exception:
                logging.getLogger(__name__).exception("an event of a run was lost")

    def deliver_later(self) -> None:
        """Deliver after `HOLD` seconds. Call this on the session's event loop."""
        asyncio.get_running_loop().call_later(HOLD, self.deliver)


_OUTBOXES: WeakKeyDictionary[AppSession, Outbox] = WeakKeyDictionary()


def _outbox(session: AppSession) -> Outbox:
    box = _OUTBOXES.get(session)
    return _OUTBOXES.setdefault(session, Outbox()) if box is None else box


def _hold_events(own: Callable[..., None]) -> Callable[..., None]:
    """Return a method that hands the events of a run over at its end, or after `HOLD` seconds."""

    @wraps(own)
    def on_scriptrunner_event(
        self: AppSession, sender: Any, event: ScriptRunnerEvent, *args: Any, **named: Any
    ) -> None:
        box, handle = _outbox(self), self._handle_scriptrunner_event_on_event_loop
        first = box.add(partial(handle, sender, event, *args, **named))
        if event is ScriptRunnerEvent.SHUTDOWN or _on_loop(self, event):
            self._call_soon_on_event_loop(box.deliver)
        elif first:
            self._call_soon_on_event_loop(box.deliver_later)

    return on_scriptrunner_event


def _on_loop(session: AppSession, event: ScriptRunnerEvent) -> bool:
    """Return whether the session's event loop reports an error: what it does next relies on it."""
    if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        return False
    try:
        return asyncio.get_running_loop() is session._event_loop
    except RuntimeError:  # the thread of a script has no running loop
        return False


def _deliver_first(own: Callable[..., None]) -> Callable[..., None]:
    """Return a method that delivers the events so far before it asks for another run.

    A session may get another runner then, and it ignores the events of one that it has replaced.
    """

    @wraps(own)
    def request_rerun(self: AppSession, client_state: Any) -> None:
        _outbox(self).deliver()
        own(self, client_state)

    return request_rerun


@dataclass(frozen=True)
class Opening:
    """The first message of a run, and what it depends on, except for the run itself."""

    message: ForwardMsg
    pages: Mapping[str, Any]
    options: object


def _keep_opening(own: Callable[..., ForwardMsg]) -> Callable[..., ForwardMsg]:
    """Return a method that fills only what differs from run to run into a session's first message.

    All else is the same until the configuration is read again or the pages change.
    """
    kept: WeakKeyDictionary[AppSession, Opening] = WeakKeyDictionary()

    @wraps(own)
    def create_new_session_message(
        self: AppSession, page_script_hash: str, run_descriptor: Any, pages: Any = None
    ) -> ForwardMsg:
        pages = pages or self._pages_manager.get_pages()
        options, opening = config.get_config_options(), kept.get(self)
        if opening is None or opening.pages != pages or opening.options is not options:
            message = own(self, page_script_hash, run_descriptor, pages)
            if not message.new_session.initialize.recommend_skills_install:
                bare = ForwardMsg()
                bare.CopyFrom(message)
                bare.ClearField("metadata")
                kept[self] = Opening(bare, dict(pages), options)
            return message
        message = ForwardMsg()
        message.CopyFrom(opening.message)
        app_session._set_run_identity(message, run_descriptor)
        message.new_session.page_script_hash = page_script_hash
        status = message.new_session.initialize.session_status
        status.run_on_save = self._run_on_save
        status.script_is_running = self._state == AppSessionState.APP_IS_RUNNING
        return message

    return create_new_session_message


class LazyState(Mapping[str, Any]):
    """The values of a session by key. Each is computed when it is asked for."""

    def __init__(self, state: SafeSessionState, whole: Callable[[], dict[str, Any]]) -> None:
        self._state, self._whole = state, whole

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._state.__contains__(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())


def _compute_lazily(own: property) -> property:
    """Return a property with the values of a session that computes only those in use."""
    whole = own.fget
    assert whole is not None
    return property(lambda self: LazyState(self, partial(whole, self)), doc=own.__doc__)


def _copy_places(own: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that copies what a fragment keeps: cursors, and a stack of containers."""

    @wraps(own)
    def copied(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: copied(each) for key, each in value.items()}
        if isinstance(value, tuple) and len({id(each) for each in value}) == len(value):
            return tuple(copied(each) for each in value)
        if type(value) in (RunningCursor, LockedCursor) and not len(value.transient_elements):
            return _copied_cursor(value)
        if type(value) is DeltaGenerator:
            made = DeltaGenerator(
                root_container=value._root_container,
                cursor=copied(value._cursor),
                parent=copied(value._parent),
                block_type=value._block_type,
            )
            made._form_data = own(value._form_data)
            made._creating_fragment_id = value._creating_fragment_id
            return made
        return None if value is None else own(value)

    return copied


def _copied_cursor(one: Cursor) -> Cursor:
    """Return a copy of a cursor without transient elements. All else in it is immutable."""
    made = object.__new__(type(one))
    made.__dict__.update(one.__dict__)
    made._transient_elements = SparseList()
    return made


SHORTCUTS = (
    Shortcut(
        {
            (AppSession, "_on_scriptrunner_event"): "a622d57aa2ba",
            (AppSession, "request_rerun"): "52f29d897336",
            (AppSession, "_handle_scriptrunner_event_on_event_loop"): "ed8b8b01f1b6",
            (AppSession, "handle_backmsg_exception"): "998e8d1df5ad",
            (ScriptRunner, "_run_script_thread"): "4bf3d78818ff",
        },
        (
            (AppSession, "_on_scriptrunner_event", _hold_events),
            (AppSession, "request_rerun", _deliver_first),
        ),
    ),
    Shortcut(
        {
            (AppSession, "_create_new_session_message"): "c90cb1120c02",
            (AppSession, "_populate_app_pages"): "09617b883204",
            (app_session, "_set_run_identity"): "f84b19ba0996",
            (config, "get_config_options"): "8c56d724142c",
        },
        ((AppSession, "_create_new_session_message", _keep_opening),),
    ),
    Shortcut(
        {
            (SafeSessionState, "filtered_state"): "d08f2da73ad6",
            (SessionState, "filtered_state"): "c9cebb3efcc6",
            (SessionState, "__getitem__"): "07d82ff981ac",
            (SessionState, "__contains__"): "3907cb312a72",
        },
        ((SafeSessionState, "filtered_state", _compute_lazily),),
    ),
    Shortcut(
        {
            (fragment, "_fragment"): "40a2d1a20a6b",
            (DeltaGenerator, "__init__"): "ac1a1e513692",
            (DeltaGenerator, "__deepcopy__"): "99db32064af3",
            (cursor, "SparseList"): "3a8668798c3b",
            (cursor, "Cursor"): "b441bb9bba5b",
            (cursor, "RunningCursor"): "78a7a8c4adc5",
            (cursor, "LockedCursor"): "cf1386762f42",
        },
        ((fragment, "deepcopy", _copy_places),),
    ),
)

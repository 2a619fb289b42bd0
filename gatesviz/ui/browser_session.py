"""Browser sessions: an id for each, whose it is, and a callback when one ends."""

from collections.abc import Callable
from uuid import uuid4

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gatesviz.engine import engine
from gatesviz.ui.persons import address, person


def owner(key: str) -> str:
    """Return the engine's id for what this session stores under ``key``.

    The engine is notified when the session ends.
    """
    return _present(name_of(key))


def name_of(key: str) -> str:
    """Return the same id as `owner`. Use it where the page calls `owner` or `watch` in each run."""
    name: str | None = st.session_state.get(key)
    if name is None:
        name = st.session_state[key] = uuid4().hex
    return name


def watch(key: str) -> str:
    """Tell the engine that this session looks at its runs, and whose it is. Return its id."""
    name = owner(key)
    engine().watch(name, person(), _connection(), address())
    return name


def _connection() -> Callable[[], bool] | None:
    """Return a function that says whether the tab of this session is connected."""
    context = get_script_run_ctx()
    if context is None or not Runtime.exists():
        return None
    session = context.session_id
    return lambda: not Runtime.exists() or Runtime.instance().is_active_session(session)


@st.cache_resource(scope="session", on_release=lambda name: engine().left(name), show_spinner=False)
def _present(name: str) -> str:
    return name

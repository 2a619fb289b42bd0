"""Browser sessions: an id for each, and a callback when one ends."""

from uuid import uuid4

import streamlit as st

from gatesviz.engine import engine


def owner(key: str) -> str:
    """Return the engine's id for what this session stores under ``key``.

    The engine is notified when the session ends.
    """
    name: str = st.session_state.setdefault(key, uuid4().hex)
    return _present(name)


@st.cache_resource(scope="session", on_release=lambda name: engine().left(name), show_spinner=False)
def _present(name: str) -> str:
    return name

"""Who is here: the engine's name for a part of a browser session, and word when that ends."""

from uuid import uuid4

import streamlit as st

from gatesviz.engine import engine


def owner(key: str) -> str:
    """Return the engine's name for what this session keeps under ``key``.

    The engine hears when the session ends.
    """
    name: str = st.session_state.setdefault(key, uuid4().hex)
    return _present(name)


@st.cache_resource(scope="session", on_release=lambda name: engine().left(name), show_spinner=False)
def _present(name: str) -> str:
    return name

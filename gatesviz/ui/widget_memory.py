"""Set the value of a widget, and remember it while the widget is not on the page.

Streamlit forgets the value of a widget that is not drawn. A typed text should still be there when
the user returns to its source.
"""

import math

import streamlit as st

_PREFIX = "remembered "


def restore(key: str) -> None:
    """Restore the value of the widget ``key``. Call this before drawing it."""
    if key not in st.session_state and _PREFIX + key in st.session_state:
        st.session_state[key] = st.session_state[_PREFIX + key]


def remember(key: str) -> None:
    """Store the value of the widget ``key``. Call this after drawing it."""
    st.session_state[_PREFIX + key] = st.session_state[key]


def forget_remembered() -> None:
    """Forget all values that `remember` stored."""
    for name in map(str, list(st.session_state)):
        if name.startswith(_PREFIX):
            del st.session_state[name]


def set_number(key: str, value: float) -> None:
    """Set the slider ``key`` to ``value`` before drawing it, unless it is there already.

    Each value that is set replaces what the user is moving at this moment, so a slider that is set
    at every run loses quick moves. Differences below 1e-6 come from float32.
    """
    held = st.session_state.get(key)
    if held is None or not math.isclose(held, value, rel_tol=1e-6, abs_tol=1e-6):
        st.session_state[key] = value


def remembered(key: str) -> str:
    """Return the text of the widget ``key``, also while it is not on the page; "" if none."""
    return str(st.session_state.get(key, st.session_state.get(_PREFIX + key, "")) or "")

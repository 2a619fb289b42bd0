"""Remember the value of a widget while it is not on the page.

Streamlit forgets the value of a widget that is not drawn. A typed text should still be there when
the user returns to its source.
"""

import streamlit as st

_PREFIX = "remembered "


def restore(key: str) -> None:
    """Restore the value of the widget ``key``. Call this before drawing it."""
    if key not in st.session_state and _PREFIX + key in st.session_state:
        st.session_state[key] = st.session_state[_PREFIX + key]


def remember(key: str) -> None:
    """Store the value of the widget ``key``. Call this after drawing it."""
    st.session_state[_PREFIX + key] = st.session_state[key]

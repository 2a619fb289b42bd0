"""What a person typed stays theirs, also while its widget is off the page.

Streamlit forgets the value of a widget that is not drawn; a text typed for one source should be
there again when the reader comes back from another.
"""

import streamlit as st

_PREFIX = "kept "


def restore(key: str) -> None:
    """Call before the widget ``key``: gives it back what `keep` put away."""
    if key not in st.session_state and _PREFIX + key in st.session_state:
        st.session_state[key] = st.session_state[_PREFIX + key]


def remember(key: str) -> None:
    """Call after the widget ``key``: puts its value away."""
    st.session_state[_PREFIX + key] = st.session_state[key]

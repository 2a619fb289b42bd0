"""A box for a text that begins with an example."""

import streamlit as st

from gatesviz.ui.fields import Field
from gatesviz.ui.widget_memory import remember, restore

_EXAMPLE = "example of the text"


def draw_text(field: Field, example: str, begin: str = "") -> str:
    """Draw a field of text that begins with an example, and return the text.

    Args:
        begin: a text of the reader to begin with instead, such as that of another page. Unlike the
            example, the link has it.
    """
    key, held = field.key, f"{_EXAMPLE} {field.key}"
    restore(key)
    if begin and key not in st.session_state and key not in st.query_params:
        st.session_state[key] = begin
    before = st.session_state.get(held)
    if before is not None and st.session_state.get(key) == before != example:
        st.session_state[key] = example  # that of another model is unchanged
    st.session_state[held] = example
    text: str = field.draw(value=example)
    remember(key)
    return text

"""The principle at the end of a page. A lesson hides it while it asks a question about it."""

import streamlit as st

from gatesviz.ui.classroom.held_results import is_page_hiding

PRINCIPLE_KEY = "gatesviz-principle"


def draw_principle(text: str, sources: str = "") -> None:
    """Draw the principle of a page and, below it, where it comes from. A page has one.

    A page that hides a result doesn't show it: it may tell the result.
    """
    if is_page_hiding():
        return
    with st.container(key=PRINCIPLE_KEY):
        st.write(text)
        if sources:
            st.caption(sources)

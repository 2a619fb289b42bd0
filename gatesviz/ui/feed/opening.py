"""The first input of a page on a server that ``gatesviz open`` started."""

import streamlit as st

from gatesviz.ui.feed.parameters import SOURCE, TEXT
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.widget_memory import remembered


def begins_with_opened_file(page: str) -> bool:
    """Choose the input that ``gatesviz open`` was given, in a new session without a link.

    Returns:
        Whether ``page`` begins with that file. Each page begins once.
    """
    given, begun = opened_file(), f"{page} begun with opened file"
    if given is None or begun in st.session_state:
        return False
    st.session_state[begun] = True
    if st.query_params:
        return False
    st.session_state[SOURCE.key] = given.source
    if given.text and not remembered(TEXT.key):
        st.session_state[TEXT.key] = given.text
    return True

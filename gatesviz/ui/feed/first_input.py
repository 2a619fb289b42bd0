"""The input with which a page begins for the model of a file: one that the model can read."""

import streamlit as st

from gatesviz.ui.feed.parameters import SOURCE, SOURCES
from gatesviz.ui.file_model import FileModel

_SOURCE_OF, _NEXT = "model of the input", "next input"


def first_source(model: FileModel) -> str:
    """Return the input with which a page begins for the model of a file."""
    return "text" if model.spelled else "wave" if model.size == 1 else "table"


def begin_source(model: FileModel) -> None:
    """Choose the first input of a model that is new here, if it can't read the one of before.

    Call this before the menu of inputs is drawn.
    """
    chosen = st.session_state.get(SOURCE.key)
    if chosen is not None and (chosen not in SOURCES or _is_lost(model, chosen, "")):
        st.session_state[SOURCE.key] = first_source(model)


def follow_model(model: FileModel | None, chosen: str) -> None:
    """Do the same after the menu of inputs is drawn: run the page again with the first input."""
    if model is not None and _is_lost(model, chosen, " on Feed"):
        st.session_state[_NEXT] = first_source(model)
        st.rerun()


def take_next_source() -> None:
    """Set the input that `follow_model` chose. Call this before the menu is drawn."""
    if _NEXT in st.session_state:
        st.session_state[SOURCE.key] = st.session_state.pop(_NEXT)


def _is_lost(model: FileModel, chosen: str, page: str) -> bool:
    """Return whether a model that is new on a page can't read the chosen input."""
    new = st.session_state.get(_SOURCE_OF + page) != model.key
    st.session_state[_SOURCE_OF + page] = model.key
    return new and chosen not in _readable(model)


def _readable(model: FileModel) -> tuple[str, ...]:
    """Return the inputs that a model can read."""
    if model.spelled:
        return "text", "numbers"
    return tuple(one for one in SOURCES if one != "text") if model.size == 1 else ("table",)

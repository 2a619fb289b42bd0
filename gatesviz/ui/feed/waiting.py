"""What the page waits for before it can show anything, beside the sidebar."""

import streamlit as st

from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import SOURCE
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.model_menus import refused_vocabulary
from gatesviz.ui.model_upload import FILE, file_of_link, missing_choice, upload_first

UNSPELLED = (
    "Your model is open. To read a text, it also needs its vocabulary, which says what each of its"
    " {:,} entries stands for. Paste it in the sidebar, under “Vocabulary”, as Python prints it. Or"
    " choose the input “numbers” and type numbers of entries."
)
UNFIT = "The vocabulary doesn't fit."


def lacking(setup: Setup) -> str:
    """Return what the page waits for."""
    if setup.weights == FILE and setup.file is None:
        return "model"
    text = st.session_state.get(SOURCE.key) == "text"
    return "vocabulary" if text and setup.file and unspelled(setup.file) else "input"


def unspelled(file: FileModel) -> bool:
    """Return whether a model reads the entries of a vocabulary that isn't known."""
    return file.spelled and file.vocabulary is None


def show_waiting(setup: Setup) -> None:
    """Say what the page waits for. On a phone the sidebar is closed."""
    lacks, unfit = lacking(setup), refused_vocabulary()
    if lacks == "model" and (missing_choice() or file_of_link()):
        st.info(upload_first())
    elif lacks == "vocabulary" and unfit:
        st.info(UNFIT)
        st.text(unfit)  # it can quote what was pasted
    elif lacks == "vocabulary" and setup.file is not None:
        st.info(UNSPELLED.format(setup.file.entries))
    else:
        st.info(f"There is no {lacks} yet. Follow the instruction in the sidebar.")

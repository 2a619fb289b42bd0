"""The model of your file and what it reads, on a page that has other models, too."""

import streamlit as st

from gatesviz.sequences import Sequence
from gatesviz.ui.feed.first_input import begin_source, first_source
from gatesviz.ui.feed.models import Setup, setup_of_file
from gatesviz.ui.feed.parameters import SOURCE, SOURCES
from gatesviz.ui.feed.readers import forget_note
from gatesviz.ui.feed.sources import last_readable, read_source
from gatesviz.ui.model_upload import missing_choice

_READABLE = "last readable by file"


def draw_settings_of_file() -> tuple[Setup, Sequence | None]:
    """Draw the widgets of a model file and of its input; return both, None before a valid input.

    An invalid input gets its error beside the widget, and the last valid one stays on screen.
    """
    forget_note()
    above, below = st.container(), st.container()
    with below:
        setup = setup_of_file()
    if setup.file is None:
        return (setup, None) if missing_choice() else last_readable(setup, _READABLE)
    with above:
        begin_source(setup.file)
        source = SOURCE.draw(options=SOURCES, index=SOURCES.index(first_source(setup.file)))
        return read_source(source, setup, _READABLE)

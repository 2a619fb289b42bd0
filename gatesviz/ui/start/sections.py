"""The sections "For teachers" and "For your own model" of the first page."""

import streamlit as st

from gatesviz.ui.app_links import draw_link, draw_plan
from gatesviz.ui.menu import START, address
from gatesviz.ui.presenter import PRESENT, PRESENT_TITLE

TEACHERS = (
    "The address of a page contains all your settings. Set up what you want to show, copy the"
    " address, and the whole class opens the same view. Nothing is installed on their machines, and"
    " no account is needed.",
    "On the page Class you open a room with a code. All guesses, answers and runs of your students"
    " then appear on one board, and their screens can follow yours.",
    "In a terminal, `HOST=0.0.0.0 make run` lets other machines open the app, and `gatesviz export"
    " DIR` writes pages that work without the app. The README's section “In class” has the"
    " details.",
)
SNIPPET = """import gatesviz as gv

recording = gv.record(my_lstm, x)  # x: its usual input
recording.trace().gates["f"]       # the forget gate, (T, B, H)
recording.to_html("player.html")   # the player in one file
"""
OWN = (
    "gatesviz is also a Python library. It records every gate and state of your own"
    " `torch.nn.LSTM`, `GRU` or `RNN`. The values equal PyTorch's."
)


def draw_teachers() -> None:
    """Draw what a teacher can do with the app."""
    st.header("For teachers")
    for paragraph in TEACHERS:
        st.write(paragraph)
    draw_plan()
    draw_link(PRESENT_TITLE, address(START, {PRESENT: "1"}), key="present")


def draw_own_model() -> None:
    """Draw how to record a model of your own."""
    st.header("For your own model")
    st.write(OWN)
    st.code(SNIPPET, language="python", wrap_lines=True)
    st.write(
        "`gv.open_model(path)` opens a saved PyTorch, Keras or ONNX file. `examples/` has short"
        " scripts that run."
    )

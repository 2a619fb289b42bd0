"""The sections "For teachers" and "For your own model" of the first page."""

import streamlit as st

from gatesviz.ui.app_links import draw_link, draw_plan
from gatesviz.ui.menu import START, address
from gatesviz.ui.model_upload import FILE
from gatesviz.ui.presenter import PRESENT, PRESENT_TITLE

TEACHERS = (
    "In a terminal, `HOST=0.0.0.0 make run` starts the app so that other machines can open it. The"
    " address of a page contains all your settings. Send it, and the whole class opens the same"
    " view. Students install nothing and need no account.",
    "On the page Class you open a room. Your students join it with the room's code. All their"
    " guesses, answers and runs then appear on one board, and their screens can follow yours.",
    "`gatesviz export DIR` writes lessons, glossary and trained models as web pages into the folder"
    " `DIR`. They work without the app. The file `README.md` of the"
    " source code has the details, in its section “In class”.",
)
SNIPPET = """import gatesviz as gv

recording = gv.record(my_lstm, x)  # x: my_lstm's input
recording.trace().gates["f"]       # forget gate: (steps, batch, units)
recording.to_html("player.html")   # plays all steps in a browser
"""
OPENS = (
    "The pages *Feed a sequence*, *What if?*, *Find the unit* and *Vanishing gradients* open a"
    " saved model file: PyTorch, safetensors, Keras or ONNX. In their sidebar, choose “your file”."
    " No code in the file is run."
)
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
    st.write(OPENS)
    draw_link("Open your model file", address("feed", {"weights": FILE}), key="own file")
    st.write(OWN)
    st.code(SNIPPET, language="python", wrap_lines=True)
    st.write(
        "`gv.open_model(path)` opens a saved PyTorch, Keras or ONNX file. The folder `examples/` of"
        " the source code has short scripts to start from."
    )

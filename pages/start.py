"""The first page: an opening, the lessons, the pages, and where to go from here."""

import streamlit as st

from gatesviz.ui.app_links import draw_challenges, draw_pages, draw_path
from gatesviz.ui.challenges import PART
from gatesviz.ui.start.opening import draw_opening
from gatesviz.ui.start.sections import draw_own_model, draw_teachers

st.title("See how a network remembers")
st.write(
    "gatesviz shows the numbers inside real recurrent neural networks (RNN, LSTM, GRU), which read"
    " a sequence step by step: every state and every gate."
)
draw_opening()
st.header("Lessons")
st.write("After each lesson, you can:")
draw_path()
st.header("Challenges", anchor=PART)
st.write(
    "In each challenge, you set the weights of a small cell so that it solves a task. PyTorch tests"
    " your weights on sequences that you don't see. A unit is “on” if its hidden state h is above"
    " 0.5. In the last challenge, you train models instead."
)
draw_challenges()
st.header("Pages")
draw_pages()
left, right = st.columns(2, gap="large")
with left:
    draw_teachers()
with right:
    draw_own_model()

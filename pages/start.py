"""The first page: an opening, the lessons, the instruments, and where to go from here."""

import streamlit as st

from gatesviz.ui.app_links import draw_challenges, draw_instruments, draw_path
from gatesviz.ui.start.opening import draw_opening
from gatesviz.ui.start.sections import draw_own_model, draw_teachers

st.title("See how a network remembers")
st.write(
    "gatesviz shows what an RNN, an LSTM and a GRU do at every step: every state and every gate,"
    " with the numbers of real models."
)
draw_opening()
st.header("Lessons")
draw_path()
st.header("Challenges")
st.write(
    "Set the weights of a small cell yourself, so that it solves a task. PyTorch tests your weights"
    " on sequences that you don't see. In the last challenge, you train models instead."
)
draw_challenges()
st.header("Instruments")
draw_instruments()
left, right = st.columns(2, gap="large")
with left:
    draw_teachers()
with right:
    draw_own_model()

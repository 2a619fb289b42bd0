"""How far back a loss reaches, measured on the models on screen."""

import streamlit as st

from gatesviz.ui.gradients import question, runs
from gatesviz.ui.gradients.measuring import measured
from gatesviz.ui.gradients.parameters import REACH, VIEWS
from gatesviz.ui.gradients.reach import show_reach
from gatesviz.ui.gradients.settings import choose

left, right = st.columns([2, 3])
left.title("Vanishing gradients")
with st.sidebar:
    settings = choose()
view = st.segmented_control(
    "Show", VIEWS, default=REACH, key="grview", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if view == REACH:
    models = runs.models(settings)
    found = measured(settings, models)
    with left:
        guess = question.draw(found)
    with right:
        question.ask(found, guess)
    show_reach(settings, found, guess)
    for sentence in runs.described(settings, models):
        st.text(sentence)
    st.write(question.PRINCIPLE)

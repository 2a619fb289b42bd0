"""One step of a tiny cell, under the hand."""

import streamlit as st

from gatesviz.ui.inside import cell_controls, direction, question, session, step_controls
from gatesviz.ui.inside.parameters import STEP_VIEW, VIEWS
from gatesviz.ui.inside.step import show_agreement, show_step

with st.sidebar:
    setup = cell_controls.choose_cell()
for sentence in session.notices():
    st.text(sentence)

left, right = st.columns([2, 3], vertical_alignment="bottom")
left.title("Inside the cell")
view = left.segmented_control(
    "Show", VIEWS, default=STEP_VIEW, key="inview", bind="query-params", required=True
)
if view == STEP_VIEW:
    moment, trace = step_controls.choose_step(setup)
    with right:
        question.draw_guess(moment, trace)
    show_step(trace)
    show_agreement(moment, trace)
    st.write(question.PRINCIPLE)
elif setup.label == "GRU":
    moment, trace = step_controls.choose_step(setup)
    with right:
        direction.draw_guess(moment, trace)
    direction.show_variants(moment, trace)
    st.write(direction.PRINCIPLE)
else:
    direction.offer_gru()
session.write_link(cell_controls.own(setup))

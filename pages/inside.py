"""Move inputs, states and weights with sliders and watch one step of a tiny cell change."""

from functools import partial

import streamlit as st

from gatesviz.ui.inside import cell_controls, direction, question, session, step_controls
from gatesviz.ui.inside.challenge import (
    begin_challenge,
    choose_challenge,
    draw_challenge,
    draw_failure,
    load_given,
    try_if_asked,
)
from gatesviz.ui.inside.parameters import NO_CHALLENGE, STEP_VIEW, VIEW
from gatesviz.ui.inside.step import show_agreement, show_step
from gatesviz.ui.principle import draw_principle

load_given()
with st.sidebar:
    setup = cell_controls.choose_cell()
for sentence in session.notices():
    st.text(sentence)

left, right = st.columns([2, 3], vertical_alignment="top")
left.title("Inside the cell")
with left:
    view = VIEW.draw(on_change=session.forget_notices)
    task = choose_challenge() if view == STEP_VIEW else NO_CHALLENGE
if view == STEP_VIEW:
    begin_challenge(task)
if task != NO_CHALLENGE:
    try_if_asked(task, setup)
moment, trace = step_controls.choose_step(setup)
write_link = partial(session.write_link, setup.cell, cell_controls.own(setup))
if view == STEP_VIEW:
    with right:
        if task == NO_CHALLENGE:
            question.draw_guess(moment, trace)
        else:
            draw_challenge(task, setup)
            with left:
                draw_failure(task, moment, trace)
    show_step(moment, trace, write_link=write_link)
    show_agreement(moment, trace)
    draw_principle(question.PRINCIPLE)
else:
    with right:
        answered = direction.draw_guess(moment, trace)
    if answered:
        direction.show_variants(moment, trace)
        draw_principle(direction.PRINCIPLE)
write_link()

"""Train small models live, and look at their gates after any update."""

import streamlit as st

from gatesviz.ui.principle import draw_principle
from gatesviz.ui.train import fewest, question, session
from gatesviz.ui.train.back import take_back
from gatesviz.ui.train.downloads import offer_files
from gatesviz.ui.train.gates import gates
from gatesviz.ui.train.handoff import offer_models
from gatesviz.ui.train.live import live
from gatesviz.ui.train.pitfalls import explain
from gatesviz.ui.train.saved_runs import offer_opening
from gatesviz.ui.train.settings import draw_settings
from gatesviz.ui.train.training_heatmap import growth
from gatesviz.ui.train.update_slider import choose_place

st.html(f"<style>{session.STYLE}</style>")
take_back()
left, right = st.columns([1, 3], vertical_alignment="bottom")
left.title("Train live")
with st.sidebar:
    settings, problem = draw_settings()
    offer_opening()

if settings is None:
    session.rest()
    st.info("There is nothing to train yet.")
    st.text(problem)
else:
    views = session.views(settings)
    task = fewest.chosen()
    with right:
        if task is None:
            question.draw_guess(settings)
        else:
            fewest.draw_challenge(task, settings, views)
    question.warn(problem)
    stage = st.container()
    place = choose_place(settings, views)
    with stage:
        live(settings, views, place)
    growth(settings, views, place)
    gates(settings, views, place)
    offer_models(settings, views, place.updates[0])
    explain(settings)
    offer_files(views)
    draw_principle(question.PRINCIPLE)

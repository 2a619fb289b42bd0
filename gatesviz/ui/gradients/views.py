"""The views of the page: each asks, shows the gap and the numbers, and ends with the principle."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.gradients import (
    backward,
    exploding_gradients,
    horizon,
    inputs,
    question,
    runs,
    training_reach,
    training_runs,
)
from gatesviz.ui.gradients.measurements import Measured, measured
from gatesviz.ui.gradients.parameters import (
    BACKWARD,
    DURING,
    EXPLODING,
    HALF,
    HORIZON,
    INPUTS,
    LATCH,
    REACH,
)
from gatesviz.ui.gradients.reach import show_question, show_reach
from gatesviz.ui.gradients.sentences import LOSS, depth
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.model_handoff import handed

Place = DeltaGenerator


def how_far_back(settings: Settings, left: Place, right: Place) -> None:
    """Three cells on one chart."""
    models = runs.models(settings)
    found = measured(settings, models)
    with left:
        st.write(LOSS)
        guess = question.draw(found)
    with right:
        shown = question.draw_guess(found, guess)
    if shown:
        show_reach(settings, found, guess)
    else:
        show_question(found)
    _end(settings, found, question.PRINCIPLE if shown else "")
    if shown:
        st.caption(question.SOURCES)


def backward_in_the_cell(settings: Settings, left: Place, right: Place) -> None:
    """The player against the order of reading."""
    models = runs.models(settings)
    found = measured(settings, models)
    with left:
        one = backward.choose_model(found)
    with right:
        backward.draw_guess(one)
    backward.show_backward(one)
    _end(settings, found, backward.PRINCIPLE)


def which_input_matters(settings: Settings, left: Place, right: Place) -> None:
    """The gradient by each input, and the map to every output."""
    models = runs.models(settings)
    found = measured(settings, models)
    with left:
        one = backward.choose_model(found)
    with right:
        shown = inputs.draw_guess(one)
    if shown:
        inputs.show_inputs(settings, found, one.name, models)
    else:
        inputs.show_question(found, one)
    _end(settings, found, inputs.PRINCIPLE if shown else "")


def memory_horizon(_: Settings, left: Place, right: Place) -> None:
    """Reach before training and success after it."""
    left.write(horizon.SETTING)
    with right:
        horizon.draw_guess()
    horizon.show_horizon()
    st.write(horizon.PRINCIPLE)
    st.caption(horizon.SOURCES)
    training_runs.show_courses()


def explosion(_: Settings, left: Place, right: Place) -> None:
    """The cliff, and clipping."""
    with left:
        phi = exploding_gradients.choose_cliff()
    with right:
        shown = exploding_gradients.draw_guess(phi)
    exploding_gradients.show_exploding(phi, whole=shown)
    st.write(exploding_gradients.PRINCIPLE)


def during_training(settings: Settings, left: Place, right: Place) -> None:
    """The flow at every kept update of a run."""
    known = runs.learners(settings) or handed()
    if not known:
        updates = settings.updates or Settings.updates  # trained weights have no such setting
        settings = replace(settings, weights=HALF, task=LATCH, updates=updates)
        known = runs.learners(settings)
    with left:
        chosen = training_reach.choose_run(known)
    with right:
        training_reach.draw_guess(known, chosen, settings.updates)
    if chosen is not None:
        training_reach.show_during(*chosen)
    st.write(training_reach.PRINCIPLE)


def _end(settings: Settings, found: list[Measured], principle: str) -> None:
    for sentence in (*runs.described(settings), depth(found[0])):
        if sentence:
            st.text(sentence)
    if principle:
        st.write(principle)


SHOW: Mapping[str, Callable[[Settings, Place, Place], None]] = {
    REACH: how_far_back,
    BACKWARD: backward_in_the_cell,
    INPUTS: which_input_matters,
    HORIZON: memory_horizon,
    EXPLODING: explosion,
    DURING: during_training,
}

"""The views of the page: a question, the guess against the result, the numbers, a principle."""

from collections.abc import Callable, Mapping
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.folds import fold
from gatesviz.ui.gradients import (
    backward,
    exploding_gradients,
    half_life,
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
    DRAW_FIELD,
    DURING,
    EXPLODING,
    FRESH,
    HALF_LIFE,
    HORIZON,
    INPUTS,
    OTHER_WAYS,
    REACH,
    SHOW_FIELD,
    TRAINED,
)
from gatesviz.ui.gradients.reach import show_question, show_reach
from gatesviz.ui.gradients.sentences import LOSS, describe_depth
from gatesviz.ui.gradients.settings import MOVE_PARTS, Settings, present
from gatesviz.ui.guesses import ask_first, details
from gatesviz.ui.left_out import warn_of_left_out
from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.model_upload import FILE, file_model, upload_first
from gatesviz.ui.page_parts import parts_of_page
from gatesviz.ui.principle import draw_principle

Place = DeltaGenerator


class Principled(Protocol):
    """A module of a view, with its principle and the sources of it."""

    PRINCIPLE: str
    SOURCES: str


def how_far_back(settings: Settings) -> None:
    """Draw the gradients of every cell on one chart.

    Only the question is above the chart. It is as tall after a guess, so the chart doesn't move.
    """
    models = runs.models(settings)
    flows = measured(settings, models)
    asked = st.container()
    left, right = st.columns([5, 3])
    with right:
        with fold(OTHER_WAYS, (DRAW_FIELD, SHOW_FIELD)):
            drawn = question.draw_curve(flows)
            anyway = st.container()
        compared = st.container()
    shown = question.draw_guess(flows, drawn, asked=asked, compared=compared, anyway=anyway)
    if shown:
        show_reach(settings, flows, drawn, left, right)
    else:
        show_question(flows, left, right)
    with right, details("loss"):
        st.write(LOSS)
    _end(settings, flows)
    _principle(question, shown)


def backward_in_the_cell(settings: Settings, left: Place, right: Place) -> None:
    """Draw the player, which runs backward and shows the gradient."""
    flows = measured(settings, runs.models(settings))
    with left:
        one = backward.choose_model(settings, flows)
    with right:
        shown = backward.draw_guess(one)
    if shown:
        backward.show_backward(one)
    else:
        backward.show_question(one)
    _end(settings, flows)
    _principle(backward, shown)


def which_input_matters(settings: Settings, left: Place, right: Place) -> None:
    """Draw the gradient by each input, and the map to every output."""
    models = runs.models(settings)
    flows = measured(settings, models)
    with left:
        one = backward.choose_model(settings, flows)
    with right:
        shown = inputs.draw_guess(one)
    if shown:
        inputs.show_inputs(settings, flows, one, models)
    else:
        inputs.show_question(flows, one)
    _end(settings, flows)
    _principle(inputs, shown)


def half_life_of_a_bias(_: Settings, left: Place, right: Place) -> None:
    """Draw the sliders for the forget bias and its half-life, and what is left of c."""
    with left:
        st.write(half_life.SETTING)
        bias = half_life.choose_bias()
    with right:
        half_life.show_curve(bias)
        st.write(half_life.describe(bias))
    _principle(half_life, True)


def memory_horizon(_: Settings, left: Place, right: Place) -> None:
    """Draw the reach before training and the success after it."""
    with left, details("setting"):
        st.write(horizon.SETTING)
    with right:
        shown = horizon.draw_guess()
    if not shown:
        st.write(ask_first())
        return
    horizon.show_horizon()
    _principle(horizon, shown)
    training_runs.show_courses()


def explosion(_: Settings, left: Place, right: Place) -> None:
    """Draw the cliff, and a training with and without clipping.

    In a lesson, the cliff is beside its description, so that all of it is seen next to the text.
    """
    beside = LESSON in st.query_params
    with left:
        phi = exploding_gradients.choose_cliff()
        words = st.container()
    with left if beside else right:
        shown = exploding_gradients.draw_guess(phi)
    words.write(exploding_gradients.describe_cliff(phi, descents=shown))
    with right if beside else st.container():
        exploding_gradients.show_cliff(phi, descents=shown, low=beside)
    if shown:
        exploding_gradients.show_training()
    _principle(exploding_gradients, shown)


def during_training(settings: Settings, left: Place, right: Place) -> None:
    """Draw the gradient flow at every checkpoint of a run."""
    known = runs.learners(settings)
    with left:
        chosen = training_reach.choose_run(known)
    with right:
        shown = training_reach.draw_guess(known, chosen, settings.updates)
    if chosen is not None and shown:
        training_reach.show_during(*chosen)
    elif chosen is not None:
        st.write(ask_first("Make a guess to see the gradient during training."))
    _principle(training_reach, shown)


def _end(settings: Settings, flows: list[Measured]) -> None:
    """Describe the models whose weights are not fresh."""
    for sentence in (*runs.descriptions(settings), describe_depth(flows[0])):
        if sentence:
            st.text(sentence)


def _principle(view: Principled, shown: bool) -> None:
    if shown:
        draw_principle(view.PRINCIPLE, view.SOURCES)


def _beside(view: Callable[[Settings, Place, Place], None]) -> Callable[[Settings], None]:
    """Return a view that draws its choices on the left and its question on the right."""
    return lambda settings: view(settings, *st.columns([2, 3]))


SHOW: Mapping[str, Callable[[Settings], None]] = {
    REACH: how_far_back,
    BACKWARD: _beside(backward_in_the_cell),
    INPUTS: _beside(which_input_matters),
    HALF_LIFE: _beside(half_life_of_a_bias),
    HORIZON: _beside(memory_horizon),
    EXPLODING: _beside(explosion),
    DURING: _beside(during_training),
}

PART = "gradient view"
"""Key of the part of the page below the view's name."""


def draw_view(view: str, settings: Settings) -> None:
    """Draw a view. If it has no run to wait for, some settings and every guess draw it alone."""
    if settings.weights == FILE and not settings.keys:
        st.info(upload_first())
        return
    if settings.weights == FILE:
        warn_of_left_out(file_model(), "gradients", "gradients")
    if view in (REACH, BACKWARD, INPUTS) and settings.weights in (FRESH, TRAINED):
        with parts_of_page(PART, moved_by=MOVE_PARTS):
            _draw_alone(view, settings)
    else:
        SHOW[view](settings)


@st.fragment(key=PART)
def _draw_alone(view: str, settings: Settings) -> None:
    SHOW[view](present(settings))

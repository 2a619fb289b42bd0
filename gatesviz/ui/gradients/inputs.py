"""Which input matters: the gradient by each input, and the map from every input to every output."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from gatesviz.figures import (
    influence_heatmap,
    influence_heatmap_alt,
    input_curves,
    input_curves_alt,
    written,
)
from gatesviz.gradients import influence, norm
from gatesviz.limits import INFLUENCE_STEPS
from gatesviz.traces import Array
from gatesviz.training import TrainedModel
from gatesviz.ui.gradients import lines
from gatesviz.ui.gradients.guessing import answered
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.models import Subject, subjects
from gatesviz.ui.gradients.parameters import PLACES
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.guesses import ask_guess

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.gradients.losses import Output

PRINCIPLE = (
    "**Principle.** An input matters for a loss as far as its gradient arrives: ∂L/∂x_t is ∂L/∂h_t"
    " seen through the weights of step t. It says what a small change of that input would do, not"
    " what it would be without it (Simonyan, Vedaldi & Zisserman 2014 use it on images, Li et al."
    " 2016 on words)."
)


def attribution(one: Measured) -> Array:
    """Return ‖∂L/∂x_t‖, (T,)."""
    return norm(one.flow.inputs)


def draw_guess(one: Measured) -> bool:
    """Ask which input matters most; answer with the measured norms.

    Returns whether what was measured may be shown.
    """
    guess = ask_guess(
        f"**For the loss at the end of the {one.name}: which of the {one.steps} inputs matters"
        " most?** Guess, then see.",
        PLACES,
        key="grwhich",
        about=(one.name, attribution(one).tobytes()),
    )
    if guess is not None:
        st.write(compare_guess(one, guess))
    return answered(guess is not None)


def compare_guess(one: Measured, guess: str) -> str:
    """Return how far the guess is from what was measured, in numbers."""
    norms = attribution(one)
    if not np.isfinite(norms).all():
        lost = int(np.flatnonzero(~np.isfinite(norms))[-1])
        return (
            f"You said {guess}. The gradient overflows at **step {lost}** of 0 to"
            f" {one.steps - 1}: there ∂L/∂x_t is not a finite number, so no input can be said to"
            " matter most. This is not a gradient that vanishes."
        )
    most, last = int(norms.argmax()), one.steps - 1
    if not norms[most] > 0:
        return "No input matters: every ∂L/∂x_t is 0."
    right = PLACES[0] if most == 0 else PLACES[2] if most == last else PLACES[1]
    verdict = "Yes" if guess == right else "Not quite"
    ends = " and ".join(
        f"the {name} input {written(float(norms[step] / norms[most]))}"
        for name, step in (("first", 0), ("last", last))
        if step != most
    )
    return (
        f"{verdict}: it is **step {most}** of 0 to {last}, ‖∂L/∂x‖ = {written(float(norms[most]))}."
        f" Measured against that, {ends}."
    )


def show_question(measured: list[Measured], hidden: Measured) -> None:
    """Draw what gives no answer away: the RNN's curve, where another cell is asked about."""
    shown = [one for one in measured if one.name == "RNN" and one is not hidden]
    if shown:
        _curves(shown)
    st.write(f"What was measured of the {hidden.name} is here after a guess.")


def _curves(measured: list[Measured]) -> None:
    norms = {one.name: attribution(one) for one in measured}
    figure = input_curves(norms, labels=measured[-1].labels, theme=lines.theme())
    lines.show(figure, input_curves_alt(norms), key="gradient inputs")


def show_inputs(
    settings: Settings, measured: list[Measured], name: str, models: tuple[TrainedModel, ...]
) -> None:
    """Draw the gradient by each input, and for the cell ``name`` the map to every output."""
    _curves(measured)
    st.header("From every input to every output")
    if measured[0].steps > INFLUENCE_STEPS.high:
        st.write(f"The map is drawn for up to {INFLUENCE_STEPS.high} steps: make T smaller.")
        return
    found = influences(settings, models, name)
    st.write(
        f"The {name}: each row is an output, the sum of the units of h or, of a trained model, its"
        f" readout's strongest answer. Each column is an input. {diagonal(found)}"
    )
    figure = influence_heatmap(found, labels=measured[-1].labels, theme=lines.theme())
    lines.show(figure, influence_heatmap_alt(found), key="gradient influence")


def diagonal(norms: Array) -> str:
    """Return what lies below and above the diagonal of a map, (T, T)."""
    below = "Below the diagonal lies what is remembered"
    if (np.triu(norms, 1) > 0).any():
        return f"{below}; above it, what the other direction read: inputs yet to come."
    return f"{below}; above it there is nothing."


@st.cache_data(max_entries=8, ttl=1800, show_spinner="Asking every output about every input…")
def _influences(
    settings: Settings, updates: tuple[int, ...], name: str, _models: tuple[TrainedModel, ...]
) -> Array:
    return next(_influence(one) for one in subjects(settings, _models) if one.name == name)


def influences(settings: Settings, models: tuple[TrainedModel, ...], name: str) -> Array:
    """Return ‖∂output_t′/∂x_t‖ of the cell ``name``, (T, T): one at a time, as it takes longest."""
    return _influences(settings, tuple(model.updates for model in models), name, models)


def _influence(subject: Subject) -> Array:
    """Return (T, T), a row for each output."""
    readout = subject.readout

    def outputs(output: "Output") -> "Tensor":
        assert not isinstance(output, tuple)
        if readout is None:
            return output.sum(-1)
        said: Tensor = readout(output.float())
        return said.amax(-1)

    return influence(subject.module, subject.inputs, outputs)

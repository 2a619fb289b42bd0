"""Which input matters: the gradient by each input, and a map from every input to every output."""

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
from gatesviz.ui import charts
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.models import Subject, fresh_subject, subjects
from gatesviz.ui.gradients.parameters import FRESH, POSITIONS, SHOW_FIELD, WHICH_FIELD
from gatesviz.ui.gradients.sentences import judge_guess, percentage
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.guesses import ask_first, ask_guess, may_show, with_verdict
from gatesviz.ui.model_upload import FILE, file_model

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.gradients.losses import Output

PRINCIPLE = (
    "**Principle.** A small change of an input changes the loss only if the gradient reaches that"
    " input. ∂L/∂x doesn't say what would happen if you removed the input."
)
SOURCES = (
    "Sources: Simonyan, Vedaldi & Zisserman 2014 use this gradient for images, Li et al. 2016 for"
    " words."
)


def attribution(one: Measured) -> Array:
    """Return ‖∂L/∂x_t‖, (T,)."""
    return norm(one.flow.inputs)


def draw_guess(one: Measured) -> bool:
    """Ask which input matters most, and compare the guess.

    Returns whether the page may show the result.
    """
    guess = ask_guess(
        f"**The {one.called} reads {one.steps} inputs. The loss uses only h after the last one."
        " A small change of which input changes the loss most?**",
        POSITIONS,
        key=WHICH_FIELD.key,
        about=(one.name, attribution(one).tobytes()),
        right=lambda: right_position(one),
    )
    if guess is not None:
        st.write(compare_guess(one, guess))
    return may_show(guess, SHOW_FIELD)


def right_position(one: Measured) -> str | None:
    """Return which of `POSITIONS` matters most, or None if no input does or one overflows."""
    norms = attribution(one)
    if not np.isfinite(norms).all() or not norms.max() > 0:
        return None
    most = int(norms.argmax())
    return POSITIONS[0] if most == 0 else POSITIONS[2] if most == one.steps - 1 else POSITIONS[1]


def compare_guess(one: Measured, guess: str) -> str:
    """Return how far the guess is from the result, in numbers."""
    norms, last = attribution(one), one.steps - 1
    if not np.isfinite(norms).all():
        lost = int(np.flatnonzero(~np.isfinite(norms))[-1])
        return with_verdict(
            f"You guessed “{guess}”.",
            f"The gradient overflows at **step {lost}** (the steps are 0 to {last}):"
            " ∂L/∂x is not a finite number there. It explodes; it doesn't vanish.",
        )
    most = int(norms.argmax())
    if not norms[most] > 0:
        return "No input matters: every ∂L/∂x is 0."
    right = right_position(one)
    ends = "".join(
        f" At the {name} input, it is {percentage(float(norms[step] / norms[most]))} of that."
        for name, step in (("first", 0), ("last", last))
        if step != most
    )
    return with_verdict(
        judge_guess(f"“{guess}”", guess == right),
        f"The input at **step {most}** matters most (the steps are 0 to {last}). There, ‖∂L/∂x‖ is"
        f" {written(float(norms[most]))}.{ends}",
    )


def show_question(measured: list[Measured], hidden: Measured) -> None:
    """Draw the RNN's curve, unless the question is about the RNN."""
    shown = [one for one in measured if not one.kind.gates and one is not hidden]
    if shown:
        _curves(shown)
    st.write(ask_first(f"Make a guess to see {hidden.owned('curve')}."))


def _curves(measured: list[Measured]) -> None:
    norms = {one.name: attribution(one) for one in measured}
    figure = input_curves(norms, labels=measured[-1].labels, theme=charts.theme())
    charts.show(figure, input_curves_alt(norms), key="gradient inputs")


def show_inputs(
    settings: Settings, measured: list[Measured], one: Measured, models: tuple[TrainedModel, ...]
) -> None:
    """Draw the gradient by each input and, for the model ``one``, the map to every output."""
    if one not in measured:
        measured = [*measured, one]
    _curves(measured)
    st.header("From every input to every output")
    if measured[0].steps > INFLUENCE_STEPS.high:
        st.write(
            f"The map needs at most {INFLUENCE_STEPS.high} steps, and T is {measured[0].steps}."
            " Choose a smaller T."
        )
        return
    norms = influences(settings, models, one.name)
    output = "the largest answer of its readout at this step"
    if settings.weights == FRESH or (settings.weights == FILE and not _has_readout()):
        output = "the sum of all values of h at this step"
    st.write(
        f"Each row is {one.owned('output')} at one step: {output}. Each column is the input at one"
        " step. A square shows how strongly a small change of this input changes this output."
        f" {diagonal(norms)}"
    )
    figure = influence_heatmap(norms, labels=measured[-1].labels, theme=charts.theme())
    charts.show(figure, influence_heatmap_alt(norms), key="gradient influence")


def _has_readout() -> bool:
    model = file_model()
    return model is not None and model.opened.readout is not None


def diagonal(norms: Array) -> str:
    """Return what a map (T, T) shows below and above its diagonal."""
    below = "The squares below the diagonal show what the cell remembers of earlier inputs."
    if (np.triu(norms, 1) > 0).any():
        return f"{below} Those above it show what the backward direction read: later inputs."
    return f"{below} Above it, all values are 0: no output depends on a later input."


@st.cache_data(max_entries=8, ttl=1800, show_spinner="Computing the map…")
def _influences(
    settings: Settings, updates: tuple[int, ...], name: str, _models: tuple[TrainedModel, ...]
) -> Array:
    if settings.weights == FRESH:
        return _influence(fresh_subject(settings, name))
    return next(_influence(one) for one in subjects(settings, _models) if one.name == name)


def influences(settings: Settings, models: tuple[TrainedModel, ...], name: str) -> Array:
    """Return ‖∂output_t′/∂x_t‖ of the cell ``name``, (T, T). One cell at a time: it is slow."""
    return _influences(settings, tuple(model.updates for model in models), name, models)


def _influence(subject: Subject) -> Array:
    """Return the map (T, T) of one model, a row for each output."""
    readout = subject.readout

    def outputs(output: "Output") -> "Tensor":
        assert not isinstance(output, tuple)
        if readout is None:
            return output.sum(-1)
        answers: Tensor = readout(output.to(readout.weight.dtype))
        return answers.amax(-1)

    return influence(subject.module, subject.inputs, outputs)

"""The half-life of a forget bias: two sliders, bias and steps, that move each other."""

from typing import TYPE_CHECKING

import streamlit as st

from gatesviz.experiments.known.decay import forgetting_norms
from gatesviz.gradients import forget_bias_of, forget_decay, forget_half_life, half_life
from gatesviz.theme import written
from gatesviz.traces import Array
from gatesviz.ui import charts
from gatesviz.ui.gradients.parameters import HALF_BIAS_FIELD, HALF_STEPS, HALF_STEPS_FIELD
from gatesviz.ui.locks import SETS, is_locked

if TYPE_CHECKING:
    from gatesviz.figures import Curve

SHOWN = 100
"""Steps of the chart."""
FLOOR = 1e-6
QUANTITY, ALONG = "share that is left", "k steps (forward for c, back for the gradient)"
ROUNDED = 0.006
"""A bias of two decimals gives the half-life to this share, so the steps you chose stay."""
SETTING = (
    "All weights of this LSTM are 0, so f = σ(b) at every step. The chart shows how much of c is"
    " left after k steps. The same share of the gradient ∂L/∂c is left k steps back."
)
PRINCIPLE = (
    "**Principle.** The forget bias sets how fast c decays. The half-life is ln ½ / ln σ(b) steps."
    " For a large b, adding 1 to b makes the half-life about 2.7 times as long."
)
SOURCES = "Sources: Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015."


def choose_bias() -> float:
    """Draw both sliders and return the forget bias. A link may give the steps instead."""
    key = HALF_STEPS_FIELD.key
    linked = st.query_params.pop(key, "")
    named = HALF_BIAS_FIELD.key in st.query_params or HALF_STEPS_FIELD.takes.problem(linked)
    if not named:
        _set_bias(HALF_STEPS_FIELD.from_link(linked))
    bias = float(HALF_BIAS_FIELD.draw())
    steps, held = forget_half_life(bias), st.session_state.get(key)
    if held is None or abs(held - steps) > 0.5 + ROUNDED * steps:
        st.session_state[key] = min(max(round(steps), HALF_STEPS.low), HALF_STEPS.high)
    locked = is_locked(HALF_BIAS_FIELD.key)
    with st.container(key=f"{SETS} half-life"):
        HALF_STEPS_FIELD.draw(bind=None, on_change=_follow_steps, disabled=locked)
    return bias


def _follow_steps() -> None:
    _set_bias(int(st.session_state[HALF_STEPS_FIELD.key]))


def _set_bias(steps: int) -> None:
    st.session_state[HALF_BIAS_FIELD.key] = round(forget_bias_of(steps), 2)


@st.cache_data(max_entries=64, show_spinner=False)
def _norms(bias: float) -> Array:
    return forgetting_norms(bias, SHOWN)


def describe(bias: float, norms: Array | None = None) -> str:
    """Return f, the half-life and what is left, as theory gives them and as measured.

    Args:
        bias: the forget bias.
        norms: of the gradient; measured here if None.
    """
    norms = _norms(bias) if norms is None else norms
    measured, theory = float(half_life(norms)), forget_half_life(bias)
    left, exact = (written(float(x)) for x in (norms[0] / norms[-1], forget_decay(bias, SHOWN)))
    halved = (
        f"Backpropagation gives {_steps(measured)}."
        if measured <= SHOWN
        else f"That is more than the {SHOWN} steps of the chart."
    )
    return (
        f"With forget bias {bias:g}, f is **{float(forget_decay(bias, 1)):.3f}**. Half of c is left"
        f" after **{_steps(theory)}**. {halved} {SHOWN} steps back, {left} of the gradient is"
        f" left (theory: {exact})."
    )


def _steps(count: float) -> str:
    text = f"{count:.3g}"
    return f"{text} {'step' if text == '1' else 'steps'}"


def show_curve(bias: float) -> None:
    """Draw what is left of c, and the time at which it has halved."""
    from gatesviz.figures import flow_curves_alt, flow_draft

    known = [left_of(bias, _norms(bias))]
    figure = flow_draft(
        known, floor=FLOOR, quantity=QUANTITY, along=ALONG, theme=charts.theme(), height=360
    )
    charts.show(figure, flow_curves_alt(known, QUANTITY), key="gradient half-life")


def left_of(bias: float, norms: Array) -> "Curve":
    """Return the curve of what is left of c."""
    from gatesviz.figures import Curve

    return Curve(f"b = {bias:g}", norms / norms[-1], "c", float(half_life(norms)))

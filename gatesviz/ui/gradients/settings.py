"""What is measured: the reader's choice of models and of what they read."""

from dataclasses import dataclass

import streamlit as st

from gatesviz.limits import (
    FORGET_BIAS,
    GRADIENT_STEPS,
    HALF_TRAINED,
    HIDDEN,
    SEED,
    SPECTRAL_RADIUS,
    Limit,
    Span,
)
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.gradients.parameters import (
    ACTIVATIONS,
    AS_DRAWN,
    BIASES,
    DURING,
    EXPLODING,
    FED,
    FRESH,
    HALF,
    HORIZON,
    NOISE,
    RECURRENT,
    SET_BIAS,
    TASKS,
    TITLES,
    WEIGHTS,
    YOURS,
)
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training

_WANTED = "gradient weights wanted"
SAMPLE, BOTH = "Seed of the sample", "Seed of the run and of the sample"


@dataclass(frozen=True)
class Settings:
    """The models whose gradients are measured. Plain, so it is also a cache key.

    Attributes:
        weights: one of `parameters.WEIGHTS`.
        length: T.
        seed: of fresh weights, noise, a short run, and of the sample that a trained model reads.
        hidden_size, recurrent, radius, activation, fed: of fresh models: how W_hh is made, its
            spectral radius, the RNN's nonlinearity, what goes in.
        bias, forget_bias: of fresh LSTMs.
        task, updates: of trained and half-trained models.
        keys: of the reader's own models, one a cell.
    """

    weights: str = FRESH
    length: int = 50
    seed: int = 0
    hidden_size: int = 32
    recurrent: str = AS_DRAWN
    radius: float = 1.0
    activation: str = ACTIVATIONS[0]
    fed: str = NOISE
    bias: str = BIASES[0]
    forget_bias: float = 1.0
    task: str = TASKS[0]
    updates: int = 100
    keys: tuple[str, ...] = ()


def draw_settings(view: str) -> Settings:
    """Draw the widgets and return what they say; two views have a setting of their own."""
    if view in (HORIZON, EXPLODING):
        st.write("This view has a setting of its own. What is chosen here is for the other views.")
    if view == DURING:
        st.write(
            "This view looks at runs: half-trained ones, or yours. Its loss L is that of their own"
            " task, at the length they learn at."
        )
    st.session_state.setdefault(_WANTED, st.query_params.get("grw"))
    own = (YOURS,) if handed() else ()
    weights = st.selectbox(
        "Weights", [w for w in WEIGHTS if w != YOURS or own], key="grw", bind="query-params",
        on_change=lambda: st.session_state.update({_WANTED: None}),
        help="Fresh: as PyTorch makes them. Half-trained: a short run made here. Trained: they ship"
        " with gatesviz. Yours come from the page Train live: Open in….",
    )  # fmt: skip
    name_in_link(weights == YOURS)
    if st.session_state[_WANTED] == YOURS and not own:
        offer_training()
    if weights == YOURS:
        return _yours()
    if weights == FRESH:
        return _fresh()
    titles = [title for title, key in TITLES.items() if weights == HALF or key in TASKS]
    task = TITLES[st.selectbox("Task", titles, key="grtask", bind="query-params")]
    st.text(EVERY_TASK[task].asks)
    updates = _whole("Updates", HALF_TRAINED, 100, "grupd") if weights == HALF else 0
    length = _length(EVERY_TASK[task].lengths)
    seed = _seed(BOTH if weights == HALF else SAMPLE)
    return Settings(weights, length, seed, task=task, updates=updates)


def _fresh() -> Settings:
    length = _length(GRADIENT_STEPS)
    hidden = st.slider(
        "Hidden units", HIDDEN.low, HIDDEN.high, 32, key="grhid", bind="query-params"
    )
    recurrent = st.selectbox(
        "Recurrent weights W_hh", RECURRENT, key="grwhh", bind="query-params",
        help="As drawn: PyTorch's, uniform in ±1/√H. Spectral radius: the same, multiplied so that"
        " the largest eigenvalue of each H × H block has the size ρ. Orthogonal: ρ times a random"
        " orthogonal matrix.",
    )  # fmt: skip
    radius = 1.0 if recurrent == AS_DRAWN else _real("Spectral radius ρ", SPECTRAL_RADIUS, "grrho")
    bias = st.selectbox(
        "Forget gate of the LSTM", BIASES, key="grbias", bind="query-params",
        help="The forget bias b is the sum of the gate's two biases. Chrono (Tallec & Ollivier"
        " 2018): ln of a number drawn from 1 to T − 1 for each unit.",
    )  # fmt: skip
    forget = _real("Forget bias b", FORGET_BIAS, "grfb") if bias == SET_BIAS else 1.0
    activation = st.selectbox(
        "Nonlinearity of the RNN", ACTIVATIONS, key="gract", bind="query-params",
        help="Linear: no input and no bias, so that h stays at 0, where tanh has slope 1.",
    )  # fmt: skip
    fed = st.selectbox("What goes in", FED, key="grin", bind="query-params")
    return Settings(
        FRESH, length, _seed(), hidden, recurrent, radius, activation, fed, bias, forget
    )


def _yours() -> Settings:
    """Settings of the models that were handed over, at the update that is looked at."""
    models = handed()
    end = max(model.history.updates for model in models)
    at = models[0].updates
    if end:
        at = st.slider("After update", 0, end, min(at, end), key="grat", bind="query-params")
    keys = tuple(model.key for model in models)
    return Settings(
        YOURS,
        _length(models[0].task.lengths, models[0].spec.length),
        _seed(SAMPLE),
        updates=at,
        keys=keys,
    )


def _length(allowed: Limit, usual: int = 50) -> int:
    low, high = max(allowed.low, GRADIENT_STEPS.low), min(allowed.high, GRADIENT_STEPS.high)
    own = min(max(usual, low), high)
    return st.slider("Steps T", low, high, own, key="grlen", bind="query-params")


def _seed(label: str = "Seed") -> int:
    return _whole(label, SEED, 0, "grseed")


def _whole(label: str, limit: Limit, own: int, key: str) -> int:
    value = st.number_input(label, limit.low, limit.high, own, key=key, bind="query-params")
    return limit.check(int(value))


def _real(label: str, span: Span, key: str) -> float:
    low, high = float(span.low), float(span.high)
    value = st.number_input(label, low, high, 1.0, step=0.1, key=key, bind="query-params")
    return span.check(float(value))

"""The settings that a first run does not need."""

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.limits import BATCH, CLIP, DATA_SIZE, DROPOUT, FORGET_BIAS, LAYERS, TRAINING_STEPS
from gatesviz.tasks import Task
from gatesviz.training.spec import Optimiser
from gatesviz.ui.train.parameters import BIASES, EQUAL, MORE
from gatesviz.ui.train.rate_changes import CHARACTERS

_MISTYPED = "train mistyped"
_NORM = "A longer gradient, over all weights together, is made as short; its direction stays."
_CLIP = "A gradient may explode over many steps; clipped, no single update can ruin the weights."
LOOKS_AHEAD = (
    "Read in both directions, the model has seen the next step before it foretells it: the score"
    " is no forecast."
)


def choose_more(task: Task, cells: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw the widgets; return what every cell is trained with, and what depends on the cell.

    The latter are "bias", one of `BIASES`, and "forget_bias", a number.
    """
    if "train more" not in st.session_state:  # a link that says something here is read here
        st.session_state["train more"] = any(name in st.query_params for name in MORE)
        st.session_state[_MISTYPED] = bool(MORE["trrates"].problem(planned()))
    elif st.session_state.pop(_MISTYPED, False):  # a first run cannot take it out of its widget
        st.session_state["trrates"] = ""
    with st.expander("More", expanded=st.session_state["train more"]):
        return _size() | _data(task) | _learning(), _biases(cells)


def planned() -> str:
    """Return what is said of the learning rate later on; nothing where a link mistyped it."""
    said = st.session_state.get("trrates", st.query_params.get("trrates"))
    return "" if st.session_state.get(_MISTYPED) else str(said or "")


def of_cell(cell: str, biases: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the biases of ``cell`` begin, as `TrainingSpec` names it."""
    chrono = biases["bias"] == BIASES[2] and bool(CELLS[cell].gates)
    given = biases["forget_bias"] if cell == "lstm" and biases["bias"] == BIASES[0] else None
    return {"chrono": chrono, "forget_bias": given}


def _size() -> dict[str, Any]:
    equal = st.segmented_control(
        "Equal", EQUAL, default=EQUAL[0], key="trequal", bind="query-params", required=True,
        help="Units: every cell has as many. Parameters: the GRU and the RNN get more units, so"
        " that they are as large as the LSTM.",
    )  # fmt: skip
    layers = st.slider("Layers", LAYERS.low, LAYERS.high, 1, key="trlayers", bind="query-params")
    dropout = 0.0
    if layers > 1:
        dropout = st.number_input(
            "Dropout between layers", float(DROPOUT.low), DROPOUT.high, 0.0, step=0.1, key="trdrop",
            bind="query-params", help="The share of h set to 0 on its way up, while training.",
        )  # fmt: skip
    both = st.toggle("Read in both directions", key="trboth", bind="query-params")
    return {
        "equal": equal or EQUAL[0],
        "layers": layers,
        "dropout": float(dropout),
        "bidirectional": both,
    }


def _data(task: Task) -> dict[str, Any]:
    length = st.number_input(
        "Length in steps", task.shortest, min(task.longest, TRAINING_STEPS.high), None,
        key="trlength", bind="query-params", placeholder=f"{task.length}, as the task says",
    )  # fmt: skip
    batch = st.number_input(
        "Sequences in a batch", BATCH.low, BATCH.high, 32, key="trbatch", bind="query-params"
    )
    size = st.number_input(
        "Training sequences", DATA_SIZE.low, DATA_SIZE.high, None, key="trdata",
        bind="query-params", placeholder="always new ones",
        help="With a few, the model can learn them by heart: the chart then shows the score on"
        " them beside the score on sequences it never saw.",
    )  # fmt: skip
    return {"length": length, "batch_size": int(batch), "data_size": size}


def _learning() -> dict[str, Any]:
    names = get_args(Optimiser)
    optimiser = st.selectbox("Optimiser", names, key="tropt", bind="query-params")
    clip = None
    if st.toggle("Clip the gradient", True, key="trclip", bind="query-params", help=_CLIP):
        clip = st.number_input(
            "Largest gradient norm", CLIP.low, float(CLIP.high), 1.0, step=0.5, format="%g",
            key="trnorm", bind="query-params", help=_NORM,
        )  # fmt: skip
    st.text_input(
        "Learning rate later on", key="trrates", bind="query-params", max_chars=CHARACTERS,
        placeholder="200: 0.001, 400: 0.0001",
        help="After which update, and what then. Changes that you make under way appear here.",
    )  # fmt: skip
    return {"optimiser": optimiser, "clip": None if clip is None else float(clip)}


def _biases(cells: tuple[str, ...]) -> dict[str, Any]:
    bias, given = BIASES[1], None
    if any(CELLS[cell].gates for cell in cells):
        bias = st.segmented_control(
            "The gates' first biases", BIASES, default=BIASES[0], key="trinit",
            bind="query-params", required=True,
            help="Forget bias: of the LSTM alone. Chrono: drawn so that the units of the LSTM and"
            " the GRU remember from one step to the whole sequence: the bias of f or z is log u, u"
            " drawn evenly from 1 to the length - 1 (Tallec & Ollivier 2018).",
        ) or BIASES[0]  # fmt: skip
    if bias == BIASES[0] and "lstm" in cells:
        given = st.number_input(
            "Forget bias of the LSTM", float(FORGET_BIAS.low), float(FORGET_BIAS.high), 1.0,
            step=0.5, key="trbias", bind="query-params",
            help="The sum of the forget gate's two biases before training. Above 0 it keeps.",
        )  # fmt: skip
    return {"bias": bias, "forget_bias": given}

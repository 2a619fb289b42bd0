"""What reads the sequence: the reader's choice of cell, weights, layer and direction."""

import functools
from dataclasses import dataclass

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.limits import FORGET_BIAS, HIDDEN, LAYERS, SEED
from gatesviz.traces import Direction
from gatesviz.trained import PackagedInfo, trained_info, trained_names
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.parameters import CELL_CHOICES, DIRECTIONS, FRESH, YOURS
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training

_WANTED = "weights wanted"
FILES = {"lstm": "lstm", "gru": "gru", "rnn_tanh": "rnn"}  # cell -> its word in a file's name


@dataclass(frozen=True)
class Setup:
    """The models that read, all of one kind of weights. Plain, so it is also a cache key.

    Attributes:
        cells: keys of `gatesviz.cells.CELLS`, left to right.
        weights: a task that trained models ship for, or "yours", or "fresh".
        hidden_size, layers, bidirectional, seed, forget_bias: of fresh weights.
        layer, direction: which of the recording is shown.
        keys: of the reader's own models, one a cell.
    """

    cells: tuple[str, ...]
    weights: str
    hidden_size: int = 8
    layers: int = 1
    bidirectional: bool = False
    seed: int = 0
    forget_bias: float | None = None
    layer: int = 0
    direction: Direction = "forward"
    keys: tuple[str, ...] = ()

    @property
    def known(self) -> PackagedInfo | TrainedModel | None:
        """What the first model was trained for; None for fresh weights."""
        if self.trained:
            return self.trained[0]
        return next(iter(yours(self.cells)), None) if self.weights == YOURS else None

    @property
    def trained(self) -> tuple[PackagedInfo, ...]:
        """What is known of the trained models, one a cell; empty for fresh weights."""
        if self.weights in (YOURS, FRESH):
            return ()
        return tuple(_info(f"{self.weights}-{FILES[cell]}") for cell in self.cells)


_info = functools.cache(trained_info)


def yours(cells: tuple[str, ...]) -> tuple[TrainedModel, ...]:
    """Return the reader's own models of ``cells``; empty if one is lacking."""
    models = {model.cell: model for model in handed()}
    return tuple(models[cell] for cell in cells) if models.keys() >= set(cells) else ()


def choose_models(*, reads_text: bool, sample: bool = False, table: bool = False) -> Setup:
    """Draw the widgets and return the setup.

    Args:
        reads_text: whether a text goes in.
        sample: whether a sample of the task of the reader's models goes in.
        table: whether a table goes in, which may hold all columns that such a model reads.
    """
    label = st.segmented_control(
        "Cell", list(CELL_CHOICES), default="LSTM", key="cell", bind="query-params", required=True
    )
    cells = CELL_CHOICES[label or "LSTM"]
    tasks = () if sample else trained_tasks(cells, reads_text=reads_text)
    fits = sample or any(_reads(model, reads_text, table) for model in yours(cells))
    own = (YOURS,) if fits and yours(cells) else ()
    weights = _choose_weights((*tasks, FRESH, *own))  # a link leaves out what comes first
    if st.session_state[_WANTED] == YOURS and not handed():
        offer_training()
    elif weights == FRESH and st.session_state[_WANTED] != FRESH:
        whose = (
            "You trained no"
            if st.session_state[_WANTED] == YOURS
            else "No trained weights ship for"
        )
        st.write(f"{whose} {label} with this input, so fresh ones are used.")
    name_in_link(weights == YOURS)
    if weights == YOURS:
        return _own(cells)
    return _fresh(cells) if weights == FRESH else Setup(cells, weights)


def _reads(model: TrainedModel, text: bool, table: bool) -> bool:
    if text:
        return model.vocabulary is not None
    return model.task.features == ("value",) or (table and bool(model.columns))


def _own(cells: tuple[str, ...]) -> Setup:
    """Draw the widgets of the reader's own models."""
    models = yours(cells)
    spec, keys = models[0].spec, tuple(model.key for model in models)
    layer = _layer_shown(spec.layers) if spec.layers > 1 else 1
    direction = _direction_shown() if spec.bidirectional else "forward"
    return Setup(cells, YOURS, layer=layer - 1, direction=direction, keys=keys)


def _choose_weights(options: tuple[str, ...]) -> str:
    """Draw the menu; what the reader chose comes back as soon as it is possible again."""
    if st.session_state.get("weights", st.query_params.get("weights")) == YOURS:  # by a link
        st.session_state[_WANTED] = YOURS
    wanted = st.session_state.get(_WANTED)
    if wanted in options and st.session_state.get("weights", wanted) != wanted:
        st.session_state["weights"] = wanted
    weights = st.selectbox(
        "Weights",
        options,
        key="weights",
        bind="query-params",
        help="Trained weights ship with gatesviz; fresh ones are as PyTorch makes them. Yours come"
        " from the page Train live: Open in….",
        on_change=_want,
    )
    if _WANTED not in st.session_state:
        st.session_state[_WANTED] = weights
    return weights


def _want() -> None:
    st.session_state[_WANTED] = st.session_state["weights"]


@functools.cache
def trained_tasks(cells: tuple[str, ...], *, reads_text: bool) -> tuple[str, ...]:
    """Return the tasks for which each of the cells ships trained, for this kind of input."""
    names = set(trained_names())
    tasks = dict.fromkeys(name.rsplit("-", 1)[0] for name in trained_names())
    found = []
    for task in tasks:
        files = [f"{task}-{FILES.get(cell)}" for cell in cells]
        if names.issuperset(files) and reads_text == (
            trained_info(files[0]).vocabulary is not None
        ):
            found.append(task)
    return tuple(found)


def _fresh(cells: tuple[str, ...]) -> Setup:
    """Draw the widgets of a fresh module; each value is checked again where it is used."""
    low, high = HIDDEN.low, HIDDEN.high
    hidden = st.slider("Hidden units", low, high, 8, key="hidden", bind="query-params")
    layers = st.slider("Layers", LAYERS.low, LAYERS.high, 1, key="layers", bind="query-params")
    both = st.toggle("Read in both directions", key="both", bind="query-params")
    seed = st.number_input("Seed", SEED.low, SEED.high, 0, key="seed", bind="query-params")
    bias = _forget_bias() if "lstm" in cells else None
    layer = _layer_shown(layers) if layers > 1 else 1
    direction = _direction_shown() if both else "forward"
    return Setup(cells, FRESH, hidden, layers, both, int(seed), bias, layer - 1, direction)


def _forget_bias() -> float | None:
    return st.number_input(
        "Forget bias of the LSTM",
        float(FORGET_BIAS.low),
        float(FORGET_BIAS.high),
        None,
        step=0.5,
        key="fbias",
        bind="query-params",
        placeholder="as PyTorch draws it",
        help="The sum of the forget gate's two biases. Above 0 the cell keeps by default.",
    )


def _layer_shown(layers: int) -> int:
    return st.slider("Layer shown", 1, layers, layers, key="layer", bind="query-params")


def _direction_shown() -> Direction:
    return st.segmented_control(
        "Direction shown",
        list(DIRECTIONS),
        default=DIRECTIONS[0],
        key="dir",
        bind="query-params",
        required=True,
    )


def described(setup: Setup) -> list[str]:
    """Return a sentence for each model: where its weights come from and how good they are."""
    if setup.weights == YOURS:
        return [model.description for model in yours(setup.cells)]
    if setup.weights != FRESH:
        return [info.description for info in setup.trained]
    names = ", ".join(CELLS[cell].name for cell in setup.cells)
    gated = any(CELLS[cell].gates for cell in setup.cells)
    so = ", so every gate hovers near the middle of its range" if gated else ""
    return [
        f"{names} with {setup.hidden_size} units and fresh weights from seed {setup.seed}:"
        f" untrained{so}."
    ]

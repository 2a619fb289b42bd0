"""The models that read the sequence: cell, weights, and the layer and direction shown."""

from dataclasses import dataclass, replace

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.traces import Direction, Trace
from gatesviz.trained import PackagedInfo
from gatesviz.training import TrainedModel
from gatesviz.ui.cell_names import explain_name
from gatesviz.ui.feed.parameters import (
    BOTH,
    CELL,
    CELL_CHOICES,
    DIRECTION_SHOWN,
    FORGET,
    FRESH,
    HIDDEN_UNITS,
    LAYER_COUNT,
    LAYER_SHOWN,
    SEED_FIELD,
    UNPACKAGED,
    WEIGHT,
    YOURS,
)
from gatesviz.ui.feed.readers import (
    PREFERRED,
    exchange_text,
    forget_note,
    packaged_for,
    reads,
    trained_tasks,
    typed,
)
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.lessons.address import by_history
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training
from gatesviz.ui.model_upload import FILE, choose_file, file_model, name_file_in_link
from gatesviz.ui.page_parts import draw_parts


@dataclass(frozen=True)
class Setup:
    """The models that read the sequence. Hashable, so it is also a cache key.

    Attributes:
        cells: keys of `gatesviz.cells.CELLS`, left to right.
        weights: a task with packaged trained models, or one of `UNPACKAGED`.
        hidden_size, seed, forget_bias: of fresh weights.
        layers, bidirectional: of all but packaged models.
        layer, direction: the part of the recording that is shown.
        keys: of your own models, one for each cell, or of the model of your file.
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
    def file(self) -> FileModel | None:
        """The model of your file, if it is used."""
        return file_model(*self.keys) if self.weights == FILE and self.keys else None

    @property
    def known(self) -> PackagedInfo | TrainedModel | None:
        """The first model that has a task; None for fresh weights and the model of your file."""
        if self.trained:
            return self.trained[0]
        return next(iter(yours(self.cells)), None) if self.weights == YOURS else None

    @property
    def trained(self) -> tuple[PackagedInfo, ...]:
        """The packaged models, one for each cell; empty for other weights."""
        if self.weights in UNPACKAGED:
            return ()
        return packaged_for(self.weights, self.cells)


def yours(cells: tuple[str, ...]) -> tuple[TrainedModel, ...]:
    """Return your own models of ``cells``; empty if one is missing."""
    models = {model.cell: model for model in handed()}
    return tuple(models[cell] for cell in cells) if models.keys() >= set(cells) else ()


def choose_models(*, reads_text: bool, sample: bool = False, table: bool = False) -> Setup:
    """Draw the widgets and return the setup.

    Args:
        reads_text: whether the input is a text.
        sample: whether the input is a sample of the task of your own models.
        table: whether the input is a table, which may hold all columns that such a model reads.
    """
    from_file = st.session_state.get("weights", st.query_params.get("weights")) == FILE
    label = kept_cell() if from_file else CELL.draw(on_change=forget_note)
    cells = CELL_CHOICES[label]
    if len(cells) == 1 and not from_file:
        explain_name(cells[0])
    tasks = () if sample else trained_tasks(cells, reads_text=reads_text)
    fits = sample or any(_reads(model, reads_text, table) for model in yours(cells))
    own = (YOURS,) if fits and yours(cells) else ()
    options = (*tasks, FRESH, *own, FILE)
    if reads_text and typed() and st.session_state.get("weights") not in (None, *options):
        # another cell was chosen, which has no model that reads this text
        st.session_state["weights"] = next((t for t in tasks if reads(t, typed())), FRESH)
    weights = _choose_weights(options)  # a link leaves out the first option
    preferred = st.session_state[PREFERRED]
    if preferred == YOURS and not handed():
        offer_training()
    elif weights == FRESH and preferred != FRESH:
        where = "You have no trained" if preferred == YOURS else "gatesviz has no trained"
        name = f"“{label}”" if " " in label else label
        st.write(f"{where} {name} for this input, so the weights are fresh.")
    name_in_link(weights == YOURS)
    if weights == FILE:
        return setup_of_file()
    name_file_in_link(False)
    if weights == YOURS:
        return _own(cells)
    return _fresh(cells) if weights == FRESH else Setup(cells, weights)


def _reads(model: TrainedModel, text: bool, table: bool) -> bool:
    if text:
        return model.vocabulary is not None
    return model.task.features == ("value",) or (table and bool(model.columns))


def _own(cells: tuple[str, ...]) -> Setup:
    """Draw the widgets of your own models and return their setup."""
    models = yours(cells)
    spec, keys = models[0].spec, tuple(model.key for model in models)
    layer, direction = _choose_part(spec.layers, spec.bidirectional)
    return Setup(
        cells,
        YOURS,
        layers=spec.layers,
        bidirectional=spec.bidirectional,
        layer=layer,
        direction=direction,
        keys=keys,
    )


def kept_cell() -> str:
    """Return the chosen cell, and keep it while its widget is not drawn: a file has its own."""
    text = st.session_state.get(CELL.key, st.query_params.get(CELL.key))
    label: str = text if text in CELL_CHOICES else CELL.default
    st.session_state[CELL.key] = label
    return label


def setup_of_file() -> Setup:
    """Draw the widgets of a model file and return the setup; without a model it has no keys."""
    model = choose_file()
    name_file_in_link(True)
    if model is None:
        return Setup((CELLS[CELL_CHOICES[CELL.default][0]].key,), FILE)
    module = model.module
    layers, both = int(module.num_layers), bool(module.bidirectional)
    layer, direction = _choose_part(layers, both)
    return Setup(
        (model.cell,),
        FILE,
        int(module.hidden_size),
        layers,
        both,
        layer=layer,
        direction=direction,
        keys=(model.key,),
    )


def _choose_weights(options: tuple[str, ...]) -> str:
    """Draw the menu. A choice comes back as soon as the other settings allow it again.

    A link that is followed inside the app is a choice, too.
    """
    if by_history():
        forget_preferred()
    if st.session_state.get("weights", st.query_params.get("weights")) == YOURS:  # by a link
        st.session_state[PREFERRED] = YOURS
    preferred = st.session_state.get(PREFERRED)
    if preferred in options and st.session_state.get("weights", preferred) != preferred:
        st.session_state["weights"] = preferred
    weights: str = WEIGHT.draw(options=options, on_change=_prefer)
    if PREFERRED not in st.session_state:
        st.session_state[PREFERRED] = weights
    return weights


def forget_preferred() -> None:
    """Forget which weights the reader chose: a link names others."""
    st.session_state.pop(PREFERRED, None)


def _prefer() -> None:
    st.session_state[PREFERRED] = st.session_state["weights"]
    exchange_text(st.session_state["weights"])


def _fresh(cells: tuple[str, ...]) -> Setup:
    """Draw the widgets of a fresh module and return its setup."""
    hidden = HIDDEN_UNITS.draw(on_change=draw_parts)
    layers, both = LAYER_COUNT.draw(), BOTH.draw()
    seed = int(SEED_FIELD.draw(on_change=draw_parts))
    forgets = any(CELLS[cell].biases.forget for cell in cells)
    bias = FORGET.draw(on_change=draw_parts) if forgets else None
    layer, direction = _choose_part(layers, both)
    return Setup(cells, FRESH, hidden, layers, both, seed, bias, layer, direction)


MOVE_PARTS = (HIDDEN_UNITS.key, SEED_FIELD.key, FORGET.key)
"""Settings of fresh weights that change no other control and no text beside one."""


def present(setup: Setup) -> Setup:
    """Return ``setup`` with the present values of `MOVE_PARTS`, for a part that is drawn alone."""
    if setup.weights != FRESH or SEED_FIELD.key not in st.session_state:
        return setup  # the last readable one can be fresh when these settings aren't on the page
    hidden, seed = (st.session_state[field.key] for field in (HIDDEN_UNITS, SEED_FIELD))
    bias = st.session_state.get(FORGET.key)  # it is on the page if a cell has a forget gate
    return replace(setup, hidden_size=hidden, seed=int(seed), forget_bias=bias)


def _choose_part(layers: int, both: bool) -> tuple[int, Direction]:
    """Draw the widgets for the layer and direction shown; return the layer, from 0, and it."""
    if st.session_state.get(LAYER_SHOWN.key, 1) > layers > 1:  # of another model
        st.session_state[LAYER_SHOWN.key] = layers
    layer = LAYER_SHOWN.draw(max_value=layers, value=layers) if layers > 1 else 1
    return layer - 1, DIRECTION_SHOWN.draw() if both else "forward"


def titles(setup: Setup) -> list[str]:
    """Return a heading for each model: its cell, and the layer and direction that are shown."""
    parts = [f"layer {setup.layer + 1} of {setup.layers}"] if setup.layers > 1 else []
    parts += [setup.direction] if setup.bidirectional else []
    return [", ".join([CELLS[cell].name, *parts]) for cell in setup.cells]


def described(setup: Setup) -> list[str]:
    """Return a description of each model: the origin of its weights and its score."""
    if setup.file is not None:
        return [*setup.file.opened.notes]
    if setup.weights == YOURS:
        return [model.description for model in yours(setup.cells)]
    if setup.weights != FRESH:
        return [info.description for info in setup.trained]
    names = ", ".join(CELLS[cell].name for cell in setup.cells)
    units = f"{setup.hidden_size} hidden {'unit' if setup.hidden_size == 1 else 'units'}"
    return [f"{names} with {units}. Untrained: fresh weights from seed {setup.seed}."]


def gate_means(trace: Trace) -> str:
    """Return the mean of each gate over all units and steps as a sentence; "" without gates."""
    means = [f"{gate} = {values.mean():.2f}" for gate, values in trace.gates.items()]
    found = ", ".join(means).replace("-0.00", "0.00").replace("-", "−")
    which = f"Mean of each gate of the {trace.kind.in_sentences} over this input, before any edit:"
    return f"{which} {found}." if found else ""

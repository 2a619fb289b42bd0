"""The models of the page: packaged ones, your own trained ones, and that of your file."""

from dataclasses import dataclass, replace

import streamlit as st

from gatesviz.cells import CELLS, Cell
from gatesviz.experiments.changes import Model
from gatesviz.tasks import Task
from gatesviz.traces import Direction
from gatesviz.training import TrainedModel
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.given import Given, choose_given, choose_text_of_task
from gatesviz.ui.find_unit.parameters import DIRECTION, LAYER, MODEL, MOST_SEQUENCES
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training
from gatesviz.ui.model_upload import FILE, choose_file, name_file_in_link
from gatesviz.ui.what_if.models import Subject, flagship, packaged
from gatesviz.ui.what_if.parameters import LATCH, PACKAGED, YOURS

AMOUNT, LEAST = 600_000, 50
"""Width × steps × sequences that are recorded at once, and the fewest sequences."""
_MISSED = "find-unit model missing"


@dataclass(frozen=True, eq=False)
class Examined:
    """A model whose units are examined.

    Attributes:
        key: identifies its weights, for caches and guesses.
        model: a trained model, or that of a file.
        about: where it comes from, as sentences.
        layer: from 0.
        direction: of the examined units.
        given: what the model of a file reads, or your text for another one; None for the
            sequences of its task.
    """

    key: str
    model: Model | FileModel
    about: tuple[str, ...]
    layer: int = 0
    direction: Direction = "forward"
    given: Given | None = None

    @property
    def task(self) -> Task | None:
        """What it was trained on; None for the model of a file."""
        return None if isinstance(self.model, FileModel) else self.model.task

    @property
    def cell(self) -> Cell:
        """The description of its cell."""
        return CELLS[self.model.cell]

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The entries that it reads; None where it reads numbers."""
        return self.model.vocabulary if self.task is None else self.task.vocabulary

    @property
    def width(self) -> int:
        """How many numbers a step has: its inputs, its states or its answers, whichever are most.

        States of all layers and directions count. Answers count if they get a score.
        """
        model = self.model
        if isinstance(model, TrainedModel):
            spec = model.spec
            return max(spec.actual_hidden_size * spec.layers * spec.directions, spec.input_size)
        module = model.module
        units = int(module.hidden_size * module.num_layers * (1 + module.bidirectional))
        answers = model.scored if isinstance(model, FileModel) else 0
        return max(units, int(module.input_size), answers)

    def sequences(self, steps: int) -> int:
        """Return how many sequences of ``steps`` it reads: fewer for a wide model."""
        return min(MOST_SEQUENCES, max(LEAST, AMOUNT // (self.width * steps)))


def choose_model() -> Examined | None:
    """Draw the menu of models, and the layer and the direction; None before there is a file."""
    own = {label: cell for label, cell in YOURS.items() if cell in {m.cell for m in handed()}}
    st.session_state.setdefault(_MISSED, st.query_params.get(MODEL.key) in YOURS)
    label = MODEL.draw(
        options=(*PACKAGED, LATCH, *own, FILE),
        index=[*PACKAGED].index(MODEL.default),
        on_change=lambda: st.session_state.update({_MISSED: False}),
    )
    name_in_link(label in own)
    if st.session_state[_MISSED] and not own:
        offer_training()
    if label == FILE:
        return _of_file()
    name_file_in_link(False)
    if label in own:
        [model] = [model for model in handed() if model.cell == own[label]]
        spec = model.spec
        place = _choose_place(spec.layers, spec.bidirectional)
        return _of_task(Examined(model.key, model, (model.description,), *place))
    subject: Subject = flagship() if label == LATCH else packaged(PACKAGED[label])
    return _of_task(Examined(subject.key, subject.model, (subject.about,)))


def _of_task(examined: Examined) -> Examined:
    """Draw what a trained model reads: sequences of its task, or your text."""
    task = examined.task
    if task is None or task.vocabulary is None:
        return examined
    return replace(examined, given=choose_text_of_task(task.example))


def _of_file() -> Examined | None:
    model = choose_file()
    name_file_in_link(True)
    if model is None:
        return None
    place = _choose_place(int(model.module.num_layers), bool(model.module.bidirectional))
    given = choose_given(model)
    return Examined(f"{model.key} {given.key}", model, (*model.opened.notes,), *place, given)


def _choose_place(layers: int, both: bool) -> tuple[int, Direction]:
    """Draw the widgets for the layer and the direction; return both, the layer from 0."""
    if st.session_state.get(LAYER.key, 1) > layers > 1:  # of another model
        st.session_state[LAYER.key] = layers
    layer = LAYER.draw(max_value=layers, value=layers) if layers > 1 else 1
    return layer - 1, DIRECTION.draw() if both else "forward"

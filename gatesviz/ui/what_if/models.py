"""The trained models of the page: packaged ones, that of known result T13, and your own."""

from dataclasses import dataclass

import streamlit as st

from gatesviz.cells import CELLS, Cell
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.experiments.what_if import SEQUENCES, Model
from gatesviz.tasks import Task
from gatesviz.trained import PackagedModel, load_trained
from gatesviz.training import OwnData, TrainedModel
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training
from gatesviz.ui.model_upload import file_model
from gatesviz.ui.what_if.parameters import LATCH, MODEL, PACKAGED, YOURS

FLAGSHIP = "latch-lstm"
AMOUNT, LEAST = 2_000_000, 50
"""Hidden units × steps × sequences that are measured at once, and the fewest sequences."""
NO_TASK = (
    "The model of your file isn't in this menu. This page measures the score on a task, and a file"
    " has no task. To change its gates, press Edit in the player on “Feed a sequence”."
)
_MISSED = "what-if model missing"


@dataclass(frozen=True, eq=False)
class Subject:
    """A trained model that is changed.

    Attributes:
        key: identifies its weights, for caches and guesses.
        model: the model.
        about: where it comes from, as sentences.
    """

    key: str
    model: Model
    about: str

    @property
    def task(self) -> Task:
        """What it was trained on."""
        return self.model.task

    @property
    def public_task(self) -> str:
        """What the task asks, without text of the user."""
        model = self.model
        if isinstance(model, TrainedModel) and isinstance(model.spec.task, OwnData):
            return "A model was trained on a student's own data."
        return self.task.explanation

    @property
    def cell(self) -> Cell:
        """The description of its cell."""
        return CELLS[self.model.cell]

    @property
    def length(self) -> int:
        """T, the steps of its sequences."""
        if isinstance(self.model, TrainedModel):
            return self.model.spec.length
        return self.task.length

    @property
    def sequences(self) -> int:
        """How many sequences a change is measured on: fewer for a large model."""
        hidden = (
            self.model.spec.actual_hidden_size * self.model.spec.layers * self.model.spec.directions
            if isinstance(self.model, TrainedModel)
            else self.model.hidden_size
        )
        return min(SEQUENCES, max(LEAST, AMOUNT // (hidden * self.length)))


def choose_model() -> Subject:
    """Draw the menu of models and return the chosen one."""
    own = {label: cell for label, cell in YOURS.items() if cell in {m.cell for m in handed()}}
    st.session_state.setdefault(_MISSED, st.query_params.get(MODEL.key) in YOURS)
    label = MODEL.draw(
        options=(LATCH, *PACKAGED, *own),
        on_change=lambda: st.session_state.update({_MISSED: False}),
    )
    name_in_link(label in own)
    if file_model() is not None:
        st.text(NO_TASK)
    if st.session_state[_MISSED] and not own:
        offer_training()
    if label in own:
        [model] = [model for model in handed() if model.cell == own[label]]
        return Subject(model.key, model, model.description)
    return flagship() if label == LATCH else packaged(PACKAGED[label])


@st.cache_resource(show_spinner="Loading the trained model…")
def packaged(name: str) -> Subject:
    """Return a packaged model."""
    model: PackagedModel = load_trained(name)
    price = (
        " In its training, the loss also grew whenever a gate wrote, erased, reset or showed"
        " something. So its gates act rarely and are easier to read."
        if model.work
        else ""
    )
    return Subject(name, model, f"{model.description}{price}")


@st.cache_resource(show_spinner="Loading the trained model…")
def flagship() -> Subject:
    """Return the model of known result T13 with seed 0."""
    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    model = TrainedModel(trial.spec, result.updates, result.weights, key=FLAGSHIP)
    score = model.task.describe_score(result.score)
    return Subject(
        FLAGSHIP,
        model,
        f"This LSTM has {trial.spec.hidden_size} hidden units and was trained for"
        f" {result.updates:,} updates. It began with chrono initialisation, so its units remember"
        f" for different numbers of steps (Tallec & Ollivier 2018). Task: {model.task.title}, after"
        f" {trial.spec.length} steps. On held-out sequences: {score}. We trained five models with"
        " different seeds. This one has seed 0.",
    )

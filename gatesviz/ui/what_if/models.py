"""The models of the page: packaged ones, that of known result T13, your own, and your file's."""

from dataclasses import dataclass

import streamlit as st

from gatesviz.cells import CELLS, Cell
from gatesviz.experiments.changes import Model
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.experiments.what_if import SEQUENCES
from gatesviz.lessons.measures.forecast import shipped
from gatesviz.sequences import Sequence
from gatesviz.tasks import Task
from gatesviz.trained import PackagedModel, load_trained
from gatesviz.training import OwnData, TrainedModel
from gatesviz.ui.feed.file_input import draw_settings_of_file
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.opening import begins_with_opened_file
from gatesviz.ui.model_handoff import handed, name_in_link, offer_training
from gatesviz.ui.model_upload import FILE, name_file_in_link
from gatesviz.ui.what_if.parameters import LATCH, MODEL, PACKAGED, RECORDED, YOURS

FLAGSHIP = "latch-lstm"
RECORDED_KEY = "recorded "
"""How the key of a model of `RECORDED` begins; the name of its series follows."""
AMOUNT, LEAST = 2_000_000, 50
"""Hidden units × steps × sequences that are measured at once, and the fewest sequences."""
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
        if self.own_task:
            return "A model was trained on a student's own data."
        return self.task.explanation

    @property
    def own_task(self) -> str:
        """What the task asks, if that holds text of the user, such as a column's name; else ""."""
        model = self.model
        own = isinstance(model, TrainedModel) and isinstance(model.spec.task, OwnData)
        return self.task.explanation if own and not self.key.startswith(RECORDED_KEY) else ""

    @property
    def known_task(self) -> str:
        """What the task asks, in Markdown, with a space after it; "" if there is an `own_task`."""
        return "" if self.own_task else f"{self.task.explanation} "

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


@dataclass(frozen=True, eq=False)
class FileSubject:
    """The model of a file, which has no task, and what it reads.

    Attributes:
        setup: the model, and the layer and direction that are shown; without a model before there
            is one.
        sequence: what it reads; None before it can read anything.
    """

    setup: Setup
    sequence: Sequence | None


def choose_model() -> Subject | FileSubject:
    """Draw the menu of models, and the widgets of a file and its input; return the chosen one."""
    own = {label: cell for label, cell in YOURS.items() if cell in {m.cell for m in handed()}}
    st.session_state.setdefault(_MISSED, st.query_params.get(MODEL.key) in YOURS)
    if begins_with_opened_file("what if"):
        st.session_state[MODEL.key] = FILE
    label = MODEL.draw(
        options=(LATCH, *PACKAGED, *RECORDED, *own, FILE),
        on_change=lambda: st.session_state.update({_MISSED: False}),
    )
    name_in_link(label in own)
    if st.session_state[_MISSED] and not own:
        offer_training()
    if label == FILE:
        return FileSubject(*draw_settings_of_file())
    name_file_in_link(False)
    if label in own:
        [model] = [model for model in handed() if model.cell == own[label]]
        return Subject(model.key, model, model.description)
    return shipped_subject(label)


def shipped_subject(label: str) -> Subject:
    """Return the model that comes with gatesviz under this label of the menu."""
    if label == LATCH:
        return flagship()
    return recorded(RECORDED[label]) if label in RECORDED else packaged(PACKAGED[label])


@st.cache_resource(show_spinner="Loading the trained model…")
def packaged(name: str) -> Subject:
    """Return a packaged model."""
    model: PackagedModel = load_trained(name)
    return Subject(name, model, model.description)


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
        f" {result.updates:,} updates. Before training, its initialisation (“chrono”) makes"
        " units remember for different numbers of steps (Tallec & Ollivier 2018). Task:"
        f" {model.task.title}, after {trial.spec.length} steps. On held-out sequences: {score}. We"
        " trained five models with different seeds. This one has seed 0.",
    )


@st.cache_resource(show_spinner=False)
def recorded(series: str) -> Subject:
    """Return the first of the LSTMs that were trained to forecast ``series`` for the release."""
    result = shipped(series)[0]
    spec = result.trial.spec
    model = TrainedModel(spec, result.updates, result.weights, key=f"{RECORDED_KEY}{series}")
    score = model.task.describe_score(result.score)
    return Subject(
        model.key,
        model,
        f"This LSTM has {spec.hidden_size} hidden units and was trained for {result.updates:,}"
        f" updates, with seed {spec.seed}. Task: {model.task.title}. On held-out"
        f" sequences: {score}.",
    )

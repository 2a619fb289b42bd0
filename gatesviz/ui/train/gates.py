"""The gates after any kept update: the training step by a slider, the time step in the player."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from gatesviz.engine import View
from gatesviz.player.payload import Answers, Panel, Selection, payload
from gatesviz.recordings import record
from gatesviz.training import History, Model, probe
from gatesviz.ui.stage import opening, stage
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import NAMES, SAMPLES
from gatesviz.ui.train.settings import Settings

EVERY = 1.0  # seconds
_HELP = (
    "Weights are kept before the first update, after powers of two and at even distances; the"
    " nearest kept ones before the slider are shown."
)


@dataclass(frozen=True)
class Place:
    """What is looked at.

    Attributes:
        updates: after which ones: one, or two of the same cell side by side.
        cells: whose gates.
        sample: which probe, from 0.
    """

    updates: tuple[int, ...]
    cells: tuple[str, ...]
    sample: int


def gates(settings: Settings, views: Mapping[str, View]) -> int | None:
    """Draw the sliders and the player; return the probe looked at, None before there is one.

    A slider at its end follows the run.
    """
    if not any(view.state for view in views.values()):
        return None
    st.header("The gates, after any update")
    place = _choose(views)
    busy = any(view.busy for view in views.values())

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        now = session.views(settings)
        histories = [now[cell].history for cell in place.cells if cell in now and now[cell].state]
        models = [kept(history, at) for history in histories for at in place.updates]
        if models:
            panels = [_panel(model, place.sample) for model in models]
            stage(payload(panels, select=opening("train", Selection())), key="train")

    body()
    return place.sample


def _choose(views: Mapping[str, View]) -> Place:
    end = max(max(view.end, view.updates) for view in views.values())
    left, right = st.columns([4, 1])
    updates = [
        left.slider("After update", 0, end, end, key="trat", bind="query-params", help=_HELP)
    ]
    sample = right.segmented_control(
        "Probe", SAMPLES, default=SAMPLES[0], key="trsample", bind="query-params", required=True,
        help="Four held-out sequences, the same for every run of this task and length.",
    )  # fmt: skip
    cells = tuple(views)
    if right.toggle("Two updates", key="trtwo", bind="query-params"):
        updates.append(left.slider("Beside it", 0, end, 0, key="trb", bind="query-params"))
        cells = (_one(views),)
    return Place(tuple(updates), cells, int(sample or SAMPLES[0]) - 1)


def _one(views: Mapping[str, View]) -> str:
    """Let the reader choose the cell whose two updates are compared."""
    names = {NAMES[cell]: cell for cell in views}
    if len(names) == 1:
        return next(iter(views))
    chosen = st.segmented_control("Of the", list(names), default=next(iter(names)), required=True)
    return names[chosen or next(iter(names))]


def kept(history: History, at: int) -> Model:
    """Return the model at the last checkpoint that is not after ``at``."""
    return history.model_at(max(u for u in history.checkpoints if u <= at))


def _panel(model: Model, sample: int) -> Panel:
    """Record a probe and return its panel, with what the readout answers."""
    import torch

    task, inputs = model.spec.learned, probe(model.spec).inputs[:, sample]
    module, readout = model.modules()
    recording = record(module, inputs)
    values = task.answers(readout(torch.from_numpy(recording.output))).detach().numpy()
    letters = None
    if task.vocabulary is not None:
        letters = [task.vocabulary[k] for k in inputs.argmax(-1).tolist()]
    return Panel(
        recording.trace(),
        labels=letters,
        title=f"{NAMES[model.spec.cell]} after update {model.updates:,}",
        text=letters is not None,
        features=task.vocabulary or task.features,
        answers=Answers(task.answer_names, values, "The readout answers"),
    )

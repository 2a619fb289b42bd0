"""The gates after any kept update: the training step by a slider, the time step in the player."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from gatesviz.engine import View
from gatesviz.player.payload import Answers, Panel, Selection, payload
from gatesviz.recordings import record
from gatesviz.tasks import Batch
from gatesviz.traces import Array
from gatesviz.training import Model, TrainingSpec, probe
from gatesviz.ui.stage import opening, stage
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import NAMES, SAMPLES
from gatesviz.ui.train.settings import Settings

EVERY = 1.0  # seconds
_HELP = (
    "Weights are kept before the first update, after powers of two and at even distances, and"
    " those of now; the nearest kept ones before the slider are shown. At its end it follows the"
    " run."
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


def gates(settings: Settings, views: Mapping[str, View]) -> Place | None:
    """Draw the sliders and the player; return what is looked at, None before there is a run.

    A slider at its end follows the run.
    """
    if not any(view.state for view in views.values()):
        _await(settings, views)
        return None
    st.header("The gates, after any update")
    place = _choose(views)
    busy = any(view.busy for view in views.values())

    @st.fragment(run_every=session.unhurried(EVERY) if busy else None)
    def body() -> None:
        now = session.views(settings)
        runs = [now[cell] for cell in place.cells if cell in now and now[cell].state]
        if not runs:
            return
        models = [model_at(view, at) for view in runs for at in place.updates]
        if told := _told(place, runs, models):
            st.write(told)
        batch = probe(models[0].spec)
        panels = [_panel(model, batch, place.sample) for model in models]
        stage(payload(panels, select=opening("train", Selection())), key="train")

    body()
    return place


def _await(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw the page again as soon as the first slice of a run is back."""

    @st.fragment(run_every=EVERY if views else None)
    def body() -> None:
        if any(view.state for view in session.views(settings).values()):
            st.rerun()

    body()


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


def kept(view: View) -> tuple[int, ...]:
    """Return after which updates there are weights: the checkpoints, and those of now."""
    return tuple(sorted({*view.history.checkpoints, view.updates}))


def model_at(view: View, at: int) -> Model:
    """Return the model after the last update that has weights and is not after ``at``."""
    update = max(u for u in kept(view) if u <= at)
    if view.state is not None and view.state.updates == update:
        return view.state.model
    return view.history.model_at(update)


def _told(place: Place, runs: list[View], models: list[Model]) -> str:
    """Return a sentence where the weights of an update asked for are not the ones shown."""
    made = min(view.updates for view in runs)
    said = []
    for at in sorted(set(place.updates)):
        shown = sorted({model.updates for model in models if model.updates <= at})
        if at <= made and at not in shown:
            said.append(f"No weights are kept after update {at:,}: shown are those after update")
            said[-1] += f" **{shown[-1]:,}**, the last ones kept before it."
    return " ".join(said)


def _panel(model: Model, batch: Batch, sample: int) -> Panel:
    """Record a probe and return its panel, with what the readout answers and what is right."""
    import torch

    task, inputs = model.spec.learned, batch.inputs[:, sample]
    module, readout = model.modules()
    recording = record(module, inputs)
    values = task.answers(readout(torch.from_numpy(recording.output))).detach().numpy()
    letters = None
    if task.vocabulary is not None:
        letters = [task.vocabulary[k] for k in inputs.argmax(-1).tolist()]
    targets = right_answers(model.spec, batch, sample)
    return Panel(
        recording.trace(),
        labels=letters,
        title=f"{NAMES[model.spec.cell]} after update {model.updates:,}",
        text=letters is not None,
        features=(task.vocabulary or task.features) if model.spec.layers == 1 else None,
        answers=Answers(task.answer_names, values, "The readout answers", targets),
    )


def right_answers(spec: TrainingSpec, batch: Batch, sample: int) -> Array:
    """Return a probe's targets as `Answers` takes them, (T,) or (T, O).

    Where a task trains on its scored steps alone, the others have no right answer: NaN.
    """
    targets: Array = batch.targets[:, sample].numpy().astype(np.float32)
    if spec.learned.learns == "scored":
        targets[~batch.mask[:, sample].numpy()] = np.nan
    return targets

"""The gates after any stored update: a slider picks the update, the player the time step."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from gatesviz.engine import View
from gatesviz.player.payload import Answers, Panel, Selection, payload
from gatesviz.recordings import record
from gatesviz.tasks import Batch
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array
from gatesviz.training import TrainedModel, TrainingSpec, probe
from gatesviz.ui.player import opening, stage
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.update_slider import EVERY, LATEST, Place, choose_place, model_name


def gates(settings: Settings, views: Mapping[str, View]) -> Place | None:
    """Draw the sliders and the player. Return what they show, or None before there is a run.

    A slider at its end follows the run.
    """
    if not any(view.state for view in views.values()):
        _await(settings, views)
        return None
    st.header("See the gates after any update")
    place = choose_place(settings, views)
    busy = any(view.busy for view in views.values())

    @st.fragment(run_every=session.unhurried(EVERY) if busy else None)
    def body() -> None:
        now = session.views(settings)
        runs = [now[cell] for cell in place.cells if cell in now and now[cell].state]
        if not runs:
            return
        models = [model_at(view, at) for view in runs for at in place.updates]
        st.write(_describe(place, runs, models))
        batch = probe(models[0].spec)
        panels = [_panel(model, batch, place) for model in models]
        stage(payload(panels, select=opening("train", Selection())), key="train")

    body()
    return place


def _await(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw the page again when the first slice of a run is back."""

    @st.fragment(run_every=EVERY if views else None)
    def body() -> None:
        if any(view.state for view in session.views(settings).values()):
            st.rerun()

    body()


def stored_updates(view: View) -> tuple[int, ...]:
    """Return the updates whose weights exist: the checkpoints and the latest update."""
    return tuple(sorted({*view.history.checkpoints, view.updates}))


def model_at(view: View, at: int) -> TrainedModel:
    """Return the model after the last stored update that is not after ``at``."""
    update = max(u for u in stored_updates(view) if u <= at)
    if view.state is not None and view.state.updates == update:
        return view.state.model
    return view.history.model_at(update)


def _describe(place: Place, runs: list[View], models: list[TrainedModel]) -> str:
    """Return which weights are stored, and which updates the player shows instead."""
    text = [_stored(runs)]
    chosen = [(view, at) for view in runs for at in place.updates]
    for at in sorted(set(place.updates)):
        pairs = [
            (view, model)
            for (view, to), model in zip(chosen, models, strict=True)
            if to == at and at < LATEST
        ]
        late = [model.updates for view, model in pairs if model.updates < at <= view.updates]
        if late:
            text.append(f"Update {at:,} isn't stored, so you see update **{max(late):,}**.")
        for view, model in pairs:
            if view.updates < at:
                text.append(
                    f"The {NAMES[view.spec.cell]} hasn't reached update {at:,}, so you see update"
                    f" **{model.updates:,}**."
                )
    return " ".join(text)


def _stored(runs: list[View]) -> str:
    """Return how many updates of each run have stored weights."""
    counts = {NAMES[r.spec.cell]: (len(stored_updates(r)) - 1, r.updates) for r in runs}
    if len({*counts.values()}) == 1:
        [(stored, made)] = {*counts.values()}
        each = "" if len(counts) == 1 else " of each cell"
        return f"Weights are stored after {stored:,} of {made:,} updates{each}."
    listed = ", ".join(
        f"{stored:,} of {made:,} updates of the {cell}" for cell, (stored, made) in counts.items()
    )
    return f"Weights are stored after {listed}."


def _panel(model: TrainedModel, batch: Batch, place: Place) -> Panel:
    """Record a probe and return its panel, with predicted and expected answers."""
    import torch

    spec, inputs = model.spec, batch.inputs[:, place.sample]
    task = spec.learned
    module, readout = model.modules()
    recording = record(module, inputs)
    values = task.answers(readout(torch.from_numpy(recording.output))).detach().numpy()
    letters = task.letters(inputs)
    first = place.layer % spec.layers == 0
    name = model_name(spec, place.layer, place.direction)
    comma = "," if "," in name else ""
    targets = right_answers(spec, batch, place.sample)
    weights = linear_readout(readout, task.kind)
    return Panel(
        recording.trace(place.layer, place.direction),
        labels=letters,
        title=f"{name}{comma} after update {model.updates:,}",
        text=letters is not None,
        features=(task.vocabulary or task.features) if first else None,
        answers=Answers(task.answer_names, values, "The readout answers", targets, weights),
        network=recording.traces,
    )


def right_answers(spec: TrainingSpec, batch: Batch, sample: int) -> Array:
    """Return a probe's targets as `Answers` takes them, (T,) or (T, O).

    Where a task trains on its scored steps only, the others have no right answer: NaN.
    """
    targets: Array = batch.targets[:, sample].numpy().astype(np.float32)
    if spec.learned.learns == "scored":
        targets[~batch.mask[:, sample].numpy()] = np.nan
    return targets

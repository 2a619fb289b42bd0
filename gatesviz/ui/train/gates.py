"""The player on the models of the chosen update, folded until you open it."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.player.panels import answers_opening
from gatesviz.player.payload import Answers, Panel, Selection, payload
from gatesviz.tasks import Batch
from gatesviz.tasks.readouts import linear_readout
from gatesviz.training import TrainedModel, probe
from gatesviz.ui.player import PARAMETERS, opening, stage
from gatesviz.ui.train import session
from gatesviz.ui.train.pictures import right_answers, run_probe
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.stored_weights import model_at
from gatesviz.ui.train.update_slider import EVERY, Place, model_name

FOLD = "Go through the equations, step by step"
_OPEN = "train player open"


def gates(settings: Settings, views: Mapping[str, View], place: Place) -> None:
    """Draw the player, folded. It opens by itself if the link names a position in it.

    While it is closed, it costs nothing.
    """
    if not any(view.state for view in views.values()):
        return
    st.session_state.setdefault(_OPEN, any(name in st.query_params for name in PARAMETERS))
    fold = st.expander(FOLD, key=_OPEN, on_change="rerun")
    if fold.open:
        with fold:
            _player(settings, views, place)


def _player(settings: Settings, views: Mapping[str, View], place: Place) -> None:
    busy = any(view.busy for view in views.values())

    @st.fragment(run_every=session.unhurried(EVERY) if busy else None)
    def body() -> None:
        now = session.views(settings)
        runs = [now[cell] for cell in place.cells if cell in now and now[cell].state]
        if not runs:
            return
        models = [model_at(view, at) for view in runs for at in place.updates]
        batch = probe(models[0].spec)
        panels = [_panel(model, batch, place) for model in models]
        stage(payload(panels, select=opening("train", Selection())), key="train")

    body()


def _panel(model: TrainedModel, batch: Batch, place: Place) -> Panel:
    """Record a probe and return its panel, with predicted and expected answers."""
    spec, task = model.spec, model.task
    recording, values = run_probe(model, batch, place.sample)
    letters = task.letters(batch.inputs[:, place.sample])
    first = place.layer % spec.layers == 0 and spec.convolution is None
    name = model_name(spec, place.layer, place.direction)
    comma = "," if "," in name else ""
    targets = right_answers(spec, batch, place.sample)
    weights = linear_readout(model.readout(), task.kind)
    return Panel(
        recording.trace(place.layer, place.direction),
        labels=letters,
        title=f"{name}{comma} after update {model.updates:,}",
        text=letters is not None,
        features=(task.vocabulary or task.features) if first else None,
        answers=Answers(
            task.answer_names, values, answers_opening(task.answer_names), targets, weights
        ),
        network=recording.traces,
    )

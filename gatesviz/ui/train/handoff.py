"""Open in…: hand the models of the chosen update to another page."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from gatesviz.engine import View
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.parameters import CELL, SAMPLE, SIDE_BY_SIDE, YOURS
from gatesviz.ui.find_unit.parameters import MODEL as FIND_MODEL
from gatesviz.ui.gradients.settings import ALONE
from gatesviz.ui.model_handoff import draw_open_in, hand
from gatesviz.ui.train.parameters import AT, COMPARED, NAMES, PARAMETERS, RUN, UPDATES
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.stored_weights import model_at
from gatesviz.ui.what_if.parameters import MODEL

GRADIENTS = "Vanishing gradients"
Query = Callable[[list[TrainedModel]], dict[str, str]]


def offer_models(settings: Settings, views: Mapping[str, View], at: int) -> None:
    """Draw a link to each page that takes the models, when no run is busy.

    ``at``: the chosen update.
    """
    idle = [view for view in views.values() if view.state and not view.busy]
    if not idle or len(idle) < len(views):
        return
    models = [_model(view, at) for view in idle]
    again = hand(models, run_parameters(settings, models[0].updates))
    alone = models[0].spec.cell_alone
    draw_open_in(
        {
            title: (file, query(models) | again)
            for title, (file, query) in PAGES.items()
            if title != GRADIENTS or alone
        }
    )
    st.text("These links take along: " + ", ".join(model.name for model in models) + ".")
    if not alone:
        st.text(ALONE)


def _model(view: View, at: int) -> TrainedModel:
    model = model_at(view, at)
    key = f"{view.run_id} {view.version} {model.updates}"
    return replace(model, history=view.history, key=key)


def run_parameters(settings: Settings, update: int) -> dict[str, str]:
    """Return the parameters of this page that give the same models again."""
    link = {name: st.query_params[name] for name in st.query_params if name in PARAMETERS}
    return link | {
        AT.key: str(update),
        UPDATES.key: str(max(settings.updates, min(update, RUN.high))),
    }


def feed(models: list[TrainedModel]) -> dict[str, str]:
    """Return the parameters that *Feed a sequence* opens with."""
    cells = {model.cell for model in models}
    several = SIDE_BY_SIDE if cells == set(COMPARED) else NAMES[models[0].cell]
    own = several == CELL.default  # Streamlit would remove it from the address, which adds a Back
    return {"src": SAMPLE, "weights": YOURS} | ({} if own else {"cell": several})


PAGES: Mapping[str, tuple[str, Query]] = {
    "Feed a sequence": ("feed", feed),
    "What if?": ("what_if", lambda models: {MODEL.key: f"yours: {NAMES[models[0].cell]}"}),
    "Find the unit": (
        "find_unit",
        lambda models: {FIND_MODEL.key: f"yours: {NAMES[models[0].cell]}"},
    ),
    GRADIENTS: ("gradients", lambda _: {"grw": YOURS}),
}
"""The title of each page that takes models -> its name and its parameters."""

"""Open in…: the models at the update that is looked at go to another page."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.training import Model
from gatesviz.ui.feed.parameters import SAMPLE, YOURS
from gatesviz.ui.folders import app_folder
from gatesviz.ui.handing import Handed, hand
from gatesviz.ui.train.parameters import NAMES, PARAMETERS, RUN
from gatesviz.ui.train.settings import Settings

FEED = "Feed a sequence"
PAGES: Mapping[str, str] = {FEED: "feed.py"}
"""The title of a page that takes models -> its file."""


def offer_models(settings: Settings, views: Mapping[str, View]) -> None:
    """Draw a link for each page; the models of all cells go along, once their runs rest."""
    resting = [view for view in views.values() if view.state and not view.busy]
    if not resting or len(resting) < len(views):
        return
    at = int(st.session_state.get("trat") or 0)
    models = [_model(view, at) for view in resting]
    hand(models, run(settings, models[0].update))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Open in…**", width="content")
        for title, file in PAGES.items():
            page = app_folder() / "pages" / file
            st.page_link(page, label=f"{title} →", query_params=link(models))
    st.text("With " + "; ".join(model.name for model in models) + ", as looked at above.")


def _model(view: View, at: int) -> Handed:
    model = looked_at(view, at)
    return Handed(model, view.history, f"{view.run_id} {view.version} {model.updates}")


def looked_at(view: View, at: int) -> Model:
    """Return the model now, or, of an earlier update, the last one kept before it."""
    if view.state is not None and at >= view.updates:
        return view.state.model
    return view.history.model_at(max(u for u in view.history.checkpoints if u <= at))


def run(settings: Settings, update: int) -> dict[str, str]:
    """Return the parameters of this page that show the same models again."""
    told = {name: st.query_params[name] for name in st.query_params if name in PARAMETERS}
    return told | {"trat": str(update), "trend": str(max(settings.updates, min(update, RUN.high)))}


def link(models: list[Handed]) -> dict[str, str]:
    """Return the parameters that the next page opens with."""
    cells = {model.cell for model in models}
    several = "side by side" if cells == set(NAMES) else NAMES[models[0].cell]
    return {"src": SAMPLE, "cell": several, "weights": YOURS}

"""Models trained on *Train live*, for use on the other pages.

They stay in the browser session, since a link cannot carry weights. A link carries the settings of
the run, so the same model can be trained again from its seed, to the same bits.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from gatesviz.training import TrainedModel
from gatesviz.ui.app_links import draw_row
from gatesviz.ui.folders import app_folder
from gatesviz.ui.links import Parameter, Text

PARAMETERS: Mapping[str, Parameter] = {"run": Text(4_000)}
_MODELS, _RUN = "handed models", "handed run"


def hand(models: Sequence[TrainedModel], run: Mapping[str, str]) -> dict[str, str]:
    """Offer ``models``, all of one task, to the other pages, in place of earlier ones.

    ``run`` has the parameters of *Train live* that train them again. Return the query parameters
    for a link to another page. If the page added them itself, Back would need a second click.
    """
    st.session_state[_MODELS], st.session_state[_RUN] = tuple(models), urlencode(run)
    return {"run": st.session_state[_RUN]}


def handed() -> tuple[TrainedModel, ...]:
    """Return the models that were handed over last, one for each cell; empty after a reload."""
    models: tuple[TrainedModel, ...] = st.session_state.get(_MODELS, ())
    return models


def handed_alone() -> tuple[TrainedModel, ...]:
    """Return those of `handed` without a convolution and without attention."""
    return tuple(model for model in handed() if model.spec.cell_alone)


def name_in_link(used: bool) -> None:
    """Put the run into the address if its models are ``used``, else remove it."""
    run = st.session_state.get(_RUN)
    if used and run:
        st.query_params["run"] = run
    elif run and "run" in st.query_params:
        del st.query_params["run"]


def draw_open_in(links: Mapping[str, tuple[str, Mapping[str, str]]]) -> None:
    """Draw a row of links to other pages that take a model.

    Args:
        links: the title of a page -> its name and its parameters.
    """
    draw_row("Open in…", links, key="open in")


def offer_training() -> None:
    """Explain how to train the model of a link again, since it is not in this session."""
    st.info(
        "This link refers to a trained model. Links don't carry weights, but training with the same"
        " settings gives the same ones. Train it again, then open it here."
    )
    page = app_folder() / "pages" / "train.py"
    st.page_link(
        page,
        label="Train it again",
        query_params={k: text for k, text in run_in_link().items() if k.startswith("tr")},
    )


def run_in_link() -> dict[str, str]:
    """Return the parameters of *Train live* in the address; empty if it names no run."""
    run = st.query_params.get("run", "")
    return {} if PARAMETERS["run"].problem(run) else dict(parse_qsl(run))

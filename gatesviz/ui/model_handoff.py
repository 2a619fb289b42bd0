"""Models that were trained on *Train live*, handed to the other pages.

They stay in the browser session. No link can hold weights: it holds the settings and the update
of the run, so that the model can be trained again, to the same bits, from its seed.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from gatesviz.training import TrainedModel
from gatesviz.ui.folders import app_folder
from gatesviz.ui.links import Parameter, Text

PARAMETERS: Mapping[str, Parameter] = {"run": Text(4_000)}
_MODELS, _RUN = "handed models", "handed run"


def hand(models: Sequence[TrainedModel], run: Mapping[str, str]) -> dict[str, str]:
    """Give ``models``, all of one task, to the other pages; those of before are forgotten.

    ``run`` are the parameters of *Train live* that make them again. Returns what a link to a page
    should carry of it: a page that has to add it itself makes an address that Back comes back to.
    """
    st.session_state[_MODELS], st.session_state[_RUN] = tuple(models), urlencode(run)
    return {"run": st.session_state[_RUN]}


def handed() -> tuple[TrainedModel, ...]:
    """Return what was given last, one a cell; empty before, and after a reload."""
    models: tuple[TrainedModel, ...] = st.session_state.get(_MODELS, ())
    return models


def name_in_link(used: bool) -> None:
    """Call when a page has chosen its models: the address names the run if they are ``used``."""
    run = st.session_state.get(_RUN)
    if used and run:
        st.query_params["run"] = run
    elif run and "run" in st.query_params:
        del st.query_params["run"]


def offer_training() -> None:
    """Say, where a link speaks of a model that is not here, how it can be had again."""
    st.info(
        "The link speaks of a model that somebody trained. Weights do not travel in a link, but"
        " the same run gives the same weights: train it again, then open it here."
    )
    page = app_folder() / "pages" / "train.py"
    st.page_link(
        page,
        label="Train it again",
        query_params={k: text for k, text in run_in_link().items() if k.startswith("tr")},
    )


def run_in_link() -> dict[str, str]:
    """Return the parameters of *Train live* that the address gives; empty where it names no run."""
    told = st.query_params.get("run", "")
    return {} if PARAMETERS["run"].problem(told) else dict(parse_qsl(told))

"""The way back to this page: its settings, where the address holds them as another page's "run"."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from gatesviz.ui.links import Choice, Number, Switch, Text, Whole
from gatesviz.ui.model_handoff import run_in_link
from gatesviz.ui.train.parameters import PARAMETERS

_READ: Mapping[type, Callable[[str], Any]] = {
    Choice: str,
    Text: str,
    Switch: lambda text: text.lower() == "true",
    Whole: lambda text: int(float(text)),
    Number: float,
}


def take_back() -> None:
    """Use the run that the address names where it says nothing else of this page.

    After a link to another page the browser's Back can come to an address of this page with that
    page's parameter: Streamlit has it so. It is the text of this page's own settings. A value set
    in the run of the page that follows a Back is overruled by the address, so the page runs again.
    """
    told = run_in_link()
    if "run" not in st.query_params:
        return
    own = any(name in PARAMETERS for name in st.query_params)
    del st.query_params["run"]
    run = {name: told[name] for name in told if name in PARAMETERS}
    usable = {name: text for name, text in run.items() if not PARAMETERS[name].problem(text)}
    if own or not usable:
        return
    for name, text in usable.items():
        st.query_params[name] = text
        st.session_state[name] = _READ[type(PARAMETERS[name])](text)
    st.rerun()

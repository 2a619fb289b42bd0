"""The browser's Back to this page: its settings, from the "run" in another page's address."""

import streamlit as st

from gatesviz.ui.model_handoff import run_in_link
from gatesviz.ui.train.parameters import FIELDS, PARAMETERS


def take_back() -> None:
    """Use the run that the address names, unless the address has settings of this page.

    After a link to another page, Back can lead to this page's address with that page's parameter.
    Streamlit does this. The parameter holds this page's own settings. The address overrules a
    value set in the script run that follows a Back, so the page runs again.
    """
    run = run_in_link()
    if "run" not in st.query_params:
        return
    own = any(name in PARAMETERS for name in st.query_params)
    del st.query_params["run"]
    usable = {k: v for k, v in run.items() if k in PARAMETERS and not PARAMETERS[k].problem(v)}
    if own or not usable:
        return
    for name, text in usable.items():
        st.session_state[name] = value = FIELDS[name].from_link(text)
        st.query_params[name] = value if isinstance(value, str) else text
    st.rerun()

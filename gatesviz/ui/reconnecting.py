"""A page that lost its server asks the next one for a run as soon as it is connected again."""

import streamlit as st

HOUR = 3600.0


@st.fragment(run_every=HOUR)
def ask_after_reconnecting() -> None:
    """Draw nothing, but have a timer.

    A page whose server was killed connects to the restarted one, or behind a proxy to another
    server. Streamlit's page then asks for a run only if it has a timer. Without a run, the new
    server knows none of its widgets, and the next click would be lost.
    """

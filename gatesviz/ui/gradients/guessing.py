"""The answer waits for a guess, or for the switch that shows it without one."""

import streamlit as st


def answered(guessed: bool) -> bool:
    """Return whether the answer is shown; offer to show it where nobody has ``guessed``.

    The guess and the switch are both in the link: a link may ask, or show.
    """
    return guessed or st.toggle("Show without a guess", key="grshow", bind="query-params")

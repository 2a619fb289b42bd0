"""The pad on which a reader draws the curve that is expected, and the line in the link."""

import numpy as np
import streamlit as st

from gatesviz.traces import Array
from gatesviz.ui.feed.sketch import PLACES, keep_line, line_in_link
from gatesviz.ui.parts import part

DECADES = 6.0  # one height of the pad: from 1 at its top down to 10⁻¹² at its bottom
FLAT = [1.0] * PLACES
_PAD, _DRAWN, _OPENED = "gradient pad", "gradient drawn", "gradient opened"
_component = part("expected")


def pad(steps: int) -> Array | None:
    """Draw the pad; return (T + 1,), the share expected after step t, None before it is touched.

    The line goes into the link. It is there again after the pad was off the page.
    """
    linked = line_in_link("grline")
    if _PAD not in st.session_state or _OPENED not in st.session_state:
        st.session_state[_OPENED] = linked or st.session_state.get(_DRAWN, FLAT)
        st.session_state[_DRAWN] = st.session_state[_OPENED]
    data = {"line": st.session_state[_OPENED], "steps": steps, "decades": DECADES}
    _component(data=data, key=_PAD, on_line_change=_keep)
    drawn: list[float] = st.session_state[_DRAWN]
    return None if drawn == FLAT else shares(drawn, steps)


def shares(line: list[float], steps: int) -> Array:
    """Return (T + 1,), the last step last, of heights that begin at the last step."""
    places = np.linspace(0, PLACES - 1, steps + 1)
    heights = np.interp(places, np.arange(PLACES), line)
    found: Array = 10.0 ** (DECADES * (heights[::-1] - 1))
    return found


def _keep() -> None:
    keep_line(_PAD, _DRAWN, "grline")

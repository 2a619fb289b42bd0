"""The pad on which a reader draws the curve that is expected, and the line in the link."""

from collections.abc import Hashable
from functools import partial

import numpy as np
import streamlit as st

from gatesviz.traces import Array
from gatesviz.ui.components import part
from gatesviz.ui.feed.sketch import PLACES, keep_line, line_in_link, to_text
from gatesviz.ui.guesses import KEPT

DECADES = 6.0  # one height of the pad: from 1 at its top down to 10⁻¹² at its bottom
LOWEST = 10 ** (-2 * DECADES)
"""The share at the bottom of the pad."""
FLAT = [1.0] * PLACES
_PAD, _DRAWN, _OPENED = "gradient pad", "gradient drawn", "gradient opened"
_LINES, _ABOUT, _OPENINGS = "gradient lines", "gradient line about", "gradient openings"
_component = part("expected")


def pad(steps: int, about: Hashable) -> Array | None:
    """Draw the pad; return (T + 1,), the share expected after step t, None before it is touched.

    The line goes into the link. It is a guess like another: it is about ``about``, the numbers
    that it is compared with, and when they change the pad is flat again. It is there again when
    they come back, and after the pad was off the page.
    """
    lines: dict[Hashable, list[float]] = st.session_state.setdefault(_LINES, {})
    before = st.session_state.get(_ABOUT, about)
    linked = line_in_link("grline") if before == about else None
    key = f"{_PAD} {st.session_state.get(_OPENINGS, 0)}"
    if before != about or key not in st.session_state or _OPENED not in st.session_state:
        st.session_state[_OPENED] = linked or lines.get(about, FLAT)
        st.session_state[_DRAWN] = st.session_state[_OPENED]
    if before != about:  # another pad: this one would keep what was drawn on it
        st.session_state[_OPENINGS] = st.session_state.get(_OPENINGS, 0) + 1
        key = f"{_PAD} {st.session_state[_OPENINGS]}"
        st.query_params.pop("grline", None)
        if st.session_state[_OPENED] != FLAT:
            st.query_params["grline"] = to_text(st.session_state[_OPENED])
    st.session_state[_ABOUT] = about
    data = {"line": st.session_state[_OPENED], "steps": steps, "decades": DECADES}
    _component(data=data, key=key, on_line_change=partial(keep_line, key, _DRAWN, "grline"))
    drawn: list[float] = st.session_state[_DRAWN]
    lines[about] = drawn
    while len(lines) > KEPT:
        del lines[next(iter(lines))]
    return None if drawn == FLAT else shares(drawn, steps)


def shares(line: list[float], steps: int) -> Array:
    """Return (T + 1,), the last step last, of heights that begin at the last step."""
    places = np.linspace(0, PLACES - 1, steps + 1)
    heights = np.interp(places, np.arange(PLACES), line)
    found: Array = 10.0 ** (DECADES * (heights[::-1] - 1))
    return found

"""The pad to draw a line on, and the line's text in a link."""

import math
import re
from collections.abc import Sequence

import streamlit as st

from gatesviz.limits import Limit
from gatesviz.ui.components import part
from gatesviz.ui.links import SHOWN, Whole

PLACES = 40
_WHOLE = re.compile(r"-?[0-9]+")
HUNDREDTHS = Whole(Limit("hundredths of a height", -100, 100))
OWN = tuple(round(math.sin(2 * math.pi * k / (PLACES - 1)), 2) for k in range(PLACES))
"""The line of an untouched pad: one period of a sine."""

_PAD, _DRAWN, _OPENED = "sketch", "sketch drawn", "sketch opened"

_component = part("sketch")


def sketch() -> list[float]:
    """Draw the pad and return its line: `PLACES` heights in [−1, 1], evenly spaced.

    The link holds the line, and so does the session while the pad is off the page.
    """
    linked = line_in_link("line")
    if _PAD not in st.session_state or _OPENED not in st.session_state:
        _open(linked)
    drawn: list[float] = st.session_state[_DRAWN]
    data = {"line": st.session_state[_OPENED], "drawn": drawn}
    _component(data=data, key=_PAD, on_line_change=_keep)
    if "line" not in st.query_params and drawn != list(OWN):  # a quick move elsewhere can drop it
        st.query_params["line"] = to_text(drawn)
    return list(drawn)


def to_text(heights: Sequence[float]) -> str:
    """Write heights as whole hundredths for a link, such as ``12_40_-5``."""
    return "_".join(str(round(100 * height)) for height in heights)


def from_text(text: str) -> list[float]:
    """Return the heights that `to_text` wrote.

    Raises:
        ValueError: unless ``text`` is exactly `PLACES` whole numbers from −100 to 100.
    """
    words = text.split("_")
    if len(words) != PLACES:
        raise ValueError(f"The line in the link has {len(words):,} heights, expected {PLACES}.")
    for place, word in enumerate(words, start=1):
        if not _WHOLE.fullmatch(word) or HUNDREDTHS.problem(word):
            shown = f"{word[:SHOWN]}…" if len(word) > SHOWN else word
            raise ValueError(
                f"Height {place} of the line in the link is “{shown}”, expected a whole number"
                " from -100 to 100."
            )
    return [int(word) / 100 for word in words]


def line_in_link(name: str) -> list[float] | None:
    """Return the line of the link's parameter ``name``, or None with a warning if it is invalid."""
    if name not in st.query_params:
        return None
    try:
        return from_text(st.query_params[name])
    except ValueError as error:
        st.warning("The line in the link was not used.")
        st.text(str(error))
        return None


def _open(linked: list[float] | None) -> None:
    """Choose the first line of a pad.

    It stays the pad's line: sending back a line drawn a moment ago would undo newer strokes. The
    browser shows the line drawn last only when it builds the pad again.
    """
    drawn = linked or st.session_state.get(_DRAWN, list(OWN))
    st.session_state[_OPENED] = st.session_state[_DRAWN] = drawn


def keep_line(pad: str, drawn: str, name: str) -> None:
    """Save the line of ``pad`` in the session, as ``drawn``, and in the link, as ``name``."""
    try:
        text = to_text([float(height) for height in st.session_state[pad]["line"]])
        st.session_state[drawn] = from_text(text)
    except (KeyError, TypeError, ValueError, OverflowError):
        return  # a browser can send anything; the pad itself sends valid lines
    st.query_params[name] = text


def _keep() -> None:
    keep_line(_PAD, _DRAWN, "line")

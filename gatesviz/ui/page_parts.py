"""Parts of a page that are drawn alone when a setting changes nothing else.

A new seed changes the player and the answer to the question, but no other control and no text. So
the setting's widget asks for these parts, and the rest of the page stays as it is.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.locks import HIDE, LOCK, drawn
from gatesviz.ui.presenter import PRESENT

_PARTS, _SETTLED = "parts of the page", "settings beside the parts"
_FRAME = (LESSON, HIDE, LOCK, PRESENT)
"""Parameters of the address that change what is around a page."""
SHARE = "share"
"""Key of the expander with the link, which has every setting and every guess."""


def begin_parts() -> None:
    """Forget the parts of the page. Call this at the start of each run of a whole page."""
    st.session_state.pop(_PARTS, None)


@contextmanager
def parts_of_page(*parts: str, moved_by: Collection[str]) -> Iterator[None]:
    """Let some settings draw only the parts of the page that are drawn in this block.

    Args:
        parts: keys of the fragments.
        moved_by: keys of settings that are on the page and change nothing outside these parts.
    """
    st.session_state[_SETTLED] = _values(drawn() - frozenset(moved_by))
    yield
    st.session_state[_PARTS] = parts


def draw_parts() -> None:
    """Draw only the parts of the page that this setting changes. Pass this as ``on_change``.

    The whole page is drawn if anything else changed at the same moment: while a browser waits for
    its turn, Streamlit takes all its changes together.
    """
    parts = st.session_state.get(_PARTS)
    if not parts or st.session_state.get(SHARE):
        return
    settled: Mapping[str, Any] = st.session_state[_SETTLED]
    if settled == _values(settled.keys() - set(_FRAME)):
        st.rerun(parts)


def draw_shared_link() -> None:
    """Draw the whole page if the link is on it. Call this last in a callback of a part."""
    if st.session_state.get(SHARE):
        st.rerun()


def _values(keys: Collection[str]) -> dict[str, Any]:
    """Return the values of settings and of `_FRAME`."""
    address = st.query_params.to_dict()  # one look at it takes as long as one at a parameter
    frame = {name: address.get(name) for name in _FRAME}
    return {**{key: st.session_state.get(key) for key in keys}, **frame}

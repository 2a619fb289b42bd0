"""Presenting: ``?present=1`` shows large type and fewer controls. A remote turns the pages."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gatesviz.ui.components import part
from gatesviz.ui.downloads import OFFER
from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.links import Choice, Parameter
from gatesviz.ui.menu import MENU, PRIVATE, Entry, address

PRESENT = "present"
PARAMETERS: Mapping[str, Parameter] = {PRESENT: Choice(("1",))}
PRESENT_TITLE = (
    "Open presentation mode: large type, and a clicker moves between pages or lesson steps"
)
"""The text of a link that begins it."""
KEY = "gatesviz-presenter"
_ON = "presenting"
_STYLE = (
    "html { font-size: 21px; --gv-large: 1.2; }"
    " [data-testid=stTooltipIcon],"
    # A room's answers can't be downloaded later.
    " [data-testid=stDownloadButton]:not([class*=st-key-room] *),"
    f" [class*=st-key-{OFFER}] {{ display: none; }}"
    " [data-testid=stCaptionContainer], [data-testid=stCaptionContainer] * { opacity: 1; }"
    " [data-testid=stCaptionContainer] { color: inherit; }"
    " [data-testid=stHeader] { padding-right: 11rem; }"
)
_component = part("presenter")


def presenting() -> bool:
    """Return whether the app is being presented. It stays so from page to page."""
    if st.query_params.get(PRESENT) == "1":
        st.session_state[_ON] = True
    elif st.session_state.get(_ON):
        st.query_params[PRESENT] = "1"
    return bool(st.session_state.get(_ON))


def draw_presenter(name: str, *, in_lesson: bool) -> None:
    """Draw the presenter's buttons for the page ``name``, and enlarge the type.

    Args:
        in_lesson: whether the page has the panel of a lesson. A link can name a lesson that can't
            be shown. Then the buttons turn pages.
    """
    st.html(f"<style>{_STYLE}</style>")
    unknown = "" if in_lesson else st.query_params.get(LESSON, "")
    data = _pages_beside(name) | {"lesson": in_lesson, "unknown": unknown}
    _component(data=data, key=KEY, on_end_change=_end)


def _pages_beside(name: str) -> dict[str, Any]:
    """Return the addresses and titles of the listed pages before and after a page.

    The pages of a teacher have none: a class that follows would be led to any page.
    """
    if name in PRIVATE:
        return {"back": None, "next": None}
    place = next(index for index, one in enumerate(MENU) if one.name == name)
    before, after = (
        [one for one in part if one.listed] for part in (MENU[:place], MENU[place + 1 :])
    )
    return {
        "back": _page(before[-1]) if before else None,
        "next": _page(after[0]) if after else None,
    }


def _page(one: Entry) -> dict[str, str]:
    return {"title": one.title, "href": address(one.name, {PRESENT: "1"})}


def _end() -> None:
    st.session_state[_ON] = False
    st.query_params.pop(PRESENT, None)

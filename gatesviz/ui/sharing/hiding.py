"""Hide the controls that a link names, and bring them back."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.ui.compare.card import OTHER_CLAIMS
from gatesviz.ui.compare.parameters import CLAIM
from gatesviz.ui.folds import empty_folds
from gatesviz.ui.guesses import GUESSES, question_selector
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.locks import ALL, BETWEEN, HIDE, LOCK, joined, named
from gatesviz.ui.page_settings import FIELDS, SETTINGS

_KNOWN = frozenset(key for fields in FIELDS.values() for key in fields) | {ALL}
_SHOWN = "everything shown"
MOST = 1_000


def check_names(text: str) -> None:
    """Raise a ValueError unless ``text`` names controls as a link does."""
    if wrong := [name for name in text.split(BETWEEN) if name not in _KNOWN]:
        raise ValueError(
            f"no control is called {wrong[0][:40]!r}; expected keys of settings, or all"
        )


def _usable(text: str) -> str:
    return joined(name for name in text.split(BETWEEN) if name in _KNOWN)


PARAMETERS: Mapping[str, Parameter] = dict.fromkeys((HIDE, LOCK), Text(MOST, check_names, _usable))


def hidden_keys(page: str, *, everything: bool) -> frozenset[str]:
    """Return which controls of a page are hidden.

    Args:
        page: its name.
        everything: whether the reader asked for everything. Locked controls stay hidden then.
    """
    if page not in FIELDS:
        return frozenset()
    keys = frozenset(FIELDS[page]) - GUESSES
    hidden, locked = (keys if ALL in found else keys & found for found in map(named, (HIDE, LOCK)))
    return hidden & locked if everything else hidden


def selector(key: str) -> str:
    """Return the CSS selector of the control ``key``, of a guess with its question.

    For a claim, that is all other claims.
    """
    if key in GUESSES:
        return f".st-key-{key}, {question_selector(key)}"
    return OTHER_CLAIMS if key == CLAIM.key else f".st-key-{key}"


def hides_sidebar() -> bool:
    """Return whether the link hides the whole sidebar, until the reader asks for everything."""
    return ALL in named(HIDE)


def style(page: str, *, everything: bool) -> str:
    """Return the CSS that hides controls, or ""."""
    hidden = hidden_keys(page, everything=everything)
    if not hidden:
        return ""
    away = [selector(key) for key in sorted(hidden)]
    if not everything and hides_sidebar():
        away += ["[data-testid=stSidebar]", "[data-testid=stExpandSidebarButton]"]
    return f"{', '.join(away)} {{ display: none; }} {empty_folds(hidden)} {{ display: none; }}"


def draw_hiding(page: str) -> None:
    """Hide what the link hides. A button brings it back, unless all of it is locked, too.

    A lesson has its own button, and draws the style itself.
    """
    if not (hide := st.query_params.get(HIDE, "")):
        return
    everything = st.session_state.get(_SHOWN) == hide
    css = style(page, everything=everything)
    if css:
        st.html(f"<style>{css}</style>")
    may_show = hidden_keys(page, everything=False) - hidden_keys(page, everything=True)
    if may_show and page in SETTINGS:
        label = "Hide these controls again" if everything else "Show everything"
        with st.container(horizontal=True, vertical_alignment="center", key="gatesviz-hiding"):
            st.caption("This link hides some controls.")
            st.button(label, key="show everything", type="tertiary", on_click=_switch)


def _switch() -> None:
    hide = st.query_params.get(HIDE, "")
    shown = st.session_state.get(_SHOWN) == hide
    st.session_state[_SHOWN] = None if shown else hide

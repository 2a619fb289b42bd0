"""Folds: what a first look doesn't need, under a title that says what it is."""

from collections.abc import Callable, Collection, Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.classroom.membership import member
from gatesviz.ui.fields import Field
from gatesviz.ui.lessons.address import LESSON, place_of

FOLD = "gatesviz-fold"
"""How the key of every fold begins."""
_OPENED, _NAMED = "folds that the address opened", "fold that the address named "


def fold(title: str, fields: Iterable[Field]) -> DeltaGenerator:
    """Return a container for settings. It is closed until the address names one of them.

    It then stays open, so it doesn't close while the reader sets its fields back. If a lesson's
    step shows one of the fields, they are on the page without a fold.

    Args:
        title: of the fold. It is unique in the app.
        fields: the settings that will be drawn in it.
    """
    keys = frozenset(field.key for field in fields)
    if keys & _shown_by_step():
        return st.container()
    return st.expander(title, expanded=_is_opened(title, keys), key=f"{FOLD} {title}")


def draw_folded(
    title: str, fields: Iterable[Field], draw: Callable[[], None], more: Collection[str] = ()
) -> None:
    """Draw a part of a page in a fold, and only while the fold is open.

    In a lesson and in a class, whose players move together, the part is below a heading instead.

    Args:
        title: of the fold. It is unique in the app.
        fields: the settings of this part. The fold is open if the address names one of them.
        draw: draws what is in the fold.
        more: other names of this part in a link, such as those of a player.
    """
    if LESSON in st.query_params or member() is not None:
        st.header(title)
        draw()
        return
    key, state = f"{FOLD} {title}", st.session_state
    named = any(name in st.query_params for name in (*(field.key for field in fields), *more))
    if named and (key not in state or not state.get(_NAMED + title)):
        state[key] = True  # not in each run: the reader can close it
    place = st.expander(title, key=key, on_change="rerun")
    state[_NAMED + title] = named and bool(place.open)
    if place.open:
        with place:
            draw()
        return
    for name in more:  # the address has only what is drawn
        st.query_params.pop(name, None)


def empty_folds(hidden: Iterable[str]) -> str:
    """Return the CSS selector of folds whose settings are all hidden.

    Args:
        hidden: the keys of hidden settings.
    """
    away = ", ".join(f".st-key-{key}" for key in sorted(hidden))
    settings = "[class*=st-key-]"
    return f"[class*=st-key-{FOLD}]:has({settings}):not(:has({settings}:not({away})))"


def _is_opened(title: str, keys: frozenset[str]) -> bool:
    """Return whether the address names one of these settings, or has named one before."""
    opened: set[str] = st.session_state.setdefault(_OPENED, set())
    if keys.isdisjoint(st.query_params.keys()):
        return title in opened
    if LESSON not in st.query_params:  # the page is as before after the lesson
        opened.add(title)
    return True


def _shown_by_step() -> frozenset[str]:
    """Return the keys of the settings that the lesson's step in the address shows."""
    text = st.query_params.get(LESSON)
    try:
        return frozenset(place_of(text).step.show) if text else frozenset()
    except ValueError:  # the panel says what is wrong with it
        return frozenset()

"""A card: a title, and details that are computed only while the card is open."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

CARD = "gatesviz-card"
"""How the key of every card begins. Lessons hide other folds of a page, but no cards."""
CLAIM = "claim"
"""How the key of a claim's card goes on."""
INTRO = "gatesviz-claims-intro"
"""The key of the sentence above the claims."""
OTHER_CLAIMS = f"[class*=st-key-{CARD}-{CLAIM}-]:not(:first-child), .st-key-{INTRO}"
"""CSS selector of the claims after the first one, which is the one that a link brought, and of the
sentence above them."""


def draw_card(
    title: str,
    details: Callable[[], None],
    *,
    key: str,
    expanded: bool = False,
    on_change: Callable[..., None] | Literal["rerun"] = "rerun",
    args: tuple[Any, ...] = (),
) -> None:
    """Draw a card.

    Args:
        title: in Markdown. Another title makes a new widget, which has no keyboard focus.
        details: draws what is in the open card.
        key: its key among the cards. `state_key` is where the session holds whether it is open.
        expanded: whether it is open at first.
        on_change, args: called when the reader opens or closes it.
    """
    card = st.expander(title, expanded=expanded, key=state_key(key), on_change=on_change, args=args)
    if card.open:
        with card:
            details()


def state_key(key: str) -> str:
    """Return the key in the session's state of whether the card ``key`` is open."""
    return f"{CARD} {key}"


def halves() -> tuple[Any, Any]:
    """Return two containers in an open card: one for the result, one for its setting."""
    result, setting = st.columns([3, 2])
    return result, setting

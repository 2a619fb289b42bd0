"""Figures that rest, on a page: in the reader's theme, with what they tell in words."""

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from gatesviz.figures import Theme


def theme() -> "Theme":
    """Return the reader's theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: Any, alt: str, *, key: str) -> None:
    """Draw a figure with what it tells in words."""
    config = {"displayModeBar": False}  # it would lie over the legend
    st.plotly_chart(figure, theme=None, key=key, alt=alt, config=config)

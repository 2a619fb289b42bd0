"""Static charts on a page, in the reader's theme, with a description for screen readers."""

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from gatesviz.figures import Theme

REVEALED = (
    "@media (prefers-reduced-motion: no-preference) {"
    " @keyframes gv-reveal { from { clip-path: inset(0 100% 0 0); } }"
    " .st-key-gradient-reach .scatterlayer { animation: gv-reveal 2s ease-out; } }"
)
"""CSS that draws the gradient's curves from the last step back, unless you prefer less motion."""


def theme() -> "Theme":
    """Return whether the reader's theme is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: Any, alt: str, *, key: str) -> None:
    """Draw a figure; ``alt`` describes it for screen readers."""
    config = {"displayModeBar": False}  # it would cover the legend
    st.plotly_chart(figure, theme=None, key=key, alt=alt, config=config)

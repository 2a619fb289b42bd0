"""A cell's short name, which menus and charts use, beside its name in sentences."""

import streamlit as st

from gatesviz.cells import find_cell


def explain_name(cell: str) -> None:
    """Say which cell is meant, if its name in the menu above differs from that in sentences.

    ``cell`` is a key of `gatesviz.cells.CELLS`.
    """
    kind = find_cell(cell)
    if kind.in_sentences != kind.short:
        st.caption(f"“{kind.short}” is the {kind.in_sentences}.")

"""The views of the page: each asks, shows what was counted or measured, and ends in a principle."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.ui.compare import beside, cards, structure
from gatesviz.ui.compare.parameters import KNOWN, STRUCTURE


def made_of() -> None:
    """What the cells are made of, then the two at work."""
    left, right = st.columns([2, 3])
    with left:
        inputs, hidden = structure.choose()
    with right:
        structure.ask(inputs, hidden)
    structure.show_table(inputs, hidden)
    st.header("Gate for gate, on the same input")
    beside.show_beside(beside.choose())
    st.write(structure.PRINCIPLE)


def known_results() -> None:
    """Every card, the exact ones computed at once."""
    found = cards.outcomes()
    cards.ask(found)
    cards.show_overview(found)
    cards.show_cards(found)
    st.write(cards.PRINCIPLE)


SHOW: Mapping[str, Callable[[], None]] = {STRUCTURE: made_of, KNOWN: known_results}

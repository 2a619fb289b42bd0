"""The views of the page: each asks, shows what was counted or measured, and ends in a principle."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.ui.compare import beside, cards, saying, structure
from gatesviz.ui.compare.parameters import CLAIMED, KNOWN, STRUCTURE


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


def what_people_say() -> None:
    """A claim, from the guess to the verdict."""
    left, right = st.columns([2, 3])
    with left:
        claim, task = saying.choose()
    with right:
        guess = saying.ask(claim)
    saying.show_claim(claim, task, guess)
    st.write(saying.PRINCIPLE)


def known_results() -> None:
    """Every card, the exact ones computed at once."""
    found = cards.outcomes()
    cards.ask(found)
    cards.show_overview(found)
    cards.show_cards(found)
    st.write(cards.PRINCIPLE)


SHOW: Mapping[str, Callable[[], None]] = {
    STRUCTURE: made_of,
    CLAIMED: what_people_say,
    KNOWN: known_results,
}

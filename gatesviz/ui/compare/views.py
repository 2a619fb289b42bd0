"""The views of the page: each asks, shows what was counted or measured, and ends in a principle."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.experiments.claims import Here
from gatesviz.ui.compare import beside, cards, choosing, measuring, saying, structure
from gatesviz.ui.compare.parameters import CHOOSING, CLAIMED, KNOWN, STRUCTURE


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
        asked, task, seeds = saying.choose()
    with right:
        guess = saying.ask(asked, task, seeds)
    if task is not None and isinstance(asked, Here):
        measuring.show_here(asked, task, guess)
    elif task is not None and not isinstance(asked, Here):
        saying.show_claim(asked, task, seeds, guess)
    st.write(measuring.principle(asked) if isinstance(asked, Here) else saying.PRINCIPLE)


def known_results() -> None:
    """Every card, the exact ones computed at once."""
    found = cards.outcomes()
    cards.ask(found)
    cards.show_overview(found)
    cards.show_cards(found)
    st.write(cards.PRINCIPLE)


def which_one_for_me() -> None:
    """The reader's own data, from the guess to a recommendation."""
    left, right = st.columns([2, 3])
    with left:
        data, minutes = choosing.choose()
    with right:
        guess = choosing.ask(data, minutes)
    if data is not None:
        choosing.show_search(data, minutes, guess)
    st.write(choosing.PRINCIPLE)


SHOW: Mapping[str, Callable[[], None]] = {
    STRUCTURE: made_of,
    CLAIMED: what_people_say,
    KNOWN: known_results,
    CHOOSING: which_one_for_me,
}

"""The views of the page: each asks a question, shows the numbers, and ends with a principle."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.experiments.claims import Benchmark
from gatesviz.ui.compare import (
    benchmarks,
    cards,
    claim_cards,
    claims,
    released,
    search,
    side_by_side,
    structure,
)
from gatesviz.ui.compare.parameters import CLAIMED, INPUTS, KNOWN, SEARCH, STRUCTURE, TASK, UNITS
from gatesviz.ui.folds import draw_folded, fold
from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.principle import draw_principle


def show_structure() -> None:
    """Ask how many parameters a GRU has. Folds have the sizes, and a trained LSTM and GRU."""
    asked = st.container()
    with fold(structure.SIZES, (INPUTS, UNITS)):
        inputs, hidden = structure.choose_sizes()
        anyway = st.container()
    if LESSON not in st.query_params:  # whose steps lead to these views themselves
        released.draw_links()
    if structure.draw_guess(inputs, hidden, asked, anyway):
        structure.show_table(inputs, hidden)
        draw_principle(structure.PRINCIPLE, structure.SOURCES)
    draw_folded(side_by_side.TITLE, (TASK,), _side_by_side, more=PLAYER)


def _side_by_side() -> None:
    side_by_side.show_side_by_side(side_by_side.choose_task())


def show_claims() -> None:
    """Show a card for each claim, with a guess before its answer."""
    opened = claim_cards.draw_claims()
    if isinstance(opened, Benchmark):
        draw_principle(*benchmarks.principle(opened))
    else:
        draw_principle(claims.PRINCIPLE, claims.SOURCES)


def show_known_results() -> None:
    """Show a card for each result once the reader has guessed how many of them hold."""
    found, linked = cards.outcomes(), cards.linked_card()
    if cards.draw_guess(found) is not None:
        cards.show_cards(found, linked)
    draw_principle(cards.PRINCIPLE)


def show_search() -> None:
    """Search a cell for the reader's own data, from the guess to a recommendation."""
    left, right = st.columns([2, 3])
    with left:
        data, minutes = search.draw_settings()
    with right:
        guess = search.draw_guess(data, minutes)
    if data is not None:
        search.show_search(data, minutes, guess)
    draw_principle(search.PRINCIPLE)


SHOW: Mapping[str, Callable[[], None]] = {
    STRUCTURE: show_structure,
    CLAIMED: show_claims,
    KNOWN: show_known_results,
    SEARCH: show_search,
}
"""Name of a view -> the function that draws it."""

"""The views of the page: each asks, shows what was counted or measured, and ends in a principle."""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.experiments.claims import Benchmark
from gatesviz.ui.compare import benchmarks, cards, claims, search, side_by_side, structure
from gatesviz.ui.compare.parameters import CHOOSING, CLAIMED, KNOWN, STRUCTURE


def made_of() -> None:
    """What the cells are made of, then the two at work."""
    left, right = st.columns([2, 3])
    with left:
        inputs, hidden = structure.choose_sizes()
    with right:
        structure.draw_guess(inputs, hidden)
    structure.show_table(inputs, hidden)
    st.header("Gate for gate, on the same input")
    side_by_side.show_beside(side_by_side.choose_task())
    st.write(structure.PRINCIPLE)


def what_people_say() -> None:
    """A claim, from the guess to the verdict."""
    left, right = st.columns([2, 3])
    with left:
        asked, task, seeds = claims.draw_settings()
    with right:
        guess = claims.draw_guess(asked, task, seeds)
    if task is not None and isinstance(asked, Benchmark):
        benchmarks.show_here(asked, task, guess)
    elif task is not None and not isinstance(asked, Benchmark):
        claims.show_claim(asked, task, seeds, guess)
    st.write(benchmarks.principle(asked) if isinstance(asked, Benchmark) else claims.PRINCIPLE)


def known_results() -> None:
    """Every card, the exact ones computed at once."""
    found = cards.outcomes()
    cards.draw_guess(found)
    cards.show_overview(found)
    cards.show_cards(found)
    st.write(cards.PRINCIPLE)


def which_one_for_me() -> None:
    """The reader's own data, from the guess to a recommendation."""
    left, right = st.columns([2, 3])
    with left:
        data, minutes = search.draw_settings()
    with right:
        guess = search.draw_guess(data, minutes)
    if data is not None:
        search.show_search(data, minutes, guess)
    st.write(search.PRINCIPLE)


SHOW: Mapping[str, Callable[[], None]] = {
    STRUCTURE: made_of,
    CLAIMED: what_people_say,
    KNOWN: known_results,
    CHOOSING: which_one_for_me,
}

"""The two views: which unit tracks a property, and where else the same units are active."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.find_unit import matches, switching
from gatesviz.ui.find_unit.parameters import WHERE, WHICH
from gatesviz.ui.find_unit.ranking import Ranking, show_ranking
from gatesviz.ui.principle import draw_principle

Place = DeltaGenerator


def which_unit(ranking: Ranking, right: Place) -> None:
    """Rank the units, ask for a guess, and switch them off."""
    with st.sidebar:
        plan = switching.choose_plan(ranking)
    guess = None
    with right:
        if plan is None:
            st.write(switching.why_not(ranking))
        else:
            guess = switching.draw_guess(ranking, plan)
    show_ranking(ranking)
    if plan is not None and guess is not None:
        st.header("Switch units off")
        switching.show_switching(ranking, plan)
        draw_principle(switching.PRINCIPLE, switching.SOURCES)


def where_else(ranking: Ranking, right: Place) -> None:
    """Find stretches of other sequences in which the same units are active."""
    right.write(matches.explained(ranking))
    matches.show_matches(ranking)
    draw_principle(matches.PRINCIPLE, matches.SOURCES)


SHOW: Mapping[str, Callable[[Ranking, Place], None]] = {WHICH: which_unit, WHERE: where_else}
"""Run the chosen view on a ranking, with the place at the right of the title."""

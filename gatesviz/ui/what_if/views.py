"""The views of the page: a question or an experiment, the numbers, and a principle."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.guesses import ask_first
from gatesviz.ui.what_if import for_good, free_play, one_step
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import FOR_GOOD, FREE, ONE_STEP

Place = DeltaGenerator


def one_step_closed(subject: Subject, right: Place) -> None:
    """Ask what one step with a closed gate does, and show every change of one step."""
    with right:
        guess = one_step.draw_guess(subject)
    if guess is None:
        one_step.show_reading(subject, edited=False)
        return
    one_step.show_changes(subject)
    one_step.show_two_models(subject)
    _principle(*one_step.principle(subject))
    st.header("Compare one sequence with and without the change")
    one_step.show_reading(subject, edited=True)


def one_gate_for_good(subject: Subject, right: Place) -> None:
    """Ask which gate is needed, and show the score with each gate held."""
    with right:
        guess = for_good.draw_guess(subject)
    if guess is None:
        if subject.cell.gates:
            right.write(ask_first())
        return
    for_good.show_table(subject, guess)
    _principle(for_good.PRINCIPLE, for_good.SOURCES)


def free_play_of_edits(subject: Subject, right: Place) -> None:
    """Let the reader edit the run in the player, and measure the edits."""
    free_play.show_player(subject)
    _principle(free_play.PRINCIPLE, free_play.SOURCES)


def _principle(text: str, sources: str) -> None:
    st.write(text)
    st.caption(sources)


SHOW: Mapping[str, Callable[[Subject, Place], None]] = {
    ONE_STEP: one_step_closed,
    FOR_GOOD: one_gate_for_good,
    FREE: free_play_of_edits,
}

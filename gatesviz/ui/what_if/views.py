"""The views of the page: a question or an experiment, the numbers, and a principle."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.ui.guesses import ask_first
from gatesviz.ui.principle import draw_principle
from gatesviz.ui.what_if import file_play, for_good, free_play, one_step
from gatesviz.ui.what_if.models import FileSubject, Subject
from gatesviz.ui.what_if.parameters import FOR_GOOD, FREE, ONE_STEP, VIEW

Place = DeltaGenerator


def choose_view(subject: Subject | FileSubject) -> str:
    """Draw the menu of views, and return the chosen one: free play for the model of a file."""
    if not isinstance(subject, FileSubject):
        return str(VIEW.draw())
    if VIEW.key in st.session_state:
        st.session_state[VIEW.key] = FREE
    return str(VIEW.draw(options=(FREE,)))


def one_step_closed(subject: Subject, right: Place) -> None:
    """Ask what one step with a closed gate does, and show every change of one step."""
    if not one_step.between(subject):
        right.write(one_step.NO_STEP)
        return
    with right:
        guess = one_step.draw_guess(subject)
    if guess is None:
        one_step.show_reading(subject, edited=False)
        return
    tables = [one_step.show_changes, one_step.show_two_models]
    for show in tables[::-1] if subject.key == one_step.CHARGED else tables:
        show(subject)  # the model that can't repair its memory begins with the reason
    draw_principle(*one_step.principle(subject))
    st.header("Compare one sequence with and without the change")
    one_step.show_reading(subject, edited=True)
    one_step.show_units(subject)


def one_gate_for_good(subject: Subject, right: Place) -> None:
    """Ask which gate is needed, and show the score with each gate held."""
    with right:
        guess = for_good.draw_guess(subject)
    if guess is None:
        if subject.cell.gates:
            right.write(ask_first())
        return
    for_good.show_table(subject, guess)
    draw_principle(for_good.PRINCIPLE, for_good.SOURCES)


def free_play_of_file(subject: FileSubject, right: Place) -> None:
    """Let the reader edit a run of the model of a file, and measure how far its answers move."""
    right.write(f"{file_play.no_task(subject)} {file_play.NO_QUESTIONS}")
    if file_play.show_player(subject):
        draw_principle(file_play.PRINCIPLE, file_play.SOURCES)


def free_play_of_edits(subject: Subject, right: Place) -> None:
    """Let the reader edit the run in the player, and measure the edits."""
    free_play.show_player(subject)
    draw_principle(free_play.PRINCIPLE, free_play.SOURCES)


SHOW: Mapping[str, Callable[[Subject, Place], None]] = {
    ONE_STEP: one_step_closed,
    FOR_GOOD: one_gate_for_good,
    FREE: free_play_of_edits,
}

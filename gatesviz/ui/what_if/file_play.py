"""Free play with the model of your file: how far your edits move its answers over your input."""

from functools import partial

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.player.payload import Selection, payload
from gatesviz.ui.feed.models import described
from gatesviz.ui.feed.recordings import panels, readings
from gatesviz.ui.feed.waiting import show_waiting
from gatesviz.ui.guesses import reserved_answer
from gatesviz.ui.left_out import warn_of_left_out, without_them
from gatesviz.ui.player import offer_player, opening, stage, standing
from gatesviz.ui.what_if.downloads import offer_file_script
from gatesviz.ui.what_if.large_model import both_runs, draw_edits, is_large
from gatesviz.ui.what_if.models import FileSubject
from gatesviz.ui.what_if.moves import moves
from gatesviz.ui.what_if.refusals import explain_refusal

PLAYER = "what-if file"
NO_TASK = (
    "No task is known for your model, so this page can't measure its accuracy over 500 sequences."
)
INSTEAD = "Instead, it measures how far your edits move {} over your input."
NO_QUESTIONS = (
    "The views “one step” and “one gate at all steps” compare with the right answers of a task, so"
    " they aren't offered for your model."
)
HINT = (
    "Press Edit in the player and change a gate, a state or the input. The thin lines are the run"
    " without your edits."
)
UNDECIDED = "To compare its answers, choose in the sidebar what the readout gives."
PRINCIPLE = (
    "**Principle.** What an edit does to one input can be chance. Try it on other inputs before you"
    " say what a gate is for."
)
SOURCES = (
    "Where the model chooses one answer, we give the total variation distance: half the sum of"
    " |p − q| over all answers, where p and q are their probabilities without and with your edits."
    " It is the share of the probability that moves to other answers."
)


def no_task(subject: FileSubject) -> str:
    """Return that there is no accuracy, and what is measured instead once there is a model."""
    model = subject.setup.file
    if model is None:
        return NO_TASK
    what = "its output h" if model.answer_kind is None else "its answers"
    return f"{NO_TASK} {INSTEAD.format(what)}"


def show_player(subject: FileSubject) -> bool:
    """Draw what the model reads in the player, and above it what the edits do.

    Returns whether there is anything to read yet.
    """
    setup, sequence = subject.setup, subject.sequence
    if sequence is None or setup.file is None:
        show_waiting(setup)
        return False
    shown = panels(sequence, setup, readings(sequence, setup))
    own = Selection(step=sequence.steps // 2)  # at step 0 there is no memory to change yet
    opens, large = opening(PLAYER, own), is_large(shown[0].trace)
    if large:
        draw_edits(subject, shown[0].trace, PLAYER)
        shown = both_runs(subject, shown[0], standing(PLAYER)[0].edits)
    above = partial(_write_moves, subject, "" if large else HINT)
    warn_of_left_out(setup.file)
    stage(payload(shown, select=opens), key=PLAYER, above=above)
    with st.container(horizontal=True):
        offer_player(shown, key=PLAYER, title=f"What if? {sequence.title}")
        offer_file_script(setup.file, sequence, standing(PLAYER))
    for note in described(setup):
        st.text(note)
    return True


def _write_moves(subject: FileSubject, hint: str) -> None:
    """Write what the player's edits do, or ``hint`` if there are none."""
    model, text = subject.setup.file, standing(PLAYER)[0].edits
    with reserved_answer("tall-moves"):  # so the player stays where it is during an edit
        if model is not None and model.undecided and not model.means:
            st.write(UNDECIDED)
        if not text:
            st.write(hint)
            return
        try:
            st.text(" ".join([*moves(subject, text), without_them(model)]).strip())
        except ValueError as error:
            setup = subject.setup
            why = explain_refusal(CELLS[setup.cells[0]], setup.layers, text, error)
            st.text(f"These edits can't be measured with this model. {why}")

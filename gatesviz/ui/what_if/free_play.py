"""Free play: edit the run in the player, and measure the edits over many sequences."""

from functools import partial

import streamlit as st

from gatesviz.experiments.changes import edited_step, fixed, network
from gatesviz.experiments.outcomes import outcome
from gatesviz.experiments.what_if import changed_steps, fresh_sequences
from gatesviz.player.payload import Selection, payload
from gatesviz.recordings import Edit
from gatesviz.recordings.edit_text import edits_from_text, edits_to_text, range_warnings
from gatesviz.ui.notices import sentence
from gatesviz.ui.player import offer_player, opening, stage, standing
from gatesviz.ui.what_if.downloads import offer_script
from gatesviz.ui.what_if.futures import panel
from gatesviz.ui.what_if.measurements import arrow, describe_lead, describe_left, opened, row
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import SEQUENCE
from gatesviz.ui.what_if.refusals import explain_refusal

PLAYER = "what-if"
PRINCIPLE = (
    "**Principle.** The player shows the answers for one sequence, and they can be right by chance."
    " Trust the score over many sequences."
)
SOURCES = (
    "An answer is expected only at some steps. The score counts the first expected answer after"
    " your last edit. If none follows, it counts the last one. If you edit all steps, all expected"
    " answers count. If the task has noise and you don't edit all steps, we use sequences with"
    " noise at the edited steps. So you never overwrite a letter that the model needs."
)
HINT = (
    "Press Edit in the player below, and change a gate, a state or the input. After your first"
    " edit, a button appears here. It measures the effect of your edits on many sequences."
)
_MEASURED = "what-if measured"


def show_player(subject: Subject) -> None:
    """Draw one sequence in the player, and above it the score of the reader's edits."""
    with st.sidebar:
        index = SEQUENCE.draw(max_value=subject.sequences - 1)
    batch = fresh_sequences(subject.model, subject.sequences)
    shown = panel(subject, batch, index, ())
    own = Selection(step=edited_step(subject.model))  # at step 0 there is no memory to change yet
    data = payload([shown], select=opening(PLAYER, own))
    stage(data, key=PLAYER, above=partial(_write_score, subject, index))
    offer_player([shown], key=PLAYER, title=f"What if? {subject.task.title}")


def _write_score(subject: Subject, index: int) -> None:
    """Write the score of the player's edits once the reader has asked for it."""
    text = standing(PLAYER)[0].edits
    if not text:
        st.write(HINT)
        return
    try:
        edits = edits_from_text(text)
        changed_steps(subject.model, fixed(edits))  # an edit may not fit this model
    except ValueError as error:
        layers = network(subject.model).module.num_layers
        why = explain_refusal(subject.cell, layers, text, error)
        st.text(f"These edits can't be measured with this model. {why}")
        return
    asked = st.session_state.setdefault(_MEASURED, set())
    about = subject.key, text
    with st.container(horizontal=True):
        st.button(
            f"Measure these edits on {subject.sequences} sequences",
            on_click=lambda: asked.add(about),
        )
        offer_script(subject, edits, index)
    if about in asked:
        try:
            st.write(score_sentence(subject, edits))
        except ValueError as error:  # no sequence has noise at all changed steps
            st.text(sentence(error))


def score_sentence(subject: Subject, edits: tuple[Edit, ...]) -> str:
    """Return the score under ``edits``, what is left of the memory, and values out of range.

    Raises:
        ValueError: if no sequence fits the edited steps.
    """
    found = row(subject, fixed(edits), edits_to_text(edits))
    result = outcome(subject.task, found) or "there is nothing to lose"
    left = ""
    if found.left is not None:
        left = f" {describe_left(subject, found, 'the last edited step', 'without the edits')}"
    if any(edit.letter == "x" for edit in edits):
        left += " The expected answers are those of the sequences without your edits of x."
    flagged = "".join(f" {warning}" for warning in range_warnings(edits, subject.cell))
    return (
        f"**{opened(arrow(subject.task, found))}** on {found.sequences} held-out sequences:"
        f" {result}. {describe_lead(subject.task, found)}{left}{flagged}"
    )

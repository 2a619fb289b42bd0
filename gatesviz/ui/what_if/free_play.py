"""Free play: your own edits, the score under them, and both futures of one sequence."""

import streamlit as st

from gatesviz.experiments.what_if import Network, changed_steps, fixed, fresh_sequences, network
from gatesviz.limits import EDIT_TEXT
from gatesviz.recordings import Edit
from gatesviz.recordings.edit_text import edits_from_text, edits_to_text
from gatesviz.traces import Direction
from gatesviz.ui.notices import sentence
from gatesviz.ui.what_if.downloads import offer_files
from gatesviz.ui.what_if.futures import show_futures
from gatesviz.ui.what_if.measurements import arrow, outcome, percent, row
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import EDITS, SEQUENCE

PRINCIPLE = (
    "**Principle.** One sequence can be lucky. Look at the answers of one in the player, and trust"
    " the score over many."
)
SOURCES = "The score counts the next answer after the last edited step, or all answers."
HINT = "Add an edit in the sidebar. The player then shows the sequence with and without it."


def choose_edits(subject: Subject) -> tuple[Edit, ...]:
    """Draw the form and the list of edits; return the edits, none if they don't fit the model."""
    net = network(subject.model)
    _draw_form(net)
    text = EDITS.draw()
    left, right = st.columns(2)
    left.button("Undo", on_click=_undo, disabled=not text, width="stretch")
    right.button("Remove all", on_click=_write, args=("",), disabled=not text, width="stretch")
    try:
        edits = edits_from_text(text)
        changed_steps(subject.model, fixed(edits))  # an edit may not fit this model
    except ValueError as error:
        st.error("These edits can't be made in this model.")
        st.text(sentence(error))
        return ()
    return edits


def _draw_form(net: Network) -> None:
    letters = [*(gate.letter for gate in net.cell.gates), *reversed(net.cell.states), "x"]
    sizes = net.module.hidden_size, net.module.input_size
    with st.form("what-if edit", border=False):
        letter = st.segmented_control("Replace", letters, default=letters[0], required=True)
        value = st.number_input("by the value", -10.0, 10.0, 0.0, step=0.5)
        first, last = st.columns(2)
        start, end = net.length // 2, net.length - 1
        begin = first.number_input("from step", 0, end, start)
        until = last.number_input("to step", 0, end, start)
        unit = st.number_input("of unit", 0, max(sizes) - 1, None, placeholder="all units")
        if not st.form_submit_button("Add edit", width="stretch"):
            return
    steps = range(min(begin, until), max(begin, until) + 1)
    layers = net.module.num_layers
    ways: tuple[Direction, ...] = ("forward", "backward")
    made = [
        Edit(str(letter), value, steps, unit, layers - 1, way)
        for way in ways[: 1 + net.module.bidirectional]
    ]
    text = ",".join(filter(None, [st.session_state.get(EDITS.key, ""), edits_to_text(made)]))
    if len(text) <= EDIT_TEXT.high:
        _write(text)
    else:
        st.error(f"The edits are too long. At most {EDIT_TEXT.high:,} characters fit into a link.")


def _write(text: str) -> None:
    st.session_state[EDITS.key] = text


def _undo() -> None:
    """Remove the last edit of the list."""
    _write(st.session_state[EDITS.key].rpartition(",")[0])


def show_edited(subject: Subject, edits: tuple[Edit, ...]) -> None:
    """Write the score under ``edits`` and draw one sequence without and with them."""
    steps = changed_steps(subject.model, fixed(edits))
    with st.sidebar:
        index = SEQUENCE.draw(max_value=subject.sequences - 1)
    try:
        batch = fresh_sequences(subject.model, subject.sequences, steps=steps)
    except ValueError as error:  # no sequence has noise at all changed steps
        st.text(sentence(error))
        steps, batch = None, fresh_sequences(subject.model, subject.sequences)
    else:
        _write_score(subject, edits)
    index = min(index, batch.inputs.shape[1] - 1)
    panels = show_futures(subject, batch, index, edits, step=(steps or (0,))[0])
    offer_files(subject, panels, edits, index, steps)


def _write_score(subject: Subject, edits: tuple[Edit, ...]) -> None:
    if not edits:
        st.write(HINT)
        return
    found = row(subject, fixed(edits), edits_to_text(edits))
    result = outcome(subject.task, found)
    left = ""
    if found.left is not None:
        state = subject.cell.kept_state
        left = (
            f" Right after the last edited step {percent(found.left)} of {state} is left, and"
            f" {percent(found.left_later)} when the answer is due."
        )
    st.write(
        f"**{arrow(subject.task, found)}**: {result or 'there is nothing to lose'}. On"
        f" {found.sequences} new sequences. Always giving the same answer would score"
        f" {subject.task.score_text(found.constant)}.{left}"
    )
    flagged = [edit.describe() for edit in edits if edit.outside(subject.cell)]
    if flagged:
        st.write(f"Outside the range of its gate: {'; '.join(flagged)}.")

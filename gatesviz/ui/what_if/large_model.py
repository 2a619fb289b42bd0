"""Edits of a model that is too large for the player: set on the page, computed by the server."""

from dataclasses import replace
from functools import partial

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.player.network import WEIGHTS, weights_of
from gatesviz.player.payload import Panel
from gatesviz.recordings import Edit
from gatesviz.recordings.edit_text import edits_from_text, edits_to_text
from gatesviz.traces import Trace
from gatesviz.ui.feed.recordings import panels
from gatesviz.ui.file_model import MOST
from gatesviz.ui.notices import refuse
from gatesviz.ui.player import move, standing
from gatesviz.ui.what_if.edited_reading import edited_reading
from gatesviz.ui.what_if.models import FileSubject

TOO_LARGE = (
    "The layer that you see has {:,} weights, and the player can edit up to {:,}. So set your edits"
    " here, and the server computes the run again. With edits, the player shows both runs."
)
_KEYS = ("large letter", "large value", "large first", "large last", "large unit")
_REFUSED = "large edit refused"


def is_large(trace: Trace) -> bool:
    """Return whether the player can't compute a trace again."""
    return weights_of(trace) > WEIGHTS


def draw_edits(subject: FileSubject, trace: Trace, key: str) -> None:
    """Draw the widgets that add an edit to those of the player ``key``, and list them."""
    sequence, setup = subject.sequence, subject.setup
    assert sequence is not None
    st.write(TOO_LARGE.format(weights_of(trace), WEIGHTS))
    cell, last = CELLS[setup.cells[0]], sequence.steps - 1
    letters = [*(gate.letter for gate in cell.gates), *reversed(cell.states), "x"]
    row = st.columns(5, vertical_alignment="bottom")
    row[0].selectbox("Set", letters, key=_KEYS[0])
    row[1].number_input("to the value", value=0.0, step=0.1, key=_KEYS[1])
    for place, name, label in ((2, _KEYS[2], "from step"), (3, _KEYS[3], "to step")):
        if st.session_state.get(name, 0) > last:
            st.session_state[name] = last  # of a longer input
        row[place].number_input(label, 0, last, value=last // 2, key=name)
    units = _width_of(subject, st.session_state[_KEYS[0]]) - 1
    if (st.session_state.get(_KEYS[4]) or 0) > units:
        st.session_state[_KEYS[4]] = None  # of a larger model
    row[4].number_input("in unit", 0, units, value=None, placeholder="all", key=_KEYS[4])
    edits = standing(key)[0].edits
    with st.container(horizontal=True):
        st.button("Set", on_click=partial(_add, subject, key))
        before, here = edits.rpartition(",")[0], standing(key)[0].step
        st.button("Undo", on_click=partial(_keep, key, before, here), disabled=not edits)
        st.button("Reset", on_click=partial(_keep, key, "", here), disabled=not edits)
    if why := st.session_state.pop(_REFUSED, ""):
        refuse(ValueError(why))
    for edit in edits_from_text(edits):
        layer = f", layer {edit.layer + 1}" if setup.layers > 1 else ""
        st.text(f"{replace(edit, layer=0).describe()}{layer}")


def _width_of(subject: FileSubject, letter: str) -> int:
    """Return how many units a letter has in the layer that is shown; of x, its features."""
    setup, model = subject.setup, subject.setup.file
    assert model is not None
    state = getattr(model.module, "proj_size", 0) or setup.hidden_size
    if letter == "x":
        return state * (1 + setup.bidirectional) if setup.layer else model.module.input_size
    return state if letter == "h" else setup.hidden_size


def _add(subject: FileSubject, key: str) -> None:
    """Add the edit in the widgets to those of the player."""
    setup, text = subject.setup, standing(key)[0].edits
    letter, value, first, last, unit = (st.session_state[name] for name in _KEYS)
    first, last = sorted((int(first), int(last)))
    steps = range(first, last + 1)
    try:
        edit = Edit(letter, float(value), [*steps], unit, setup.layer, setup.direction)
        _keep(key, edits_to_text([*edits_from_text(text), edit]), first)
    except (ValueError, TypeError) as error:
        st.session_state[_REFUSED] = str(error)


def _keep(key: str, text: str, step: int) -> None:
    move(key, edits=text, step=step)


def both_runs(subject: FileSubject, plain: Panel, text: str) -> list[Panel]:
    """Return a panel of the run without the edits in ``text``, and one of the run with them.

    It is only the edited one if both have too many values for a player, and only ``plain`` without
    edits, or if they don't fit the model.
    """
    setup, sequence = subject.setup, subject.sequence
    assert sequence is not None
    if not text:
        return [plain]
    try:
        [edited] = panels(sequence, setup, [edited_reading(subject, text)])
    except ValueError:
        return [plain]
    edited = replace(edited, title=f"{plain.title}, with your edits")
    if 2 * plain.trace.steps * _width(plain) > MOST:
        return [edited]
    return [replace(plain, title=f"{plain.title}, without edits"), edited]


def _width(panel: Panel) -> int:
    """Return how many numbers a player gets for each step of a panel."""
    trace, answers = panel.trace, panel.answers
    arrays = [trace.inputs, *trace.gates.values(), *trace.states.values()]
    arrays += [] if answers is None else [answers.values]
    return sum(int(array.shape[-1]) for array in arrays)

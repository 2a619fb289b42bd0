"""How far back: three cells on one chart, in words, and where the gradient went."""

import streamlit as st

from gatesviz.traces import Array
from gatesviz.ui.gradients import lines, question, sentences
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.parameters import FRESH
from gatesviz.ui.gradients.settings import Settings


def show_question(measured: list[Measured]) -> None:
    """Draw what gives no answer away: the RNN's curve, where another cell is asked about."""
    hidden = question.asked(measured)
    shown = [one for one in measured if one.name == "RNN" and one is not hidden]
    others = [one.name for one in reversed(measured) if one not in shown]
    waits = f"What was measured of {' and '.join(others)} is here after a guess."
    if shown:
        _curves(shown, None, waits)
    else:
        st.write(waits)


def show_reach(settings: Settings, measured: list[Measured], guess: Array | None) -> None:
    """Draw everything of this view below the question."""
    _curves(measured, guess)
    for one in reversed(measured):
        if "carry" in one.paths:
            _path(one)
    _errors(settings, measured)


def _curves(measured: list[Measured], guess: Array | None, more: str = "") -> None:
    left, right = st.columns([5, 3])
    with left:
        lines.show_reaches(measured, guess)
    with right:
        for one in measured:
            st.write(sentences.describe_flow(one))
            if told := sentences.theory_told(one):
                st.write(told)
        if more:
            st.write(more)


def _path(one: Measured) -> None:
    letter, gate = ("c", "f") if one.name == "LSTM" else ("h", "z")
    st.header(f"Where the {one.name}'s gradient goes")
    left, right = st.columns([5, 3])
    with left:
        lines.show_paths(one)
    right.write(
        f"∂L/∂{letter} comes back in two ways: along {letter} itself, times {gate} at each step,"
        " and through W_hh and a gate. All lengths are relative to the last step."
    )
    right.write(sentences.parts(one))


def _errors(settings: Settings, measured: list[Measured]) -> None:
    """Answer what textbooks get wrong, with the numbers on screen."""
    for one in measured:
        if one.name == "LSTM":
            kind = "A fresh nn.LSTM" if settings.weights == FRESH else "This LSTM"
            st.header(f"{kind}: how much does it forget in one step?")
            st.write(sentences.forgetting(one))
    if len(measured) > 1:
        st.header("Do gates alone save the gradient?")
        more = sentences.TRY if settings.weights == FRESH else ""
        st.write(sentences.ranked(measured) + more)

"""The page's question, your guess, and the answer measured over many values of x."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.traces import Array, Trace
from gatesviz.ui.guesses import ask_guess, reserved_answer
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.parameters import SHARES
from gatesviz.ui.inside.sentences import signed
from gatesviz.ui.inside.step import GRID, shares_kept

FEW, MOST = 0.1, 0.9
"""Lost shares below FEW are "almost nothing", above MOST "almost all"."""
PRINCIPLE = (
    "**Principle.** A gate is a weighted sum that the sigmoid brings between 0 and 1. A large"
    " positive or negative bias holds the gate near 1 or 0, whatever the input is. A large weight"
    " of x lets the input decide. A large weight of h lets the past decide."
)
WAITING = "Make a guess to see the result."
KEEPS = {"lstm": "f", "gru": "z"}
"""Cell -> the gate that is the kept share of the old state."""


def share_word(lost: float) -> str:
    """Return which of `SHARES` describes a lost share."""
    return SHARES[0] if lost < FEW else SHARES[2] if lost > MOST else SHARES[1]


def draw_guess(moment: Moment, trace: Trace) -> None:
    """Ask how much of the state one x can erase, and answer after the guess."""
    kept = shares_kept(moment, trace)
    guess = ask_guess(
        f"**{_explanation(moment.cell)} You may choose any x from −3 to 3. How much of the old"
        f" {_state(moment)} can the cell lose in one step?**",
        SHARES,
        key="inlose",
        about=(moment.cell, kept.tobytes()),
    )
    with reserved_answer("tall-step"):
        st.write(WAITING if guess is None else answer(moment, guess, kept))


def _state(moment: Moment) -> str:
    unit = " of unit 0" if moment.units > 1 else ""
    return f"{'c' if moment.cell == 'lstm' else 'h'}{unit}"


def _explanation(cell: str) -> str:
    """Return what the gate in question does, from `gatesviz.cells`."""
    if cell not in KEEPS:
        return "The RNN has no gates."
    gate = CELLS[cell].gate(KEEPS[cell])
    return f"The {gate.name} {gate.letter}: {gate.meaning[0].lower()}{gate.meaning[1:]}"


def answer(moment: Moment, guess: str, kept: Array) -> str:
    """Return the measured answer to a guess.

    A state that returns with the opposite sign is not lost: the kept share is a magnitude.
    """
    sizes = abs(kept)
    low, high = int(sizes.argmin()), int(sizes.argmax())
    word = share_word(1 - float(sizes[low]))
    verdict = "Yes" if guess == word else "Not quite"
    if moment.cell not in KEEPS:
        return (
            f"{verdict}. The answer is **{word}**. The kept share is half the difference"
            f" between one step from h = 1 and one from h = −1. Over {len(GRID)} values of x it"
            f" {_course(kept, low, high)}."
        )
    gate = CELLS[moment.cell].gate(KEEPS[moment.cell])
    return (
        f"{verdict}. The answer is **{word}**. The {gate.name} {gate.letter} is the kept"
        f" share. Over {len(GRID)} values of x it {_course(kept, low, high)}."
    )


def _course(kept: Array, low: int, high: int) -> str:
    least, most = (signed(kept[index], ".3f") for index in (low, high))
    if least == most:
        return f"stays at {least}"
    at_least, at_most = (signed(GRID[index], "g") for index in (low, high))
    return f"goes from {least} (at x = {at_least}) to {most} (at x = {at_most})"

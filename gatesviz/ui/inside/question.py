"""The page's question, your guess, and the answer measured over many values of x."""

import streamlit as st

from gatesviz.cells import CELLS, Gate
from gatesviz.traces import Array, Trace
from gatesviz.ui.guesses import ask_first, ask_guess, reserved_answer, with_verdict
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.parameters import SHARES
from gatesviz.ui.inside.sentences import signed
from gatesviz.ui.inside.step import GRID, shares_kept

FEW, MOST = 0.1, 0.9
"""Lost shares below FEW are "almost nothing", above MOST "almost all"."""
PRINCIPLE = (
    "**Principle.** A gate is the sigmoid of a weighted sum. A bias far from 0 holds the gate near"
    " 0 or 1, unless large weights make it follow x or h."
)


def share_word(lost: float) -> str:
    """Return which of `SHARES` describes a lost share."""
    return SHARES[0] if lost < FEW else SHARES[2] if lost > MOST else SHARES[1]


def draw_guess(moment: Moment, trace: Trace) -> None:
    """Ask how much of the state one x can erase, and answer after the guess."""
    kept = shares_kept(moment, trace)
    guess = ask_guess(
        f"**{_explanation(moment.cell)} You may change only x, from −3 to 3. With the weights in"
        f" the sidebar, how much of the old {_state(moment)} can one step erase at most?**",
        SHARES,
        key="inlose",
        about=(moment.cell, kept.tobytes()),
        right=lambda: share_word(1 - float(abs(kept).min())),
    )
    with reserved_answer("tall-step"):
        st.write(ask_first() if guess is None else compare_guess(moment, guess, kept))


def _state(moment: Moment) -> str:
    unit = " of unit 0" if moment.units > 1 else ""
    return f"{CELLS[moment.cell].kept_state}{unit}"


def _explanation(cell: str) -> str:
    """Return what the gate in question does, from `gatesviz.cells`."""
    gate = _keeping_gate(cell)
    if gate is None:
        which = "gates" if not CELLS[cell].gates else "gate that decides what to keep"
        return (
            f"The {CELLS[cell].in_sentences} has no {which}. We change the old h and measure"
            " how much of that change is gone after one step."
        )
    return f"The {gate.name} {gate.letter} sets {gate.meaning[0].lower()}{gate.meaning[1:]}"


def _keeping_gate(cell: str) -> Gate | None:
    """Return the gate that is the kept share of the old state; None if there is none."""
    kind = CELLS[cell]
    return kind.gate(kind.carried.gate) if kind.carried else None


def compare_guess(moment: Moment, guess: str, kept: Array) -> str:
    """Return the measured answer to a guess.

    A state that returns with the opposite sign is not lost: the kept share is a magnitude.
    """
    sizes = abs(kept)
    low, high = int(sizes.argmin()), int(sizes.argmax())
    word = share_word(1 - float(sizes[low]))
    verdict = "Yes." if guess == word else "Not quite."
    gate = _keeping_gate(moment.cell)
    if gate is None:
        return with_verdict(
            verdict,
            f"One step can erase **{word}** of the old state. The kept share is half the difference"
            f" between one step from h = 1 and one from h = −1. For x from −3 to 3, it"
            f" {_course(kept, low, high)}.",
        )
    return with_verdict(
        verdict,
        f"One step can erase **{word}** of the old state. The {gate.name} {gate.letter} is"
        f" the share that is kept. For x from −3 to 3, it {_course(kept, low, high)}.",
    )


def _course(kept: Array, low: int, high: int) -> str:
    least, most = (signed(kept[index], ".3f") for index in (low, high))
    if least == most:
        return f"stays at {least}"
    at_least, at_most = (signed(GRID[index], "g") for index in (low, high))
    return f"lies between {least} (at x = {at_least}) and {most} (at x = {at_most})"

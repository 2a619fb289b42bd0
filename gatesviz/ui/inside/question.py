"""The page's question, the reader's guess, and the answer measured over every x."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.traces import Array, Trace
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.parameters import SHARES
from gatesviz.ui.inside.sentences import signed
from gatesviz.ui.inside.step import GRID, shares_kept

FEW, MOST = 0.1, 0.9
"""Shares below and above which "almost nothing" and "almost all" is the word."""
PRINCIPLE = (
    "**Principle.** A gate is a weighted sum pressed between 0 and 1. A large bias fixes it,"
    " whatever comes in; a large weight of x or h lets the input or the past decide."
)


def share_word(lost: float) -> str:
    """Return which of `SHARES` a lost share is."""
    return SHARES[0] if lost < FEW else SHARES[2] if lost > MOST else SHARES[1]


def draw_guess(moment: Moment, trace: Trace) -> None:
    """Ask how much a single x can make the cell lose, and answer once the reader has guessed."""
    state = "c" if moment.cell == "lstm" else "h"
    unit = " of unit 0" if moment.units > 1 else ""
    kept = shares_kept(moment, trace)
    guess = ask_guess(
        f"**x may be anything from −3 to 3. How much of the old {state}{unit} can it make this"
        " cell lose in one step?** Guess, then see.",
        SHARES,
        key="inlose",
        about=(moment.cell, kept.tobytes()),
    )
    if guess is not None:
        st.write(answer(moment, guess, kept))


def answer(moment: Moment, guess: str, kept: Array) -> str:
    """Return the measured answer to a guess.

    A state that comes back with the opposite sign is not lost: what is kept is the size.
    """
    sizes = abs(kept)
    low, high = int(sizes.argmin()), int(sizes.argmax())
    word = share_word(1 - float(sizes[low]))
    verdict = "Yes" if guess == word else "Not quite"
    letter = {"lstm": "f", "gru": "z"}.get(moment.cell)
    if letter is None:
        return (
            f"{verdict}: **{word}**. The RNN has no gate, so the difference that one step makes of"
            f" h = 1 and h = −1 was measured: over {len(GRID)} values of x the share left of it"
            f" {_course(kept, low, high)}."
        )
    name = CELLS[moment.cell].gate(letter).name
    return (
        f"{verdict}: **{word}**. {letter} is the share that stays, and over {len(GRID)} values of"
        f" x the {name} {_course(kept, low, high)}."
    )


def _course(kept: Array, low: int, high: int) -> str:
    least, most = (signed(kept[index], ".3f") for index in (low, high))
    if least == most:
        return f"stays at {least}"
    at_least, at_most = (signed(GRID[index], "g") for index in (low, high))
    return f"goes from {least} (at x = {at_least}) to {most} (at x = {at_most})"

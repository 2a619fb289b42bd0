"""The page's question, your guess, and the answer from the recording on screen."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.sequences import Sequence
from gatesviz.traces import Trace
from gatesviz.ui.feed.models import Setup, present
from gatesviz.ui.feed.recordings import readings
from gatesviz.ui.guesses import ask_first, ask_guess, reserved_answer, with_verdict
from gatesviz.ui.left_out import without_them

PART = "feed question"
"""Key of the part of the page with the question and its answer."""
NO_GATES = (
    "**What can a network without gates remember?** Watch one unit of h. Every step"
    " replaces its value. Choose LSTM or GRU to see what gates change."
)
PRINCIPLE = (
    "**Principle.** A gate is a number between 0 and 1 for each unit and step. It is computed from"
    " the input and the previous hidden state. The cell multiplies a value by the gate: 0 removes"
    " the value, 1 keeps it."
)
PRINCIPLE_WITHOUT_GATES = (
    "**Principle.** Without gates, every step rewrites the whole state. At every step, everything"
    " the network remembers goes through the weights and the activation again."
)


def movement(trace: Trace) -> dict[str, float]:
    """Return how much each gate varies: its standard deviation over time, averaged over units.

    The unit is the largest possible deviation, half the gate's range: 0 is constant, 1 jumps
    between both ends at every other step.
    """
    moves = {}
    for gate in trace.kind.gates:
        spread = trace.gates[gate.letter].std(axis=0).mean()
        moves[gate.letter] = float(spread) / ((gate.high - gate.low) / 2)
    return moves


def questioned(setup: Setup) -> str | None:
    """Return the first cell that has gates, a key of `gatesviz.cells.CELLS`; None if none has."""
    return next((cell for cell in setup.cells if CELLS[cell].gates), None)


@st.fragment(key=PART)
def draw_guess(setup: Setup, sequence: Sequence) -> None:
    """Ask which gate varies most, and answer after the guess."""
    setup = present(setup)
    cell = questioned(setup)
    if cell is None:
        with reserved_answer("feed-no-gates"):
            st.write(NO_GATES)
        return
    reading = readings(sequence, setup)[setup.cells.index(cell)]
    trace = reading.recording.trace(setup.layer, setup.direction)
    moves = movement(trace)
    what = "text" if sequence.kind == "text" else "series"
    letters = list(moves)
    which = f"of {', '.join(letters[:-1])} and {letters[-1]}" if len(letters) > 1 else "gate"
    guess = ask_guess(
        f"**Which {which} varies most while the {trace.kind.name} reads this {what}?** We"
        " measure the standard deviation over all steps, in % of the largest possible one, averaged"
        " over the units.",
        letters,
        key="guess",
        about=(trace.cell, *moves.values()),
        right=lambda: max(moves, key=lambda letter: moves[letter]),
    )
    with reserved_answer("feed"):
        without = without_them(setup.file, gates=True)
        verdict = "" if guess is None else f"{compare_guess(trace, guess)} {without}".strip()
        st.write(verdict or ask_first())


def compare_guess(trace: Trace, guess: str) -> str:
    """Return whether ``guess`` is the gate that varies most, and by how much each one varies."""
    moves = movement(trace)
    ranked = sorted(moves, key=lambda letter: -moves[letter])
    most = trace.kind.gate(ranked[0])
    verdict = "Yes," if guess == most.letter else "Not quite:"
    shares = ", ".join(f"**{letter}** {100 * moves[letter]:.0f} %" for letter in ranked)
    return with_verdict(
        verdict,
        f"the {most.name} **{most.letter}** varies most. Standard deviations, in % of the largest"
        f" possible one: {shares}.",
    )


def principle(setup: Setup) -> str:
    """Return the principle of the page for the cells on it."""
    return PRINCIPLE_WITHOUT_GATES if questioned(setup) is None else PRINCIPLE

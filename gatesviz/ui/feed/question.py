"""The page's question, the reader's guess, and the answer from the recording on screen."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.traces import Trace
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.recordings import Reading
from gatesviz.ui.guesses import ask_guess


def movement(trace: Trace) -> dict[str, float]:
    """Return how much each gate moves: its standard deviation over time, averaged over units.

    As a share of the widest possible one, half the gate's range: 0 is still, 1 jumps from end to
    end at every other step.
    """
    moves = {}
    for gate in trace.kind.gates:
        spread = trace.gates[gate.letter].std(axis=0).mean()
        moves[gate.letter] = float(spread) / ((gate.high - gate.low) / 2)
    return moves


def draw_guess(setup: Setup, made: list[Reading]) -> None:
    """Ask which gate moves most, and answer once the reader has guessed."""
    gated = [k for k, cell in enumerate(setup.cells) if CELLS[cell].gates]
    if not gated:
        st.write(
            "**What does a network without gates keep?** Follow one unit of h: every step replaces"
            " it. Choose LSTM or GRU to see what gates change."
        )
        return
    index = gated[0]
    trace = made[index].recording.trace(setup.layer, setup.direction)
    gates = {gate.letter: gate for gate in trace.kind.gates}
    moves = movement(trace)
    guess = ask_guess(
        f"**Which gate changes most while the {trace.kind.name} reads this?** Guess, then see.",
        list(gates),
        key="guess",
        about=(trace.cell, *moves.values()),
    )
    if guess is None:
        return
    most = max(moves, key=lambda letter: moves[letter])
    verdict = "Yes" if guess == most else "Not quite"
    ranked = sorted(moves, key=lambda letter: -moves[letter])
    told = ", ".join(f"**{letter}** {100 * moves[letter]:.0f} %" for letter in ranked)
    st.write(
        f"{verdict}: it is **{most}**, the {gates[most].name}. Measured on this recording, the"
        f" movement over time as a share of the largest possible: {told}. {gates[most].meaning}"
    )


def principle(setup: Setup) -> str:
    """Return what is to be taken away from the page, for the cells on it."""
    if not any(CELLS[cell].gates for cell in setup.cells):
        return (
            "**Principle.** Without gates the whole state is made anew at every step: what it keeps"
            " must survive the weights and the squashing each time."
        )
    return (
        "**Principle.** A gate is a number between 0 and 1 for each unit and step, computed from"
        " the input and the last hidden state: what it multiplies passes by that share, no more."
        " The candidate, g or n, lies between −1 and 1 and is what may be written."
    )

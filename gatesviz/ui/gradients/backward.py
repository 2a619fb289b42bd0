"""Backward in the cell: the player against the order of reading, the gradient on its wires."""

import math

import streamlit as st

from gatesviz.figures import written
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.parameters import CELLS, SHARES
from gatesviz.ui.gradients.sentences import overflow
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.player import opening, stage

PRINCIPLE = (
    "**Principle.** Going back, a wire multiplies the gradient by the same number by which it"
    " multiplied the state on the way forward: f, i, g, o, z and r become factors, and a tanh or"
    " sigmoid multiplies by its slope, at most 1 or ¼ (backpropagation through time: Werbos 1990)."
    " A gate that is nearly closed, or a unit that is saturated, is where the gradient leaks away."
)


def choose_model(measured: list[Measured]) -> Measured:
    """Let the reader choose the cell; the LSTM is the first choice."""
    known = {one.name: one for one in measured}
    names = [name for name in reversed(list(CELLS)) if name in known]
    name = st.segmented_control(
        "Cell", names, default=names[0], key="grcell", bind="query-params", required=True
    )
    return known[name or names[0]]


def draw_guess(one: Measured) -> None:
    """Ask how much of the gradient gets one step back; answer with the measured shares."""
    guess = ask_guess(
        f"**How much of the length of ∂L/∂{one.carried} is left one step before the end of the"
        f" {one.name}?** Guess, then play backward.",
        SHARES,
        key="grback",
        about=(one.name, float(one.left[one.carried][-2])),
    )
    if guess is not None:
        st.write(compare_guess(one, float(guess.split()[0]) / 100))


def compare_guess(one: Measured, guess: float) -> str:
    """Return how far the guess is from what was measured, in numbers."""
    if one.lost is not None and one.lost <= 1:
        return f"You said {guess:.2f}. {overflow(one)}"
    left = float(one.left[one.carried][-2])
    if math.isnan(left):
        return "The gradient is 0 after the last step, so there is no share of it."
    parts = ""
    if "carry" in one.paths:
        carry, gates = (float(one.paths[path][-2]) for path in ("carry", "gates"))
        gate = "f" if one.name == "LSTM" else "z"
        parts = (
            f" The part past {gate} alone has the length {written(carry)}, the part through W_hh"
            f" and the gates {written(gates)}; lengths of vectors need not add up."
        )
    return f"You said {guess:.2f}, measured is **{written(left)}**: {_off(guess - left)}.{parts}"


def _off(off: float) -> str:
    if abs(off) < 0.005:
        return "right to two digits"
    return f"{abs(off):.2g} too {'much' if off > 0 else 'little'}"


def show_backward(one: Measured) -> None:
    """Draw the player; it opens at the last step and plays towards the first."""
    panel = Panel(
        one.layer.trace,
        labels=one.labels,
        text=one.labels is not None,
        gradients=one.layer.gradients,
        title=f"{one.name}, backward",
    )
    opens = Selection(step=one.steps - 1, playing=True, reverse=True)
    stage(payload([panel], select=opening("backward", opens)), key="backward")

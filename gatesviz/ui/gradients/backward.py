"""Backward in the cell: the player runs backward and shows the gradient on its wires."""

import math

import streamlit as st

from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.sequences.characters import is_character
from gatesviz.ui.cell_names import explain_name
from gatesviz.ui.gradients.measurements import Measured, measured_further
from gatesviz.ui.gradients.parameters import (
    BACK_FIELD,
    CELL_FIELD,
    FRESH,
    FURTHER,
    MENU,
    SHARES,
    SHOW_FIELD,
)
from gatesviz.ui.gradients.sentences import describe_overflow, percentage, share_left
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.guesses import ask_first, ask_guess, details, may_show, with_verdict
from gatesviz.ui.player import opening, stage

PRINCIPLE = (
    "**Principle.** A gate that multiplied the state by 0.1 on the way forward also multiplies the"
    " gradient by 0.1 on the way back. A nearly closed gate lets little through. So does a"
    " saturated unit: near the limits of tanh, its output hardly changes."
)
SOURCES = "Source for backpropagation through time: Werbos 1990."


def choose_model(settings: Settings, measured: list[Measured]) -> Measured:
    """Let the reader choose the cell; the LSTM is the default.

    With fresh weights, the menu also has the cells that are not in ``measured``.
    """
    by_name = {one.name: one for one in measured}
    more = FURTHER if settings.weights == FRESH else {}
    names = [name for name in MENU if name in by_name or name in more]
    if not names:
        return measured[-1]
    name = CELL_FIELD.draw(options=names)
    one = by_name.get(name) or measured_further(settings, name)
    explain_name(one.kind.key)
    return one


FARTHEST = 1.125
"""Above this result, no option is near: the options are up to 0.25 apart."""


def draw_guess(one: Measured) -> bool:
    """Ask how much of the gradient survives one step back, and compare the guess.

    Returns whether the page may show the result.
    """
    guess = ask_guess(
        f"**How large is {one.owned(f'‖∂L/∂{one.carried}‖')} one step back, in % of its value at"
        " the last step?** The loss L is the sum of the numbers in the last h."
        f" ∂L/∂{one.carried} is its gradient, and ‖…‖ the norm.",
        SHARES,
        key=BACK_FIELD.key,
        about=(one.name, float(one.left[one.carried][-2])),
        right=lambda: nearest_share(one),
    )
    if guess is not None:
        with details("guess"):
            st.write(compare_guess(one, guess))
    return may_show(guess, SHOW_FIELD)


def nearest_share(one: Measured) -> str | None:
    """Return which of `SHARES` is nearest to the result, or None if it is none or far above all."""
    left = float(one.left[one.carried][-2])
    if (one.lost is not None and one.lost <= 1) or math.isnan(left) or left > FARTHEST:
        return None
    return min(SHARES, key=lambda word: abs(_share(word) - left))


def _share(word: str) -> float:
    return float(word.split()[0]) / 100


def compare_guess(one: Measured, guess: str) -> str:
    """Return how far the guess is from the result, in numbers."""
    if one.lost is not None and one.lost <= 1:
        return with_verdict(f"You guessed {guess}.", describe_overflow(one))
    left = float(one.left[one.carried][-2])
    if math.isnan(left):
        return "The gradient is 0 after the last step, so no share of it can be left."
    parts = ""
    if "carry" in one.paths:
        carry, gates = (float(one.paths[path][-2]) for path in ("carry", "gates"))
        assert one.kind.carried is not None  # a cell with two paths has one
        gate = one.kind.carried.gate
        parts = (
            f" This gradient is the sum of two vectors. The part through {gate} alone has"
            f" {percentage(carry)} of the length at the last step, and the part through W_hh and"
            f" the gates has {percentage(gates)}. Lengths of vectors needn't add up."
        )
    off = _share(guess) - left
    close = guess == nearest_share(one)
    verdict = "the nearest answer" if close else f"too {'much' if off > 0 else 'little'}"
    result = f"One step back, {share_left(left)}.{parts}"
    return with_verdict(f"You guessed {guess}: {verdict}.", result)


def show_question(one: Measured) -> None:
    """Say what a guess will show."""
    st.write(ask_first(f"Make a guess to see {one.owned('gradient')} go back step by step."))


def show_backward(one: Measured) -> None:
    """Draw the player; it starts at the last step and plays towards the first."""
    select = opening("backward", start_of(one))
    stage(payload([panel(one)], select=select), key="backward")


def start_of(one: Measured) -> Selection:
    """Return where the player begins: it plays from the last step towards the first."""
    return Selection(step=one.steps - 1, playing=True, reverse=True)


def panel(one: Measured) -> Panel:
    """Return the panel with the gradient of every state."""
    return Panel(
        one.layer.trace,
        labels=one.labels,
        text=one.labels is not None and _spelled(one.labels),
        words=one.labels is not None and not _spelled(one.labels),
        gradients=one.layer.gradients,
        title=f"{one.called}, backward",
    )


def _spelled(labels: tuple[str, ...]) -> bool:
    """Return whether the labels of a text are its characters; else they are its words."""
    return all(map(is_character, labels))

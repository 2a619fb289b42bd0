"""The page's question, the reader's guess, and the gap to what was measured."""

import numpy as np
import streamlit as st

from gatesviz.figures import written
from gatesviz.traces import Array
from gatesviz.ui.gradients.guessing import answered
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.pad import LOWEST, pad
from gatesviz.ui.gradients.parameters import GUESSES
from gatesviz.ui.gradients.sentences import overflow, share_left, step_count
from gatesviz.ui.guesses import ask_guess

SHARE = 0.01
NEVER = GUESSES[-1]
PRINCIPLE = (
    "**Principle.** One step back multiplies the gradient by that step's Jacobian. Over many steps"
    " the product shrinks or grows like a power, unless training has brought the factors close to 1"
    " in size. Along the LSTM's cell state the factor is the forget gate alone: near f = 1 that"
    " part of the gradient lives, and at f = ½ it halves at every step."
)
SOURCES = (
    "Hochreiter 1991; Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013. Cell state:"
    " Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000."
)


def draw_guess(measured: list[Measured], drawn: Array | None) -> bool:
    """Ask how far the LSTM's gradient reaches; answer a guess and a curve that was ``drawn``.

    Returns whether what was measured may be shown.
    """
    one = asked(measured)
    options = [word for word in GUESSES if word == NEVER or int(word) <= one.steps]
    guess = ask_guess(
        f"**The loss depends only on the last of {one.steps} steps. How many steps back does the"
        f" {one.name}'s gradient fall below 1 %?** Guess, then see.",
        options,
        key="grguess",
        about=about(one),
    )
    if guess is not None:
        st.write(compare_guess(one, guess))
    if drawn is not None:
        st.write(drawn_gap(one, drawn))
    return answered(guess is not None or drawn is not None)


def about(one: Measured) -> tuple[str, bytes]:
    """Return what the answers to a guess and to a drawn curve are made of."""
    return one.name, one.left[one.carried].tobytes()


def draw(measured: list[Measured]) -> Array | None:
    """Let the reader draw the curve that is expected; return it, None where there is none."""
    one = asked(measured)
    label = f"Draw the curve you expect of the {one.name}"
    if st.toggle(label, key="grdraw", bind="query-params"):
        return pad(one.steps, about(one))
    return None


def asked(measured: list[Measured]) -> Measured:
    """Return the LSTM where there is one: it is the cell that is said not to forget."""
    return next((one for one in measured if one.name == "LSTM"), measured[-1])


def compare_guess(one: Measured, guess: str) -> str:
    """Return how far the guess is from what was measured, in numbers."""
    if one.lost is not None:
        return f"You said {guess}. {overflow(one)}"
    faded, share = one.faded(SHARE), one.left[one.carried]
    measured = f"after **{faded} steps**" if faded is not None else f"never in {one.steps} steps"
    if guess == NEVER:
        verdict = "Yes" if faded is None else "Not quite: you said never"
        return f"{verdict}. Measured: {measured}; at the start {share_left(float(share[0]))}."
    steps = int(guess)
    there = f"{step_count(steps)} back {share_left(float(share[-1 - steps]))}"
    if faded is None:
        return f"Not quite: you said {steps}. Measured: {measured}; {there}."
    verdict = "Yes, exactly" if faded == steps else f"You said {steps}: {_off(steps, faded)}"
    return f"{verdict}. Measured: {measured}; {there}."


def _off(guess: int, faded: int) -> str:
    more = "more" if guess > faded else "fewer"
    return f"{step_count(abs(guess - faded))} {more} than measured"


def drawn_gap(one: Measured, drawn: Array) -> str:
    """Return the mean factor between the drawn curve and the measured one, and the largest.

    What lies off the pad counts as its edge: nobody could have drawn it.
    """
    if one.lost is not None:
        return f"Your curve cannot be compared. {overflow(one)}"
    share = one.left[one.carried]
    if not np.isfinite(share).all():
        return "Your curve cannot be compared: the gradient is 0 after the last step."
    decades = np.abs(np.log10(drawn) - np.log10(np.clip(share, LOWEST, 1)))
    lag = int(decades[::-1].argmax())
    off = bool((share < LOWEST).any() or (share > 1).any())
    clipped = " What lies off the pad counts as its edge." if off else ""
    return (
        f"Your curve is off by a factor of {written(float(10 ** decades.mean()))} on average (the"
        f" mean over all steps, as powers of ten). It is farthest off {step_count(lag)} back: you"
        f" drew {written(float(drawn[-1 - lag]))}, measured is"
        f" {written(float(share[-1 - lag]))}.{clipped}"
    )

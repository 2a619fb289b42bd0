"""The page's question, the reader's guess, and the gap to what was measured."""

import numpy as np
import streamlit as st

from gatesviz.figures import written
from gatesviz.traces import Array
from gatesviz.ui.gradients.guessing import answered
from gatesviz.ui.gradients.measuring import Measured
from gatesviz.ui.gradients.pad import pad
from gatesviz.ui.gradients.parameters import GUESSES
from gatesviz.ui.guesses import ask_guess

SHARE = 0.01
NEVER = GUESSES[-1]
PRINCIPLE = (
    "**Principle.** One step back multiplies the gradient by that step's Jacobian, so over many"
    " steps it shrinks or grows like a power (Hochreiter 1991; Bengio, Simard & Frasconi 1994;"
    " Pascanu, Mikolov & Bengio 2013). The LSTM's cell state is multiplied by the forget gate"
    " alone along its own path (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000):"
    " where f is near 1 the gradient lives, and where f is ½ it dies as fast as anywhere."
)


def ask(measured: list[Measured], drawn: Array | None) -> bool:
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
        st.write(gap(one, guess))
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


def gap(one: Measured, guess: str) -> str:
    """Return how far the guess is from what was measured, in numbers."""
    faded, share = one.faded(SHARE), one.left[one.carried]
    measured = f"after **{faded} steps**" if faded is not None else f"never in {one.steps} steps"
    if guess == NEVER:
        verdict = "Yes" if faded is None else "Not quite: you said never"
        return f"{verdict}. Measured: {measured}; {written(float(share[0]))} is left at the start."
    steps = int(guess)
    there = f"{steps} {'step' if steps == 1 else 'steps'} back {written(float(share[-1 - steps]))}"
    if faded is None:
        return f"Not quite: you said {steps}. Measured: {measured}; {there} of it is left."
    verdict = "Yes, exactly" if faded == steps else f"You said {steps}: {_off(steps, faded)}"
    return f"{verdict}. Measured: {measured}; {there} of it is left."


def _off(guess: int, faded: int) -> str:
    ratio = max(guess, faded) / max(1, min(guess, faded))
    return f"{ratio:.2g} times too {'far' if guess > faded else 'near'}"


def drawn_gap(one: Measured, drawn: Array) -> str:
    """Return how many powers of ten lie between the drawn curve and the measured one."""
    share = np.maximum(one.left[one.carried], 1e-300)
    decades = np.abs(np.log10(drawn) - np.log10(share))
    lag = int(decades[::-1].argmax())
    return (
        f"Your curve is off by a factor of {written(float(10 ** decades.mean()))} on average; at"
        f" most {lag} steps back: you drew {written(float(drawn[-1 - lag]))}, measured is"
        f" {written(float(share[-1 - lag]))}."
    )

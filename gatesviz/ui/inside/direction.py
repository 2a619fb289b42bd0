"""Which way round is z? A guess, then three ways of writing the GRU on the same numbers."""

import numpy as np
import streamlit as st

from gatesviz.traces import Trace
from gatesviz.ui.guesses import ask_first, ask_guess, is_held, reserved_answer, with_verdict
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.parameters import Z_GUESSES
from gatesviz.ui.inside.sentences import apart, format_values, signed
from gatesviz.ui.inside.variants import (
    SAME,
    Variant,
    torch_step,
    variants,
    why_reset_agrees,
    why_swapped_agrees,
    with_open_z,
)

PRINCIPLE = (
    "**Principle.** Some books swap z and 1 − z, as in the second version. If you flip the sign of"
    " all weights and biases of z, the first version becomes the second. So these two learn equally"
    " well, but weights trained in one are wrong in the other. The third version differs in the"
    " place of r. No change of the weights makes it equal to the first."
)


def draw_guess(moment: Moment, trace: Trace) -> bool:
    """Ask what z = 1 does and answer after the guess; return whether to show the comparison."""
    guess = ask_guess(
        "**The update gate z mixes the old state h and the candidate n. Suppose that z is 1. What"
        " does torch.nn.GRU do with the old state?**",
        Z_GUESSES,
        key="inz",
        about="torch.nn.GRU",
        right=lambda: right_word(moment, trace),
    )
    with reserved_answer("z"):
        st.write(ask_first() if guess is None else compare_guess(moment, trace, guess))
    if guess is not None or is_held():
        return guess is not None
    return st.toggle("Show the result without a guess", key="inside z shown")


def right_word(moment: Moment, trace: Trace) -> str | None:
    """Return which of `Z_GUESSES` torch.nn.GRUCell does, or None if h and n are equal."""
    made = torch_step(with_open_z(moment, trace), trace)
    old, candidate = trace.before("h")[-1], trace.gates["n"][-1]
    if np.abs(old - candidate).max() < 1e-3:
        return None
    keeps = np.abs(made - old).max() < np.abs(made - candidate).max()
    return Z_GUESSES[0] if keeps else Z_GUESSES[1]


def compare_guess(moment: Moment, trace: Trace, guess: str) -> str:
    """Return what torch.nn.GRUCell does if the bias of z is so high that z is 1."""
    opened = with_open_z(moment, trace)
    made = torch_step(opened, trace)
    old, candidate = trace.before("h")[-1], trace.gates["n"][-1]
    numbers = (
        "For this check only, we raised the bias of z until z was almost 1 (0.99999)."
        f" The old h is {format_values(old)} and the candidate n is {format_values(candidate)}."
        f" torch.nn.GRUCell gives h′ = {format_values(made)}."
    )
    word = right_word(moment, trace)
    if word is None:
        return f"Here h and n are equal, so nothing can be seen. Move the slider of h. {numbers}"
    verdict = "Yes." if guess == word else "Not quite."
    verb = word.removesuffix(" it")
    return with_verdict(verdict, f"PyTorch **{verb}** the old state. {numbers}")


def show_variants(moment: Moment, trace: Trace) -> None:
    """Draw a card for each way of writing the GRU, and say which ones equal PyTorch."""
    ways = variants(moment, trace)
    gates = ", ".join(f"{k} = {format_values(gate[-1])}" for k, gate in trace.gates.items())
    old = format_values(trace.before("h")[-1])
    st.write(
        "Below, three versions of the GRU compute h′. All use the weights of this cell,"
        f" without the raised bias. All start from x = {signed(moment.x, 'g')} and old h = {old}."
        " PyTorch"
        f" computes {gates}. torch.nn.GRUCell returns"
        f" **h′ = {format_values(torch_step(moment, trace))}**. In the equations, ⊙ multiplies"
        " element by element."
    )
    for k, (place, variant) in enumerate(zip(st.columns(len(ways)), ways, strict=True)):
        with place.container(border=True, height="stretch", key=f"gatesviz-card-gru-{k}"):
            _draw(variant)
    st.write(which_agree(moment, trace, ways))


def _draw(variant: Variant) -> None:
    st.write(f"**{variant.name}**")
    st.write(f"${variant.latex}$")  # st.latex makes a box that scrolls but takes no focus
    st.write(f"**h′ = {format_values(variant.h)}**")
    if variant.same:
        st.success(f"Same as PyTorch ({apart(variant.difference)}).", icon=":material/check:")
    else:
        st.error(f"Not PyTorch ({apart(variant.difference)}).", icon=":material/close:")
    st.write(variant.source)


def which_agree(moment: Moment, trace: Trace, ways: list[Variant]) -> str:
    """Return which of the ways equal PyTorch on these numbers, and why, if more than one does."""
    ours, swapped, before = ways
    if ours.same and not swapped.same and not before.same:
        return (
            "**Only one of the three equals PyTorch** on these numbers. A difference up to"
            f" {SAME:g} counts as rounding."
        )
    chances = [
        f"“{variant.name}” gives the same result because {why}"
        for variant, why in (
            (swapped, why_swapped_agrees(trace)),
            (before, why_reset_agrees(moment, trace)),
        )
        if variant.same
    ]
    return (
        f"**These numbers don't separate all three.** {'. '.join(chances)}. Move x, h or a weight"
        " to see a difference."
    )

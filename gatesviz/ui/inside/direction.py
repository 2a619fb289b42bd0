"""Which way round is z? A guess, then every way of writing the GRU on the same numbers."""

import numpy as np
import streamlit as st

from gatesviz.traces import Trace
from gatesviz.ui.guesses import ask_guess
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
    "**Principle.** z and 1 − z say the same thing with opposite signs of z's weights, so both"
    " ways learn equally well; but weights trained one way are wrong the other way. Where r"
    " stands is more: no change of the weights turns one into the other."
)


def offer_gru() -> None:
    """Say that z belongs to the GRU, and offer one."""
    st.write("**z is the update gate of the GRU.** The cell you have chosen has none.")
    st.button("Take a GRU", on_click=_take_gru)


def _take_gru() -> None:
    st.session_state["incell"] = "GRU"


def draw_guess(moment: Moment, trace: Trace) -> None:
    """Ask what z = 1 does, and answer with torch.nn.GRUCell once the reader has guessed."""
    guess = ask_guess(
        "**z is 1. What does torch.nn.GRU do with the old state?** Guess, then see.",
        Z_GUESSES,
        key="inz",
        about="torch.nn.GRU",
    )
    if guess is not None:
        st.write(answer(moment, trace, guess))


def answer(moment: Moment, trace: Trace, guess: str) -> str:
    """Return what torch.nn.GRUCell does once the bias of z is so high that z is 1."""
    opened = with_open_z(moment, trace)
    made = torch_step(opened, trace)
    old, candidate = trace.before("h")[-1], trace.gates["n"][-1]
    numbers = (
        f"With the bias of z raised until z = 0.99999, torch.nn.GRUCell makes"
        f" h′ = {format_values(made)};"
        f" the old h is {format_values(old)}, the candidate n is {format_values(candidate)}."
    )
    if np.abs(old - candidate).max() < 1e-3:
        return f"These numbers cannot tell: h and n are the same. Move h. {numbers}"
    kept = np.abs(made - old).max() < np.abs(made - candidate).max()
    word = Z_GUESSES[0] if kept else Z_GUESSES[1]
    return f"{'Yes' if guess == word else 'Not quite'}: PyTorch **{word}**. {numbers}"


def show_variants(moment: Moment, trace: Trace) -> None:
    """Draw a card for each way of writing the GRU, and say which equal PyTorch."""
    found = variants(moment, trace)
    gates = ", ".join(f"{k} = {format_values(gate[-1])}" for k, gate in trace.gates.items())
    old = format_values(trace.before("h")[-1])
    st.write(
        f"Same weights, same x = {signed(moment.x, 'g')}, same h = {old}: {gates}."
        f" torch.nn.GRUCell makes **h′ = {format_values(torch_step(moment, trace))}**."
    )
    for place, variant in zip(st.columns(len(found)), found, strict=True):
        with place.container(border=True, height="stretch"):
            _draw(variant)
    st.write(verdict(moment, trace, found))


def _draw(variant: Variant) -> None:
    st.write(f"**{variant.name}**")
    st.write(f"${variant.latex}$")  # st.latex makes a box that scrolls but takes no focus
    st.write(f"**h′ = {format_values(variant.h)}**")
    if variant.same:
        st.success(f"Equals torch.nn: {apart(variant.difference)}.", icon=":material/check:")
    else:
        st.error(f"Not torch.nn: {apart(variant.difference)}.", icon=":material/close:")
    st.write(variant.source)


def verdict(moment: Moment, trace: Trace, found: list[Variant]) -> str:
    """Return which of the ways equal PyTorch on these numbers, and why, if more than one does."""
    ours, swapped, before = found
    if ours.same and not swapped.same and not before.same:
        return (
            "**Only one of the three equals PyTorch** on these numbers: a difference up to"
            f" {SAME:g} counts as rounding."
        )
    chances = [
        f"{variant.name!r} gives the same here, because {why}"
        for variant, why in (
            (swapped, why_swapped_agrees(trace)),
            (before, why_reset_agrees(moment, trace)),
        )
        if variant.same
    ]
    return (
        f"**These numbers do not tell them all apart:** {'; '.join(chances)}. Move x, h or a"
        " weight, and they part."
    )

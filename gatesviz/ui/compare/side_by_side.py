"""Gate for gate: a trained LSTM and a trained GRU read the same input under one clock."""

import numpy as np
import streamlit as st

from gatesviz.player.payload import Selection, payload
from gatesviz.sequences import Sequence, parse_numbers, parse_text
from gatesviz.traces import Trace
from gatesviz.ui.compare.parameters import TASKS
from gatesviz.ui.feed.models import Setup, described
from gatesviz.ui.feed.recordings import panels, readings
from gatesviz.ui.player import opening, stage


def choose_task() -> str:
    """Let the reader choose what the two were trained for; return the task's key."""
    title = st.segmented_control(
        "Both are trained to do this",
        list(TASKS),
        default=next(iter(TASKS)),
        key="cotask",
        bind="query-params",
        required=True,
    )
    return TASKS[title or next(iter(TASKS))]


def show_beside(task: str) -> None:
    """Draw the two in the player, and what is to be seen in words and in this input's numbers."""
    setup = Setup(("lstm", "gru"), task)
    sequence = _example(setup)
    both = panels(sequence, setup, readings(sequence, setup))
    stage(payload(both, select=opening("beside", Selection())), key="beside")
    for sentence in (*describe(both[0].trace, both[1].trace), *described(setup)):
        st.text(sentence)


def _example(setup: Setup) -> Sequence:
    info = setup.trained[0]
    if info.vocabulary is None:
        return parse_numbers(info.example)
    return parse_text(info.example, info.vocabulary)


def describe(lstm: Trace, gru: Trace) -> tuple[str, str]:
    """Return what z decides at once, and what the LSTM hides, in numbers of these recordings."""
    return _decided(lstm, gru), _hidden(lstm, gru).replace("-", "−")


def _decided(lstm: Trace, gru: Trace) -> str:
    both, z = lstm.gates["i"] + lstm.gates["f"], gru.gates["z"]
    freed = [
        words
        for words, there in (
            ("keep and add at once", both.max() > 1.2),
            ("do neither", both.min() < 0.5),
        )
        if there
    ]
    so = f", so that it can {' or '.join(freed)}" if freed else ""
    return (
        "One gate for two. The GRU's new state is z·h + (1 − z)·n: what it keeps and what it writes"
        " always add up to 1. The LSTM's is f·c + i·g, with two gates that need not agree: on this"
        f" input f + i goes from {both.min():.2f} to {both.max():.2f}{so}; the GRU's z goes from"
        f" {z.min():.2f} to {z.max():.2f}."
    )


def _hidden(lstm: Trace, gru: Trace) -> str:
    c, h, o = lstm.states["c"][1:], lstm.states["h"][1:], lstm.gates["o"]
    step, unit = np.unravel_index(np.argmax(np.abs(np.tanh(c)) - np.abs(h)), c.shape)
    return (
        f"A memory that need not be shown. At step {step} unit {unit} of the LSTM holds"
        f" c = {c[step, unit]:.2f} and shows h = {h[step, unit]:.3f}, since its output gate stands"
        f" at o = {o[step, unit]:.3f}. The GRU has no such gate: its only state h is what the rest"
        f" of the network sees. It stays within ±1 (here up to {np.abs(gru.states['h']).max():.2f})"
        f" while c may grow (here up to {np.abs(c).max():.2f})."
    )

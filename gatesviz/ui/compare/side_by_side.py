"""A trained LSTM and a trained GRU read the same input, side by side."""

import numpy as np
import streamlit as st

from gatesviz.cells import GRU, LSTM
from gatesviz.player.payload import Selection, payload
from gatesviz.sequences import Sequence, parse_numbers, parse_text
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.traces import Trace
from gatesviz.ui.compare.parameters import TASK, TASKS
from gatesviz.ui.feed.models import Setup, described
from gatesviz.ui.feed.recordings import panels, readings
from gatesviz.ui.player import opening, stage

TITLE = "Compare an LSTM and a GRU on the same input"


def choose_task() -> str:
    """Let the reader choose the task that both are trained on; return its key."""
    key = TASKS[TASK.draw()]
    st.caption(EVERY_TASK[key].answer)
    return key


def show_side_by_side(task: str) -> None:
    """Draw both models in the player, and say what differs, with the numbers of this input."""
    setup = Setup((LSTM.key, GRU.key), task)
    sequence = _example(setup)
    both = panels(sequence, setup, readings(sequence, setup))
    stage(payload(both, select=opening("beside", Selection())), key="beside")
    for sentence in (*describe_pair(both[0].trace, both[1].trace), *described(setup)):
        st.text(sentence)


def _example(setup: Setup) -> Sequence:
    info = setup.trained[0]
    if info.vocabulary is None:
        return parse_numbers(info.example)
    return parse_text(info.example, info.vocabulary)


def describe_pair(lstm: Trace, gru: Trace) -> tuple[str, str]:
    """Return what one gate instead of two means, and what an LSTM hides, in these numbers."""
    return _coupled(lstm), _hidden(lstm, gru).replace("-", "−")


def _coupled(lstm: Trace) -> str:
    both = lstm.gates["i"] + lstm.gates["f"]
    abilities = [
        text
        for text, seen in (
            (
                "Above 1, the LSTM keeps and writes more in total than a GRU can.",
                both.max() > 1.2,
            ),
            ("Below 1, it keeps and writes less in total.", both.min() < 0.5),
        )
        if seen
    ]
    so = "".join(f" {ability}" for ability in abilities)
    return (
        "In a GRU, one gate (z) does the work of the LSTM's f and i. The GRU's new state is"
        " z·h + (1 − z)·n. The share it keeps (z) and the share it writes (1 − z) always add"
        " up to 1. The LSTM's new cell state is f·c + i·g, where f and i needn't add up to 1. On"
        f" this input, f + i ranges from {both.min():.2f} to {both.max():.2f}.{so}"
    )


def _hidden(lstm: Trace, gru: Trace) -> str:
    c, h, o = lstm.states["c"][1:], lstm.states["h"][1:], lstm.gates["o"]
    largest = f"{np.abs(c).max():.2f}"
    free = "" if float(largest) > 1 else ", but it could grow further"
    step, unit = np.unravel_index(np.argmax(np.abs(np.tanh(c)) - np.abs(h)), c.shape)
    return (
        f"An LSTM can hide part of its memory. At step {step}, unit {unit} of the LSTM stores"
        f" c = {c[step, unit]:.2f} but outputs h = {h[step, unit]:.3f}, because its output gate is"
        f" o = {o[step, unit]:.3f}. The GRU has no output gate. It has only the state h, and the"
        f" rest of the network always sees it. The GRU's h starts at 0 and always stays within ±1"
        f" (here up to {np.abs(gru.states['h']).max():.2f}). The LSTM's c has no such limit."
        f" On this input, |c| reaches {largest}{free}."
    )

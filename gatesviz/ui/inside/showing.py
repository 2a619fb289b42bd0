"""The step in the player, and what its numbers are held against."""

from dataclasses import replace

import streamlit as st

from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.traces import Trace
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.sentences import small
from gatesviz.ui.inside.working import agreement
from gatesviz.ui.stage import opening, stage

_KEY = "inside"


def show_step(trace: Trace) -> None:
    """Draw the steps made so far and this one, which comes into view when it is made."""
    opens = opening(_KEY, Selection(step=trace.steps - 1))
    seen, moved = f"{_KEY} seen", f"{_KEY} moved to"
    panel = [Panel(trace, features=["x"])]
    made = payload(panel)
    if st.session_state.get(seen, made) != made:
        turn = st.session_state.get(moved, opens).turn + 1
        st.session_state[moved] = replace(opens, step=trace.steps - 1, turn=turn)
    st.session_state[seen] = made
    select = st.session_state.get(moved, opens)
    stage(payload(panel, select=select), key=_KEY)


def show_agreement(moment: Moment, trace: Trace) -> None:
    """Say how far the numbers on screen are from PyTorch's own."""
    measured = agreement(moment, trace)
    name = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN"}[moment.cell]
    steps = "the step" if trace.steps == 1 else f"all {trace.steps} steps"
    st.write(
        f"**Checked just now against PyTorch:** over every state of {steps}, the largest"
        f" difference from torch.nn.{name} is {small(measured.run)}, and from torch.nn.{name}Cell,"
        f" fed its own new state one input at a time, {small(measured.by_hand)}."
    )

"""What is measured here and now: one measurement at a time, and its result for every visitor."""

from collections.abc import Hashable

import streamlit as st

from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments.claims import Here, Measured
from gatesviz.training import OwnData

KEPT = 64


def key_of(here: Here, task: str | OwnData) -> Hashable:
    """Return what tells a measurement from others: a title is part of what is said about it."""
    return here.key, task if isinstance(task, str) else (task.digest, task.title)


@st.cache_resource(show_spinner=False)
def bench() -> BackgroundCalls[Measured]:
    """Return this server's measurements."""
    return BackgroundCalls(KEPT)

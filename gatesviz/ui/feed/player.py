"""The player of the page, which some settings draw alone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from gatesviz.player.payload import Panel, Selection, Written, payload
from gatesviz.recordings import Recording
from gatesviz.sequences import Sequence
from gatesviz.ui.feed.models import Setup, described, present
from gatesviz.ui.feed.recordings import edited_recordings, panels, readings
from gatesviz.ui.feed.sources import keep_readable
from gatesviz.ui.player import opening, stage

PART = "feed player"
"""Key of the part of the page with the player and what its models are."""


@dataclass(frozen=True)
class Shown:
    """What the player shows now. The download buttons, which are drawn once, look here.

    Attributes:
        panels: one for each model.
        recorders: a function for each panel that records it with the player's edits, as text.
    """

    panels: list[Panel] = field(default_factory=list)
    recorders: list[Callable[[str], Recording]] = field(default_factory=list)


def shown() -> Shown:
    """Return what the player of this session shows. It stays the same object."""
    found: Shown = st.session_state.setdefault("feed shows", Shown())
    return found


@st.fragment(key=PART)
def draw_player(setup: Setup, sequence: Sequence, written: Written | None) -> None:
    """Draw the player, and below it a description of each model.

    Args:
        setup: the models. Parts of the page take `present` values.
        sequence: what they read.
        written: marks the letters that the model wrote.
    """
    setup, now = present(setup), shown()
    keep_readable(setup)
    now.panels[:] = panels(sequence, setup, readings(sequence, setup), written)
    now.recorders[:] = edited_recordings(sequence, setup)
    stage(payload(now.panels, select=opening("feed", Selection(playing=True))), key="feed")
    for sentence in described(setup):
        st.text(sentence)

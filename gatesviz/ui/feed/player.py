"""The player of the page, which some settings draw alone."""

from collections.abc import Callable
from collections.abc import Sequence as Ordered
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from gatesviz.player.payload import Panel, Selection, Written, payload
from gatesviz.recordings import Edit, Recording
from gatesviz.sequences import Sequence
from gatesviz.ui.feed.edit_script import can_be_written, to_script
from gatesviz.ui.feed.models import Setup, described, gate_means, present, yours
from gatesviz.ui.feed.parameters import FRESH, YOURS
from gatesviz.ui.feed.recordings import edited_recordings, panels, readings
from gatesviz.ui.feed.sources import keep_readable
from gatesviz.ui.left_out import warn_of_left_out
from gatesviz.ui.player import opening, stage

PART = "feed player"
"""Key of the part of the page with the player and what its models are."""
DESCRIPTION = "feed-description"
"""Key of what its models are, which says how many answers are right."""


@dataclass(frozen=True)
class Shown:
    """What the player shows now. The download buttons, which are drawn once, look here.

    A download is made without a session, so its functions hold the models that they need.

    Attributes:
        panels: one for each model.
        recorders: a function for each panel that records it with the player's edits, as text.
        scripts: a function for each panel that writes a script with edits that it can take. Empty
            if the sequence is too long for a script.
    """

    panels: list[Panel] = field(default_factory=list)
    recorders: list[Callable[[str], Recording]] = field(default_factory=list)
    scripts: list[Callable[[Ordered[Edit]], str]] = field(default_factory=list)


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
    models, file = yours(setup.cells) if setup.weights == YOURS else (), setup.file
    keep_readable(setup)
    read = readings(sequence, setup)
    now.panels[:] = panels(sequence, setup, read, written)
    now.recorders[:] = edited_recordings(sequence, setup)
    written_out = can_be_written(sequence, of_file=file is not None)
    now.scripts[:] = [
        partial(to_script, sequence, setup, index, models, file)
        for index in range(len(now.recorders) if written_out else 0)
    ]
    warn_of_left_out(file)
    about = file.about_answers(read[0].recording) if file is not None else ""
    if about:
        st.text(about)
    stage(payload(now.panels, select=opening("feed", Selection(playing=True))), key="feed")
    with st.container(key=DESCRIPTION):
        means = [gate_means(panel.trace) for panel in now.panels] if setup.weights == FRESH else []
        for sentence in (*described(setup), *filter(None, means)):
            if sentence != about:  # what is asked of a file stands above
                st.text(sentence)

"""Downloads of the page: the player as one file, and gates and states as arrays or CSV."""

import csv
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.player.payload import Panel, Selection
from gatesviz.recordings import Recording
from gatesviz.ui.player import offer_player, standing


def offer_files(
    panels: Sequence[Panel], recorders: Sequence[Callable[[str], Recording]], *, title: str
) -> None:
    """Draw the download buttons; each file is written when its button is pressed.

    ``recorders`` hold a function for each panel that records it with the player's edits, as text.
    """
    stands = standing("feed")
    st.write("**Download**")
    with st.container(horizontal=True):
        offer_player(panels, key="feed", title=title)
        for panel, recorder in zip(panels, recorders, strict=True):
            name = panel.trace.kind.name
            st.download_button(
                f"{name}: download gates and states as arrays",
                partial(_arrays, recorder, stands),
                f"gatesviz-{panel.trace.cell}.safetensors",
                "application/octet-stream",
                key=f"arrays {panel.trace.cell}",
                on_click="ignore",
                help="All gates and states, with your edits, in a safetensors file. Read it with"
                " gatesviz.load(path).",
            )
            st.download_button(
                f"{name}: download gates and states as CSV",
                partial(_table, recorder, stands),
                f"gatesviz-{panel.trace.cell}.csv",
                "text/csv",
                key=f"table {panel.trace.cell}",
                on_click="ignore",
                help="A CSV file with one row for each layer, direction, step and unit, with your"
                " edits.",
            )


def _arrays(recorder: Callable[[str], Recording], stands: Sequence[Selection]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.safetensors"
        recorder(stands[0].edits).save(path)
        return path.read_bytes()


def _table(recorder: Callable[[str], Recording], stands: Sequence[Selection]) -> str:
    text: str = (
        recorder(stands[0].edits).to_frame().to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    )
    return text

"""Downloads of the page: the player as one file, and gates and states as arrays or CSV."""

import csv
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.player.payload import Selection
from gatesviz.ui.feed.player import Shown, shown
from gatesviz.ui.player import offer_player, standing


def offer_files(cells: Sequence[str], *, title: str) -> None:
    """Draw the download buttons; each file is written when its button is pressed."""
    stands, now = standing("feed"), shown()
    st.write("**Download**")
    with st.container(horizontal=True):
        offer_player(now.panels, key="feed", title=title)
        for index, cell in enumerate(cells):
            name = CELLS[cell].name
            st.download_button(
                f"{name}: download gates and states as arrays",
                partial(_arrays, now, index, stands),
                f"gatesviz-{cell}.safetensors",
                "application/octet-stream",
                key=f"arrays {cell}",
                on_click="ignore",
                help="All gates and states, with your edits, in a safetensors file. Read it with"
                " gatesviz.load(path).",
            )
            st.download_button(
                f"{name}: download gates and states as CSV",
                partial(_table, now, index, stands),
                f"gatesviz-{cell}.csv",
                "text/csv",
                key=f"table {cell}",
                on_click="ignore",
                help="A CSV file with one row for each layer, direction, step and unit, with your"
                " edits.",
            )


def _arrays(now: Shown, index: int, stands: Sequence[Selection]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.safetensors"
        now.recorders[index](stands[0].edits).save(path)
        return path.read_bytes()


def _table(now: Shown, index: int, stands: Sequence[Selection]) -> str:
    frame = now.recorders[index](stands[0].edits).to_frame()
    text: str = frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    return text

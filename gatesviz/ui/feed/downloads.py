"""Downloads of the page: the player as one file, every array, and a table."""

import csv
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel, Selection
from gatesviz.recordings import Recording
from gatesviz.ui.feed.recordings import Reading
from gatesviz.ui.player import kept_edits


def offer_files(panels: Sequence[Panel], readings: Sequence[Reading], *, title: str) -> None:
    """Draw the download buttons; each file is written when its button is pressed."""
    edits = kept_edits("feed")
    st.write("**Download**")
    with st.container(horizontal=True):
        st.download_button(
            "Download the player (one HTML file)",
            lambda: to_html(panels, title=f"{title} · gatesviz", select=Selection(edits=edits[0])),
            "gatesviz-player.html",
            "text/html",
            on_click="ignore",
            help="It opens without internet. Use it in slides, on a course page or in an email.",
        )
        for panel, reading in zip(panels, readings, strict=True):
            name = panel.trace.kind.name
            st.download_button(
                f"{name}: download every array",
                partial(_arrays, reading.recording),
                f"gatesviz-{panel.trace.cell}.safetensors",
                "application/octet-stream",
                key=f"arrays {panel.trace.cell}",
                on_click="ignore",
                help="All gates and states in a safetensors file. Read it with"
                " gatesviz.load(path).",
            )
            st.download_button(
                f"{name}: download a table",
                partial(_table, reading.recording),
                f"gatesviz-{panel.trace.cell}.csv",
                "text/csv",
                key=f"table {panel.trace.cell}",
                on_click="ignore",
                help="A CSV file with one row for each layer, direction, step and unit.",
            )


def _arrays(recording: Recording) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.safetensors"
        recording.save(path)
        return path.read_bytes()


def _table(recording: Recording) -> str:
    text: str = recording.to_frame().to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    return text

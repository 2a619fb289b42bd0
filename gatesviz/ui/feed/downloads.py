"""What the reader takes home: the player as one file, every array, a table."""

import csv
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel
from gatesviz.recordings import Recording
from gatesviz.ui.feed.recordings import Reading


def offer_files(panels: Sequence[Panel], made: Sequence[Reading], *, title: str) -> None:
    """Draw the download buttons; each file is made when its button is pressed."""
    st.write("**Take it with you**")
    with st.container(horizontal=True):
        st.download_button(
            "Player, one HTML file",
            lambda: to_html(panels, title=f"{title} · gatesviz"),
            "gatesviz-player.html",
            "text/html",
            on_click="ignore",
            help="Opens offline: for slides, a course page, a mail.",
        )
        for panel, one in zip(panels, made, strict=True):
            name = panel.trace.kind.name
            st.download_button(
                f"{name}: every array",
                partial(_arrays, one.recording),
                f"gatesviz-{panel.trace.cell}.safetensors",
                "application/octet-stream",
                key=f"arrays {panel.trace.cell}",
                on_click="ignore",
                help="safetensors; gatesviz.load(path) reads it back.",
            )
            st.download_button(
                f"{name}: table",
                partial(_table, one.recording),
                f"gatesviz-{panel.trace.cell}.csv",
                "text/csv",
                key=f"table {panel.trace.cell}",
                on_click="ignore",
                help="CSV: a row for each layer, direction, step and unit.",
            )


def _arrays(recording: Recording) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.safetensors"
        recording.save(path)
        return path.read_bytes()


def _table(recording: Recording) -> str:
    text: str = recording.to_frame().to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    return text

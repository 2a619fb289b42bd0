"""Downloads: the player as one file, gates and states as arrays or CSV, and a script."""

import csv
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.player.payload import Selection
from gatesviz.ui.downloads import download_row
from gatesviz.ui.feed.player import Shown, shown
from gatesviz.ui.player import offer_player, standing


def offer_files(cells: Sequence[str], *, title: str) -> None:
    """Draw the download buttons; each file is written when its button is pressed."""
    stands, now = standing("feed"), shown()
    with download_row("feed"):
        offer_player(now.panels, key="feed", title=title)
        for index, cell in enumerate(cells):
            name = CELLS[cell].name
            for file in _FILES[: None if index < len(now.scripts) else -1]:
                st.download_button(
                    f"{name}: download {file.label}",
                    partial(file.write, now, index, stands),
                    f"gatesviz-{cell}{file.ending}",
                    file.mime,
                    key=f"{file.label} {cell}",
                    on_click="ignore",
                    help=file.help,
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


def _script(now: Shown, index: int, stands: Sequence[Selection]) -> str:
    return now.scripts[index](now.recorders[index](stands[0].edits).edits)


class _File(NamedTuple):
    """A file of one cell: what it is called, and the function that writes it."""

    label: str
    write: Callable[[Shown, int, Sequence[Selection]], bytes | str]
    ending: str
    mime: str
    help: str


_FILES = (
    _File(
        "gates and states as arrays", _arrays, ".safetensors", "application/octet-stream",
        "All gates and states as arrays, with your edits (a safetensors file). Read it with"
        " gatesviz.load(path).",
    ),
    _File(
        "gates and states as CSV", _table, ".csv", "text/csv",
        "A CSV file with one row for each layer, direction, step and unit, with your edits.",
    ),
    _File(
        "as a Python script", _script, "-edits.py", "text/x-python",
        "A Python script that records this sequence with gv.record, with and without your edits.",
    ),
)  # fmt: skip
"""The script, which not every input has, comes last."""

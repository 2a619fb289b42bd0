"""Downloads: each run as one file, and as a script in plain PyTorch."""

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.engine import View
from gatesviz.training import OwnData
from gatesviz.ui.downloads import download_row
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.user_data import offer_own


def offer_files(views: Mapping[str, View]) -> None:
    """Draw the download buttons. A file is made when its button is pressed."""
    idle = {cell: view for cell, view in views.items() if view.state and not view.busy}
    if not idle:
        return
    with download_row("train"):
        for cell, view in idle.items():
            st.download_button(
                f"{NAMES[cell]}: run",
                partial(run_file, view),
                run_file_name(cell),
                "application/octet-stream",
                key=f"run {cell}",
                on_click="ignore",
                help="A safetensors file. Open it here, or with gatesviz.training.open_run(path).",
            )
            st.download_button(
                f"{NAMES[cell]}: script",
                partial(script, view),
                f"gatesviz-run-{cell}.py",
                "text/x-python",
                key=f"script {cell}",
                on_click="ignore",
                help="Plain PyTorch code that repeats the run and prints its losses.",
            )
        data = next(iter(idle.values())).spec.task
        if isinstance(data, OwnData):
            offer_own(data)


def run_file_name(cell: str) -> str:
    """Return the name of the downloaded file of a run with this cell."""
    return f"gatesviz-run-{cell}.safetensors"


def run_file(view: View) -> bytes:
    """Return the file of a run."""
    from gatesviz.training import save_run

    if view.state is None:
        raise ValueError("this run has no updates yet, so there is nothing to save: train it first")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.safetensors"
        save_run(path, view.state, view.history)
        return path.read_bytes()


def script(view: View) -> str:
    """Return the script of a run, up to its last update."""
    from gatesviz.training import to_script

    rates = view.state.rates if view.state else ()
    return to_script(view.spec, updates=view.updates, rates=rates)

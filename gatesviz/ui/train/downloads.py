"""What the reader takes home: each run as one file, and as a script in plain PyTorch."""

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from gatesviz.engine import View
from gatesviz.training import OwnData
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.user_data import offer_own


def offer_files(views: Mapping[str, View]) -> None:
    """Draw the download buttons; each file is made when its button is pressed."""
    resting = {cell: view for cell, view in views.items() if view.state and not view.busy}
    if not resting:
        return
    st.write("**Take it with you**")
    with st.container(horizontal=True):
        for cell, view in resting.items():
            st.download_button(
                f"{NAMES[cell]}: the run",
                partial(run_file, view),
                f"gatesviz-run-{cell}.safetensors",
                "application/octet-stream",
                key=f"run {cell}",
                on_click="ignore",
                help="safetensors; gatesviz.training.open_run(path) reads it and it can go on.",
            )
            st.download_button(
                f"{NAMES[cell]}: the script",
                partial(script, view),
                f"gatesviz-run-{cell}.py",
                "text/x-python",
                key=f"script {cell}",
                on_click="ignore",
                help="Plain PyTorch that makes the same run and prints its losses.",
            )
        data = next(iter(resting.values())).spec.task
        if isinstance(data, OwnData):
            offer_own(data)


def run_file(view: View) -> bytes:
    """Return the file of a run."""
    from gatesviz.training import save_run

    if view.state is None:
        raise ValueError("this run has not begun, so there is nothing to save")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.safetensors"
        save_run(path, view.state, view.history)
        return path.read_bytes()


def script(view: View) -> str:
    """Return the script of a run as far as it has come."""
    from gatesviz.training import to_script

    rates = view.state.rates if view.state else ()
    return to_script(view.spec, updates=view.updates, rates=rates)

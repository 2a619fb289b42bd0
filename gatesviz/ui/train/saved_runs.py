"""Open a saved run with its settings, so that you can continue it."""

import tempfile
from dataclasses import fields
from pathlib import Path

import streamlit as st

from gatesviz.limits import RUN_BYTES, megabytes
from gatesviz.sequences.characters import shown
from gatesviz.sequences.encodings import kind_of_bytes
from gatesviz.training import History, OwnData, State, TrainingSpec, open_run
from gatesviz.ui.locks import SETS, is_locked
from gatesviz.ui.notices import refuse
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import NAMES, NO_WIDGET, SETTINGS
from gatesviz.ui.train.settings import alike, last_settings, widgets
from gatesviz.ui.uploads import content
from gatesviz.ui.user_data import bring_back

FILE, _OPENED = "train saved run", "train opened"
MEGABYTES = megabytes(RUN_BYTES)


def offer_opening() -> None:
    """Draw the widget. A file opens before the page is drawn again."""
    with st.expander("Open a saved run"):
        with st.container(key=f"{SETS} saved run"):
            st.file_uploader(
                "A run that you saved on this page", key=FILE, on_change=_open,
                max_upload_size=MEGABYTES,
                disabled=any(is_locked(field.key) for field in SETTINGS),  # a run sets all of them
                help="The page loads the run's settings and shows its last update. Each file holds"
                " one cell. To compare cells, open one file for each cell. Their runs must have the"
                " same settings.",
            )  # fmt: skip
        opened_run = st.session_state.get(_OPENED)
        if isinstance(opened_run, ValueError):
            refuse(opened_run)
        elif opened_run:
            st.text(opened_run)


def _open() -> None:
    """Open the run in the uploaded file and set the widgets to its settings."""
    file = st.session_state[FILE]
    st.session_state.pop(_OPENED, None)
    if file is None:
        return
    step_aside()  # a large file takes a while
    try:
        state, history = opened(content(file, RUN_BYTES), file.name)
        beside = [*_beside(state.spec), state.spec]
        session.take_up(state, history)
    except ValueError as error:
        st.session_state[_OPENED] = error
        return
    if isinstance(state.spec.task, OwnData):
        bring_back(state.spec.task)
    st.session_state.update(widgets(beside, state.rates))
    name = NAMES[state.spec.cell]
    file_name = shown(file.name, 40)
    st.session_state[_OPENED] = f"{file_name}: {name} after {state.updates:,} updates."


def opened(data: bytes, name: str) -> tuple[State, History]:
    """Return the run in an uploaded file.

    Raises:
        ValueError: if it is not a run, or one that this page can't show.
    """
    RUN_BYTES.check(len(data))
    other = None if data[8:9] == b"{" else kind_of_bytes(data)  # a run begins with any 8 bytes
    if other:
        raise ValueError(
            f"“{shown(name, 60)}” is {other[0]}, not a saved run: choose a .safetensors file from"
            " this page"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        path.write_bytes(data)
        try:
            state, history = open_run(path)
        except ValueError as error:  # the file has another name for the reader
            raise ValueError(str(error).replace(str(path), f"“{shown(name, 60)}”")) from error
    if state.spec.cell not in NAMES:
        raise ValueError(
            f"this run's cell is {state.spec.cell}. This page can show {', '.join(NAMES)}"
        )
    for field in fields(state.spec):
        value = getattr(state.spec, field.name)
        if field.name in NO_WIDGET and value != field.default:
            raise ValueError(
                f"this run has {field.name}={value}, and this page has no such setting: open it in"
                " Python with gatesviz.training.open_run"
            )
    return state, history


def _beside(spec: TrainingSpec) -> list[TrainingSpec]:
    """Return the specs of the page's runs that differ from ``spec`` only in the cell."""
    settings = last_settings()
    if settings is None:
        return []
    others = [view.spec for view in session.views(settings).values() if view.spec.cell != spec.cell]
    return others if alike([*others, spec]) else []

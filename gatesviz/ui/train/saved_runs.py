"""Open a run that was saved: it comes back with its settings and can go on."""

import tempfile
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import streamlit as st

from gatesviz.limits import RUN_BYTES, megabytes
from gatesviz.sequences.characters import shown
from gatesviz.sequences.encodings import kind_of_bytes
from gatesviz.training import History, OwnData, State, TrainingSpec, open_run
from gatesviz.ui.notices import refuse
from gatesviz.ui.train import session
from gatesviz.ui.train.advanced import of_cell
from gatesviz.ui.train.parameters import BIASES, CELLS_CHOICES, NAMES, RUN
from gatesviz.ui.train.rate_changes import written
from gatesviz.ui.train.settings import last_settings, title
from gatesviz.ui.uploads import content
from gatesviz.ui.user_data import take

FILE, _TOLD = "train saved run", "train opened"
NO_SETTING = ("gain", "convolution", "attention", "carry", "forget_gate", "gate_bias")
MEGABYTES = megabytes(RUN_BYTES)


def offer_opening() -> None:
    """Draw the widget; a file is opened before the page is drawn again."""
    with st.expander("Open a saved run"):
        st.file_uploader(
            "A run that this page saved", key=FILE, on_change=_open,
            max_upload_size=MEGABYTES,
            help="It comes back with its settings and goes on where it was. Open the other cells'"
            " files of the same settings, too, to compare them.",
        )  # fmt: skip
        told = st.session_state.get(_TOLD)
        if isinstance(told, ValueError):
            refuse(told)
        elif told:
            st.text(told)


def _open() -> None:
    """Take up the run of the uploaded file and set the page's widgets to its settings."""
    file = st.session_state[FILE]
    st.session_state.pop(_TOLD, None)
    if file is None:
        return
    try:
        state, history = opened(content(file, RUN_BYTES), file.name)
        beside = [*_beside(state.spec), state.spec]
        session.take_up(state, history)
    except ValueError as error:
        st.session_state[_TOLD] = error
        return
    if isinstance(state.spec.task, OwnData):
        take(state.spec.task)
    st.session_state.update(widgets(beside, state))
    name = NAMES[state.spec.cell]
    st.session_state[_TOLD] = f"{shown(file.name, 40)}: {name} after {state.updates:,} updates."


def opened(data: bytes, name: str) -> tuple[State, History]:
    """Return the run in an uploaded file.

    Raises:
        ValueError: if it is none, or one that this page cannot show.
    """
    RUN_BYTES.check(len(data))
    other = None if data[8:9] == b"{" else kind_of_bytes(data)  # a run begins with any 8 bytes
    if other:
        raise ValueError(
            f"“{shown(name, 60)}” is {other[0]}, not a saved run: choose a .safetensors file that"
            " this page saved"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        path.write_bytes(data)
        try:
            state, history = open_run(path)
        except ValueError as error:  # the reader knows the file by another name
            raise ValueError(str(error).replace(str(path), f"“{shown(name, 60)}”")) from error
    if state.spec.cell not in NAMES:
        raise ValueError(
            f"this run's cell is {state.spec.cell}, this page shows {', '.join(NAMES)}"
        )
    for field in fields(state.spec):
        value = getattr(state.spec, field.name)
        if field.name in NO_SETTING and value != field.default:
            raise ValueError(
                f"this run was made with {field.name} {value}, for which this page has no setting:"
                " gatesviz.training.open_run opens it in Python"
            )
    return state, history


def widgets(specs: list[TrainingSpec], state: State) -> Mapping[str, Any]:
    """Return what the page's widgets must hold to show the run beside others like it."""
    spec, biases = state.spec, biases_of(specs)
    cells = {other.cell for other in specs}
    others = st.session_state.get("trend", 0) if len(specs) > 1 else 0
    label = next(name for name, several in CELLS_CHOICES.items() if set(several) == cells)
    held = {
        "trtask": title(spec.task),
        "trcells": label,
        "trhidden": spec.hidden_size,
        "trrate": float(spec.learning_rate),
        "trseed": spec.seed,
        "trend": min(RUN.high, max(RUN.low, state.updates, others)),
        "trequal": spec.equal,
        "trlayers": spec.layers,
        "trboth": spec.bidirectional,
        "trlength": spec.length,
        "trbatch": spec.batch_size,
        "trdata": spec.data_size,
        "tropt": spec.optimiser,
        "trclip": spec.clip is not None,
        "trrates": written(state.rates),
        "trinit": biases["bias"],
    }
    held |= {"trdrop": float(spec.dropout)} if spec.layers > 1 else {}
    held |= {} if spec.clip is None else {"trnorm": float(spec.clip)}
    given = biases["forget_bias"]
    return held | ({} if given is None else {"trbias": float(given)})


def biases_of(specs: list[TrainingSpec]) -> dict[str, Any]:
    """Return the page's choice of first biases that gives every one of ``specs`` its own."""
    given = next((spec.forget_bias for spec in specs if spec.cell == "lstm"), None)
    if any(spec.chrono for spec in specs):
        return {"bias": BIASES[2], "forget_bias": None}
    without = given is None and any(spec.cell == "lstm" for spec in specs)
    return {"bias": BIASES[1] if without else BIASES[0], "forget_bias": given}


def _beside(spec: TrainingSpec) -> list[TrainingSpec]:
    """Return the specs of runs on the page that differ in nothing but the cell."""
    settings = last_settings()
    if settings is None:
        return []
    others = [view.spec for view in session.views(settings).values() if view.spec.cell != spec.cell]
    biases = biases_of([*others, spec])
    return others if all(_alike(other, spec, biases) for other in [*others, spec]) else []


def _alike(one: TrainingSpec, other: TrainingSpec, biases: Mapping[str, Any]) -> bool:
    return replace(other, cell=one.cell, **of_cell(one.cell, biases)) == one

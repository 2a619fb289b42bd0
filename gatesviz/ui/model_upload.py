"""Your own model file on the pages: the widgets, the checks, and its place in the session.

The file stays in the browser session, since a link cannot carry weights. A link carries the cell
and the sizes, so the page can say which model is missing.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st
from streamlit.typing import UploadedFile

from gatesviz.cells import CELLS, find_cell
from gatesviz.limits import (
    MODEL_UPLOAD,
    MODEL_WEIGHTS,
    SHOWN_WEIGHTS,
    megabytes,
)
from gatesviz.sequences.characters import shown
from gatesviz.ui.file_choices import PARAMETERS as CHOICES
from gatesviz.ui.file_choices import forget_choices, renew_menus
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.held_models import Held, Upload, hold, on_disk
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.model_menus import (
    NUMBERS,
    ONE_HOT,
    choose_cell,
    choose_input,
    choose_part,
    choose_readout,
    forget_refusal,
    of_menus,
    with_meaning,
    with_readout_input,
    with_vocabulary,
)
from gatesviz.ui.notices import note_waiting, refuse, sentence
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.uploads import content

if TYPE_CHECKING:
    from gatesviz.model_files import OpenedModel

FILE = "your file"
"""The choice of weights on every page that takes a model from a file."""
MISSING = (
    "This link refers to a model from a file: {}. Links don't carry weights. Upload the file to"
    " open it."
)
BACKWARDS = (
    "“{}” reads a sequence from its last step to its first, which the pages can't show. In Python,"
    " gatesviz.open_model opens it, and features(text) returns the steps in that order"
)
UNKNOWN_CELL = "Choose the nonlinearity of the RNN. Its weights don't show it."
UNKNOWN_INPUT = "Choose what the model reads at each step. Its weights don't show it."
_MODELS, _UPLOAD, _REFUSED = "file models", "model upload", "model refused"
_LINKED, _OURS = "file of the link", "file that the page put into the address"
_LACKS = "model choice missing"
_CODE = re.compile(r"([a-z_]{1,40})-(\d{1,6})-(\d{1,6})-(\d{1,2})-([12])")


@dataclass(frozen=True)
class Arguments:
    """Arguments of `gatesviz.open_model`, as chosen on the page."""

    part: str
    cell: str
    embedding: str | None
    readout: str | Literal[False] | None


def describe(code: str) -> str:
    """Return in words what the link's parameter ``file`` says.

    Raises:
        ValueError: if it isn't "CELL-I-H-LAYERS-DIRECTIONS".
    """
    found = _CODE.fullmatch(code)
    if found is None or found[1] not in CELLS:
        raise ValueError("expected the cell and sizes of a model, such as lstm-20-64-2-1")
    layers = f", {found[4]} layers" if found[4] != "1" else ""
    both = ", both directions" if found[5] == "2" else ""
    return f"{find_cell(found[1]).name}, I={found[2]}, H={found[3]}{layers}{both}"


PARAMETERS: Mapping[str, Parameter] = {"file": Text(80, describe), **CHOICES}


def file_model(key: str | None = None) -> FileModel | None:
    """Return the model that was opened last in this session, or the one with this key, or None."""
    models: dict[str, FileModel] = st.session_state.get(_MODELS, {})
    return next(reversed(models.values()), None) if key is None else models.get(key)


def _keep(model: FileModel) -> None:
    """Keep the model and the one before it, which the page shows while a choice is missing."""
    models: dict[str, FileModel] = st.session_state.setdefault(_MODELS, {})
    models.pop(model.key, None)
    models[model.key] = model
    for oldest in [*models][:-2]:
        del models[oldest]


def choose_file() -> FileModel | None:
    """Draw the widgets, and return the model of the file; None before there is one.

    An unreadable file gets one sentence, and the earlier file stays in use.
    """
    uploaded = st.file_uploader(
        "Model file",
        max_upload_size=megabytes(MODEL_UPLOAD),
        key="model file",
        help="PyTorch (a state dict or a checkpoint), safetensors, Keras or ONNX, up to"
        f" {megabytes(MODEL_UPLOAD)} MB. No code in the file is run. The file is kept only while"
        " this page is open.",
    )
    if uploaded is not None:
        _receive(uploaded)
    elif _UPLOAD not in st.session_state:
        _receive_opened()
    st.session_state.pop(_LACKS, None)
    if (code := st.query_params.get("file", "")) != st.session_state.get(_OURS):
        st.session_state[_LINKED] = code
    held: Held | None = st.session_state.get(_UPLOAD)
    if held is None:
        named = file_of_link()
        st.info(MISSING.format(named) if named else "Upload a model file.")
        return None
    if uploaded is None or uploaded.file_id != held.file_id:
        st.text(f"In use: {shown(held.name, 60)}")
    model = _open(held)
    if model is not None:
        _keep(model)
        _compare_with_link(model)
    return model


def _compare_with_link(model: FileModel) -> None:
    """Say that the file isn't the one for which the link was made, until one with its sizes was."""
    linked: str = st.session_state[_LINKED]
    if linked == model.code:
        st.session_state[_LINKED] = ""
    elif linked and not PARAMETERS["file"].problem(linked):
        st.text(
            f"The link was made with another model: {describe(linked)}. This file has"
            f" {describe(model.code)}."
        )


def missing_choice() -> str:
    """Return what has to be chosen before the file can be opened, as a sentence; "" if nothing."""
    found: str = st.session_state.get(_LACKS, "")
    return found


def upload_first() -> str:
    """Return what the page waits for while there is no model, as sentences beside the sidebar."""
    note_waiting()
    choice, named = missing_choice(), file_of_link()
    if choice:
        return f"{choice} The menu is in the sidebar."
    if named:
        return f"{MISSING.format(named)} The upload is in the sidebar."
    return "Upload a model file in the sidebar, or choose another model."


def _lack(choice: str) -> None:
    st.info(choice)
    st.session_state[_LACKS] = choice


def file_of_link() -> str:
    """Return the cell and sizes of the model that the link refers to, in words; "" if none."""
    code = st.query_params.get("file", "")
    return describe(code) if code and not PARAMETERS["file"].problem(code) else ""


def name_file_in_link(used: bool) -> None:
    """Put the cell and sizes of the file's model into the address if it is ``used``.

    While a question about a file is open, an earlier file's are removed, but not those of a link.
    """
    model, named = file_model(), st.query_params.get("file")
    if used and model is not None and not missing_choice():
        if named != model.code:
            st.query_params["file"] = model.code
        st.session_state[_OURS] = model.code
    elif named is not None and (not used or named == st.session_state.get(_OURS)):
        del st.query_params["file"]
    if not used:
        forget_choices()


def _receive(uploaded: UploadedFile) -> None:
    """Store an uploaded file in the session, or say why it can't be opened."""
    held: Held | None = st.session_state.get(_UPLOAD)
    if held is not None and held.file_id == uploaded.file_id:
        return
    refused_id, why = st.session_state.get(_REFUSED, ("", ""))
    if refused_id != uploaded.file_id:
        try:
            with st.spinner("Reading the file…"):
                found = hold(uploaded.name, content(uploaded, MODEL_UPLOAD), uploaded.file_id)
        except (ValueError, OSError, ImportError) as error:
            why = sentence(error)
            st.session_state[_REFUSED] = uploaded.file_id, why
        else:
            st.session_state[_UPLOAD] = found
            renew_menus()
            return
    refuse(ValueError(why))
    if held is not None:
        st.write("The earlier file stays in use.")


def _receive_opened() -> None:
    """Use the file that ``gatesviz open`` was given, if the server was started so."""
    given = opened_file()
    if given is None:
        return
    from gatesviz.model_files import choices_of

    path = Path(given.model)
    try:
        found, choices, words = path.stat(), choices_of(path), given.read_vocabulary()
    except (ValueError, OSError, ImportError) as error:
        refuse(error)
        return
    digest = f"{path} {found.st_mtime_ns} {found.st_size}"
    held = Held(given.name, "", Upload(digest, b"", path), choices)
    st.session_state[_UPLOAD] = held
    renew_menus()
    if words:
        st.session_state["file vocabulary"] = words


def _open(held: Held) -> FileModel | None:
    """Draw the choices, and return the model; None if a choice is missing or doesn't fit."""
    part = choose_part(held)
    try:
        SHOWN_WEIGHTS.check(part.weights)
    except ValueError as error:
        fits = part.weights <= MODEL_WEIGHTS.high
        refuse(ValueError(f"{error}{'. In Python, gatesviz.open_model opens it' if fits else ''}"))
        return None
    if part.backwards:
        refuse(ValueError(BACKWARDS.format(shown(part.name, 40))))
        return None
    given = opened_file() if held.upload.path is not None else None
    table = given is not None and bool(given.table)
    cell, reads = choose_cell(part), choose_input(part, table=table)
    readout = choose_readout(part, reads)
    if cell is None or reads is None:
        alone = Arguments(part.name, cell or part.cells[0], None, False)
        try:  # a file with a fault has no questions to answer
            _opened(held.upload.digest, held.name, alone, held.upload)
        except (ValueError, OSError, ImportError) as error:
            refuse(error)
            return None
        _lack(UNKNOWN_CELL if cell is None else UNKNOWN_INPUT)
        return None
    embedding = reads if reads not in (NUMBERS, ONE_HOT) else None
    chosen = Arguments(part.name, cell, embedding, readout)
    try:
        opened = _opened(held.upload.digest, held.name, chosen, held.upload)
    except (ValueError, OSError, ImportError) as error:
        refuse(error)
        return None
    opened = replace(opened, notes=tuple(map(of_menus, opened.notes)))
    spelled = reads != NUMBERS
    forget_refusal()
    asks = spelled and opened.vocabulary is None
    if asks:
        opened = with_vocabulary(opened)
    pasted = asks and opened.vocabulary is not None
    words = hashlib.sha256("\0".join(opened.vocabulary or ()).encode("utf-8", "replace"))
    key = f"{held.upload.digest} {chosen} {spelled} {words.hexdigest()}"
    return with_meaning(with_readout_input(FileModel(key, opened, spelled, pasted=pasted)))


@st.cache_resource(max_entries=4, ttl=3600, show_spinner="Opening the file…")
def _opened(digest: str, name: str, chosen: Arguments, _upload: Upload) -> "OpenedModel":
    """Return the opened model. ``digest`` identifies the bytes of the upload."""
    from gatesviz.model_files import open_model

    with on_disk(_upload, name) as path:
        return open_model(
            path,
            part=chosen.part,
            cell=chosen.cell,
            embedding=chosen.embedding or False,
            readout=chosen.readout,
        )

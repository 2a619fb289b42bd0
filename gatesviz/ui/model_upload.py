"""Your own model file on the pages: the widgets, the checks, and its place in the session.

The file stays in the browser session, since a link cannot carry weights. A link carries the cell
and the sizes, so the page can say which model is missing.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.typing import UploadedFile

from gatesviz.cells import CELLS, find_cell
from gatesviz.limits import (
    MODEL_UPLOAD,
    SHOWN_WEIGHTS,
    TYPED_CHARACTERS,
    megabytes,
)
from gatesviz.sequences.characters import shown
from gatesviz.ui.file_model import MEANINGS, FileModel
from gatesviz.ui.folders import app_folder
from gatesviz.ui.held_models import Held, Upload, hold, on_disk
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.uploads import content
from gatesviz.ui.widget_memory import remember, restore

if TYPE_CHECKING:
    from gatesviz.model_files import OpenedModel, PartChoices

FILE = "your file"
"""The choice of weights on every page that takes a model from a file."""
NUMBERS, ONE_HOT = "numbers", "one-hot entries of a vocabulary"
NONE = "none"
MISSING = (
    "This link refers to a model from a file: {}. Links don't carry weights. Upload the file to"
    " open it."
)
UNKNOWN_CELL = "Choose the nonlinearity of the RNN. Its weights don't show it."
UNKNOWN_INPUT = "Choose what the model reads at each step. Its weights don't show it."
_MODELS, _UPLOAD, _REFUSED = "file models", "model upload", "model refused"
_NUMBER = "model file number"
_ACTIVATIONS = {"rnn_tanh": "tanh", "rnn_relu": "relu"}
_CODE = re.compile(r"([a-z_]{1,40})-(\d{1,6})-(\d{1,6})-(\d{1,2})-([12])")


@dataclass(frozen=True)
class Arguments:
    """Arguments of `gatesviz.open_model`, as chosen on the page."""

    part: str
    cell: str
    embedding: str | None
    readout: str | None


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


PARAMETERS: Mapping[str, Parameter] = {"file": Text(80, describe)}


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
    return model


def file_of_link() -> str:
    """Return the cell and sizes of the model that the link refers to, in words; "" if none."""
    code = st.query_params.get("file", "")
    return describe(code) if code and not PARAMETERS["file"].problem(code) else ""


def offer_upload() -> None:
    """Say which model a link refers to, and where to upload it."""
    named = file_of_link()
    st.info(MISSING.format(named or "its sizes aren't named"))
    st.page_link(
        app_folder() / "pages" / "feed.py",
        label="Upload the file",
        query_params={"weights": FILE, "file": st.query_params["file"]}
        if named
        else {"weights": FILE},
    )


def name_file_in_link(used: bool) -> None:
    """Put the cell and sizes of the file's model into the address if it is ``used``."""
    model = file_model()
    if used and model is not None:
        if st.query_params.get("file") != model.code:
            st.query_params["file"] = model.code
    elif not used and "file" in st.query_params:
        del st.query_params["file"]


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
            st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1  # new widgets
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
        found, choices = path.stat(), choices_of(path)
    except (ValueError, OSError, ImportError) as error:
        refuse(error)
        return
    digest = f"{path} {found.st_mtime_ns} {found.st_size}"
    held = Held(given.name, "", Upload(digest, b"", path), choices)
    st.session_state[_UPLOAD], st.session_state[_NUMBER] = held, 1
    if given.vocabulary:
        st.session_state["file vocabulary"] = given.vocabulary


def _open(held: Held) -> FileModel | None:
    """Draw the choices, and return the model; None if a choice is missing or doesn't fit."""
    part = _choose_part(held)
    try:
        SHOWN_WEIGHTS.check(part.weights)
    except ValueError as error:
        refuse(ValueError(f"{error}. In Python, gatesviz.open_model opens it"))
        return None
    cell, reads = _choose_cell(part), _choose_input(part)
    readout = _choose_readout(part)
    if cell is None or reads is None:
        st.info(UNKNOWN_CELL if cell is None else UNKNOWN_INPUT)
        return None
    embedding = reads if reads not in (NUMBERS, ONE_HOT) else None
    chosen = Arguments(part.name, cell, embedding, readout)
    try:
        opened = _opened(held.upload.digest, held.name, chosen, held.upload)
    except (ValueError, OSError, ImportError) as error:
        refuse(error)
        return None
    spelled = reads != NUMBERS
    if spelled and opened.vocabulary is None:
        opened = _with_vocabulary(opened)
    words = hashlib.sha256("\0".join(opened.vocabulary or ()).encode("utf-8", "replace"))
    key = f"{held.upload.digest} {chosen} {spelled} {words.hexdigest()}"
    return _with_meaning(FileModel(key, opened, spelled))


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
            readout=chosen.readout or False,
        )


def _choose_part(held: Held) -> "PartChoices":
    by_label = {f"{shown(one.name, 40)}: {one.sizes}": one for one in held.parts}
    if len(held.parts) == 1:
        return held.parts[0]
    return by_label[_select("Recurrent part", [*by_label], "file part") or next(iter(by_label))]


def _choose_cell(part: "PartChoices") -> str | None:
    if len(part.cells) == 1:
        return part.cells[0]
    names = {find_cell(key).short: key for key in part.cells}
    unsure = part.cells[0].startswith("rnn")
    label = _select(
        "Nonlinearity of the RNN" if unsure else "Cell",
        [*names],
        "file cell",
        format_func=lambda short: _ACTIVATIONS.get(names[short], short),
        index=None if unsure else 0,
        placeholder="Choose tanh or relu",
    )
    return names.get(label or "")


def _choose_input(part: "PartChoices") -> str | None:
    options = [*part.embeddings, ONE_HOT, NUMBERS]
    likely = part.embedding or (ONE_HOT if part.spelled else None)
    if likely is None and part.input_size == 1:
        likely = NUMBERS
    return _select(
        "The model reads",
        options,
        "file input",
        format_func=lambda name: (
            name if name in (NUMBERS, ONE_HOT) else f"entries of the embedding {shown(name, 40)}"
        ),
        index=None if likely is None else options.index(likely),
        placeholder="Choose it",
    )


def _choose_readout(part: "PartChoices") -> str | None:
    if len(part.readouts) < 2 and part.readout is not None:
        return part.readout
    if not part.readouts:
        return None
    options = [*part.readouts, NONE]
    index = options.index(part.readout or NONE)
    label = _select("Readout", options, "file readout", index=index, format_func=_short)
    return None if label == NONE else label


def _with_vocabulary(opened: "OpenedModel") -> "OpenedModel":
    """Ask for the vocabulary, and return the model with it, or as it is."""
    from gatesviz.model_files import read_vocabulary

    count = (
        opened.module.input_size if opened.embedding is None else opened.embedding.num_embeddings
    )
    restore("file vocabulary")
    text = st.text_area(
        f"Vocabulary: {count:,} entries in order",
        key="file vocabulary",
        height=96,
        max_chars=TYPED_CHARACTERS.high,
        help="Paste a JSON list or mapping, one entry a line, or a line with all characters. Entry"
        " 0 comes first.",
    )
    remember("file vocabulary")
    if not text:
        st.write(
            "The file doesn't say which entry is which character or word. Paste the vocabulary, or"
            " choose the input “numbers” and type numbers of entries."
        )
        return opened
    try:
        return replace(opened, vocabulary=tuple(read_vocabulary(text, [count])))
    except (ValueError, TypeError) as error:
        refuse(error)
        return opened


def _with_meaning(model: FileModel) -> FileModel:
    """Ask what the readout's answers mean, if its shape leaves that open."""
    if not model.undecided:
        return model
    label = _select(
        "The readout gives",
        [*MEANINGS],
        "file meaning",
        format_func=lambda means: means.format(model.undecided),
        index=None,
        placeholder="Choose it to see the answers",
    )
    return replace(model, means=label or "", key=f"{model.key} {label}")


def _select(
    label: str, options: Sequence[str], key: str, index: int | None = 0, **more: Any
) -> str | None:
    """Draw a menu that keeps its choice while it is not on the page."""
    key = f"{key} {st.session_state[_NUMBER]}"
    restore(key)
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    chosen: str | None = st.selectbox(label, options, index, key=key, **more)
    remember(key)
    return chosen


def _short(name: str) -> str:
    return shown(name, 60)

"""Many sequences for each model, and one text that the reader typed."""

import numpy as np
import streamlit as st

from gatesviz.detective import properties
from gatesviz.experiments.changes import network
from gatesviz.experiments.what_if import fresh_sequences
from gatesviz.limits import STEPS
from gatesviz.recordings import record
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks import Batch, Task
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.file_readings import read_file
from gatesviz.ui.find_unit.long_text import CUT
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.reading import Labels, Reading, numbered, spelled
from gatesviz.ui.script_turns import step_aside

PIECES = ("characters", "own_text")
"""Tasks whose sequences are pieces of a longer text."""


def read_many(examined: Examined) -> Reading:
    """Return many sequences that the model was not trained on.

    Raises:
        ValueError: if there are none for this model.
    """
    return _many(examined.key, examined)


@st.cache_resource(max_entries=6, ttl=1800, show_spinner="Recording many sequences…")
def _many(key: str, _examined: Examined) -> Reading:
    step_aside()  # a large model reads for seconds
    if isinstance(_examined.model, FileModel):
        return read_file(_examined, _examined.model)
    task, net = _examined.model.task, network(_examined.model)
    count = _examined.sequences(net.length)
    batch = fresh_sequences(_examined.model, count)
    inputs = batch.inputs.numpy()
    texts = None if task.vocabulary is None else properties.spell(inputs, task.vocabulary)
    return Reading(
        record(net.module, net.features(batch.inputs)),
        texts,
        spelled(texts) if texts is not None else numbered(inputs),
        f"{count} held-out sequences of “{task.title}”",
        _expected(task, batch),
        count,
        begins=CUT if task.key in PIECES else "",
    )


def read_own(examined: Examined, text: str) -> Reading:
    """Return one text that the reader typed.

    Raises:
        ValueError: if the model can't read it.
    """
    import torch

    model, about = examined.model, f"your text “{shown(text, 24)}”"
    if isinstance(model, FileModel):
        sequence = model.read(model.read_text(text))
        symbols = [(model.vocabulary or ())[int(k)] for k in sequence.values[:, 0]]
        inputs = model.inputs(sequence)[:, None]
        return Reading(record(model.module, inputs), [symbols], [[*sequence.labels]], about)
    known = model.task.vocabulary or ()
    symbols = [*respell(text, known).text]
    STEPS.check(len(symbols))
    net = network(model)
    rows = torch.eye(len(known))[[known.index(symbol) for symbol in symbols]][:, None]
    return Reading(record(net.module, net.features(rows)), [symbols], spelled([symbols]), about)


def _expected(task: Task, batch: Batch) -> Labels | None:
    if task.several:
        return None
    mask, targets = batch.mask.numpy(), batch.targets.numpy()
    if task.kind == "number":
        numbers: Labels = np.where(mask, targets, np.nan).astype(np.float64)
        return numbers
    named: Labels = np.array(task.answer_names, object)[targets]
    named[~mask] = None
    return named

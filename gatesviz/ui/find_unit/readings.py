"""Many sequences for each model, and the texts that the reader typed."""

from typing import Any

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
from gatesviz.ui.find_unit.amounts import amount_of, check_size, padded_steps
from gatesviz.ui.find_unit.file_readings import read_file
from gatesviz.ui.find_unit.long_text import CUT, LINES
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import OWN_SEQUENCES
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


def read_given(examined: Examined) -> Reading | None:
    """Return the reader's texts for a trained model; None if it reads sequences of its task.

    Raises:
        ValueError: if the model can't read them.
    """
    given = examined.given
    if given is None or isinstance(examined.model, FileModel):
        return None
    if given.problem:
        raise ValueError(given.problem)
    return _own(f"{examined.key} {given.key}", examined, given.text, given.lines)


def read_own(examined: Examined, text: str) -> Reading:
    """Return one text that the reader typed.

    Raises:
        ValueError: if the model can't read it.
    """
    model = examined.model
    if not isinstance(model, FileModel):
        return _in_letters(examined, text, lines=False)
    sequence = model.read(model.read_text(text))
    symbols = [(model.vocabulary or ())[int(k)] for k in sequence.values[:, 0]]
    inputs = model.inputs(sequence)[:, None]
    about = f"your text “{shown(text, 24)}”"
    return Reading(record(model.module, inputs), [symbols], [[*sequence.labels]], about)


@st.cache_resource(max_entries=6, ttl=1800, show_spinner=False)
def _own(key: str, _examined: Examined, text: str, lines: bool) -> Reading:
    step_aside()
    return _in_letters(_examined, text, lines=lines)


def _in_letters(examined: Examined, text: str, *, lines: bool) -> Reading:
    """Return a text, or each line of it, in the characters of a trained model.

    A line of which the model knows fewer than two characters is left out.

    Raises:
        ValueError: if none is left, one is too long, or they are too many.
    """
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence

    model = examined.model
    assert not isinstance(model, FileModel)
    known = model.task.vocabulary or ()
    texts = [[*respell(line, known).text] for line in (text.splitlines() if lines else [text])]
    if lines:
        texts = [one for one in texts if len(one) >= STEPS.low][:OWN_SEQUENCES]
    for one in texts or [[]]:
        STEPS.check(len(one))
    places = [0, *np.cumsum([len(one) for one in texts]).tolist()]
    check_size(examined, padded_steps(places))
    lengths = [len(one) for one in texts]
    rows = torch.zeros(max(lengths), len(texts), len(known))
    for k, one in enumerate(texts):
        rows[: len(one), k] = torch.eye(len(known))[[known.index(symbol) for symbol in one]]
    net = network(model)
    read: Any = net.features(rows)
    if len(texts) > 1:
        read = pack_padded_sequence(read, torch.tensor(lengths), enforce_sorted=False)
    about = f"your text “{shown(text, 24)}”"
    if lines:
        about = f"{amount_of(places)}, from your text, one for each line of it"
    begins = LINES if len(texts) > 1 else ""
    return Reading(record(net.module, read), texts, spelled(texts), about, begins=begins)


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

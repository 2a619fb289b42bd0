"""Sequences as a model reads them, and their recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gatesviz.detective import Probe, properties
from gatesviz.detective.next_entry import NextEntry
from gatesviz.experiments.what_if import FRESH, fresh_sequences, network
from gatesviz.limits import READ_AT_ONCE, SEED, STEPS
from gatesviz.recordings import Recording, record
from gatesviz.sequences import visible
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks import TASKS, Batch, Task
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.script_turns import step_aside

if TYPE_CHECKING:
    from torch import Tensor

Labels = NDArray[Any]
NUMBERS_ONLY = (
    "This page has no sequences of {:,} numbers at each step. In Python, gatesviz.rank takes any"
    " recording"
)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a model reads: B sequences of T steps.

    Attributes:
        recording: of all of them.
        texts: B lists of T symbols; None for numbers.
        labels: B lists of T labels for people.
        about: a sentence that says what is read.
        expected: (T, B), the expected answers of the task, None or NaN where no answer counts;
            None without a task, or where an answer is a set.
        count: B of a trained model, as `gatesviz.ablate` draws them; 0 for others.
        probe: a file's model with these sequences and a score; None if its answers have none.
    """

    recording: Recording
    texts: list[list[str]] | None
    labels: list[list[str]]
    about: str
    expected: Labels | None = None
    count: int = 0
    probe: Probe | None = None


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
        return _by_file(_examined, _examined.model)
    task, net = _examined.model.task, network(_examined.model)
    count = _examined.sequences(net.length)
    batch = fresh_sequences(_examined.model, count)
    inputs = batch.inputs.numpy()
    texts = None if task.vocabulary is None else properties.spell(inputs, task.vocabulary)
    return Reading(
        record(net.module, net.features(batch.inputs)),
        texts,
        _spelled(texts) if texts is not None else _numbered(inputs),
        f"{count} new sequences of {net.length} steps, from the task “{task.title}”",
        _expected(task, batch),
        count,
    )


def read_own(examined: Examined, text: str) -> Reading:
    """Return one text that the reader typed.

    Raises:
        ValueError: if the model can't read it.
    """
    import torch

    model, about = examined.model, f"Your text “{shown(text, 24)}”"
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
    return Reading(record(net.module, net.features(rows)), [symbols], _spelled([symbols]), about)


def _by_file(examined: Examined, model: FileModel) -> Reading:
    """Return stretches of a text about Python, or waves of one number.

    Raises:
        ValueError: if the model reads neither, or is too wide.
    """
    import torch

    if model.spelled and model.vocabulary is None:
        raise ValueError("Paste the vocabulary of your model to see its units read a text")
    if not model.spelled and model.module.input_size > 1:
        raise ValueError(NUMBERS_ONLY.format(model.module.input_size))
    task = TASKS["characters" if model.spelled else "wave"]
    count = examined.sequences(task.length)
    generator = torch.Generator().manual_seed(FRESH + SEED.low)
    inputs = task.batch(generator, count, task.length, held_out=True).inputs
    about = f"{count} stretches of {{}} steps, from {{}}"
    _check_size(examined, count * task.length)
    if not model.spelled:
        kind = next(model.module.parameters()).dtype
        recording = record(model.module, inputs.to(kind))
        where = f"the task “{task.title}”"
        return Reading(recording, None, _numbered(inputs.numpy()), about.format(task.length, where))
    texts = _in_vocabulary(model, properties.spell(inputs.numpy(), task.vocabulary or ()))
    places = {entry: number for number, entry in enumerate(model.vocabulary or ())}
    entries = np.array([[places[symbol] for symbol in text] for text in texts]).T
    features = model.opened.features(entries.ravel().tolist())
    read = features.reshape(*entries.shape, -1)
    labels = [[model.label(places[symbol]) for symbol in text] for text in texts]
    where = "an English text about Python, in your model's characters"
    return Reading(
        record(model.module, read),
        texts,
        labels,
        about.format(len(entries), where),
        probe=_probe(model, read, entries),
    )


def _check_size(examined: Examined, steps: int) -> None:
    """Check how many numbers ``steps`` of all sequences take, before any is made.

    Raises:
        ValueError: if they are too many for this page.
    """
    width = examined.width
    if steps * width > READ_AT_ONCE.high:
        own = ". Choose the property “your own labels” and type a text"
        instead = own if examined.vocabulary else ""
        raise ValueError(
            f"Your model has {width:,} inputs, states or answers at each step. {steps:,} steps of"
            f" it are too many for this page, which keeps up to {READ_AT_ONCE.high:,}"
            f" numbers{instead}"
        )


def _in_vocabulary(model: FileModel, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return texts in the model's characters, all as long as the shortest of them.

    Raises:
        ValueError: if the model reads words, or hardly any of these characters.
    """
    known = model.vocabulary or ()
    if not model.by_characters:
        raise ValueError(
            "This page has no text in your model's words. Choose the property “your own labels” and"
            " type a text"
        )
    spelled = [[*respell("".join(text), known).text] for text in texts]
    shortest = min(map(len, spelled))
    if shortest < len(texts[0]) // 2:
        raise ValueError(
            "Your model knows too few characters of the English text of this page. Choose the"
            " property “your own labels” and type a text"
        )
    return [text[:shortest] for text in spelled]


def _probe(model: FileModel, inputs: "Tensor", entries: NDArray[np.int64]) -> Probe | None:
    """Return the score of a model that predicts the next character; None for other models."""
    readout = model.opened.readout
    if not model.writes or readout is None:
        return None
    return Probe(model.module, readout, inputs, NextEntry(entries), "lower")


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


def _spelled(texts: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[visible(symbol) for symbol in text] for text in texts]


def _numbered(inputs: NDArray[np.floating]) -> list[list[str]]:
    """Return the first number of each step as a label; inputs (T, B, I)."""
    return [[f"{value:.2f}" for value in sample] for sample in inputs[..., 0].T.tolist()]

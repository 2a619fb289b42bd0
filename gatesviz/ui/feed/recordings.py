"""Record a sequence with the chosen models; cached, since each rerun needs it again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.fresh import fresh
from gatesviz.player.panels import answers_opening
from gatesviz.player.payload import Answers, Panel, Written
from gatesviz.recordings import Edit, Recording, record
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.sequences import Sequence
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array
from gatesviz.trained import PackagedModel, load_trained, trained_name
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.models import Setup, titles, yours
from gatesviz.ui.feed.parameters import FRESH, YOURS
from gatesviz.ui.file_model import FileModel

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.fresh import Module

    Recorded = tuple[Module, Tensor]


@dataclass(frozen=True, eq=False)
class Reading:
    """One model's recording of the sequence, and its readout's answers, if it has a readout."""

    recording: Recording
    answers: Answers | None


# All sessions share the readings. No page changes them, so they need no copies.
@st.cache_resource(max_entries=16, ttl=1800, show_spinner=False)
def _readings(key: str, _read: Callable[[], list[Reading]]) -> list[Reading]:
    """Return one reading for each cell. ``key`` identifies the sequence and the setup.

    The setup's keys identify your own models.
    """
    return _read()


@st.cache_resource(max_entries=16, ttl=1800, show_spinner="Recording every gate…")
def _readings_of_file(key: str, _read: Callable[[], list[Reading]]) -> list[Reading]:
    """Return the reading of the model of your file, which may be so large that you have to wait."""
    return _read()


def read_sequence(
    sequence: Sequence,
    setup: Setup,
    models: tuple[TrainedModel, ...] = (),
    file: FileModel | None = None,
) -> list[Reading]:
    """Return one reading of ``sequence`` for each cell, without a cache.

    Args:
        sequence: what is read.
        setup: which models read it.
        models, file: your own models and the model of your file, if the setup has them.
    """
    recordings = [
        record(module, inputs) for module, inputs in _recorded(sequence, setup, models, file)
    ]
    if file is not None:
        return [Reading(one, file.answers(one.output)) for one in recordings]
    if setup.weights == YOURS:
        return [_read_by(*each) for each in zip(models, recordings, strict=True)]
    return [
        Reading(one, _answers(setup.weights, cell, one.output))
        for cell, one in zip(setup.cells, recordings, strict=True)
    ]


def readings(sequence: Sequence, setup: Setup) -> list[Reading]:
    """Return one reading for each cell, the same for every layer and direction shown."""
    setup = replace(setup, layer=0, direction="forward")
    key, file = key_of(sequence, setup), setup.file
    if file is not None:
        return _readings_of_file(key, partial(read_sequence, sequence, setup, file=file))
    models = yours(setup.cells) if setup.weights == YOURS else ()
    return _readings(key, partial(read_sequence, sequence, setup, models))


def edited_recordings(sequence: Sequence, setup: Setup) -> list[Callable[[str], Recording]]:
    """Return a function for each cell: from the text of the player's edits to its recording.

    It leaves out an edit that its cell can't take, as the player does. It needs no session.
    """
    models = yours(setup.cells) if setup.weights == YOURS else ()
    made = partial(_recorded, sequence, setup, models, setup.file)
    count = len(models) or len(setup.cells)
    return [partial(_edited, made, index) for index in range(count)]


def _edited(made: Callable[[], list["Recorded"]], index: int, text: str) -> Recording:
    module, inputs = made()[index]
    edits = edits_from_text(text)
    try:
        return record(module, inputs, edits=edits)
    except ValueError:  # one of them doesn't fit this cell
        return record(module, inputs, edits=[one for one in edits if _fits(module, inputs, one)])


def _fits(module: "Module", inputs: "Tensor", edit: Edit) -> bool:
    try:
        record(module, inputs, edits=[edit])
    except ValueError:
        return False
    return True


def _recorded(
    sequence: Sequence, setup: Setup, models: tuple[TrainedModel, ...], file: FileModel | None
) -> list["Recorded"]:
    """Return the module of each cell and what it reads."""
    import torch

    if file is not None:
        return [(file.module, file.inputs(sequence))]
    inputs = torch.from_numpy(sequence.values.copy())
    if setup.weights == YOURS:
        return [(model.module(), model.features(inputs[:, None])[:, 0]) for model in models]
    return [(_module(cell, sequence.size, setup), inputs) for cell in setup.cells]


def key_of(sequence: Sequence, setup: Setup) -> str:
    """Return a text that is equal for equal models and sequences with equal values, for caches."""
    digest = hashlib.sha256(sequence.values.tobytes()).hexdigest()
    return f"{sequence.values.shape} {digest} {setup}"


def panels(
    sequence: Sequence, setup: Setup, readings: list[Reading], written: Written | None = None
) -> list[Panel]:
    """Return a panel for each reading, with the answers of a trained model.

    ``written`` marks the letters of the sequence that the model wrote.
    """
    return [
        Panel(
            one.recording.trace(setup.layer, setup.direction),
            labels=sequence.labels,
            title=title,
            text=sequence.kind == "text" and (setup.file is None or setup.file.by_characters),
            words=sequence.kind == "text" and setup.file is not None and setup.file.by_words,
            features=_features(sequence, setup),
            answers=one.answers,
            network=one.recording.traces,
            written=written,
        )
        for one, title in zip(readings, titles(setup), strict=True)
    ]


def _features(sequence: Sequence, setup: Setup) -> tuple[str, ...] | None:
    convolved = setup.weights == YOURS and any(m.spec.convolution for m in yours(setup.cells))
    if setup.layer > 0 or convolved:
        return None
    return sequence.features if setup.file is None else setup.file.features(sequence)


def _read_by(model: TrainedModel, recording: Recording) -> Reading:
    values = model.answers(recording.output[:, None])[:, 0]  # attention takes whole batches only
    targets = np.full_like(values, np.nan) if model.task.several else None  # a set, none known
    readout = linear_readout(model.readout(), model.task.kind)
    opening = "Your readout answers"
    return Reading(recording, Answers(model.task.answer_names, values, opening, targets, readout))


def _module(cell: str, input_size: int, setup: Setup) -> "Module":
    if setup.weights != FRESH:
        return _packaged(setup.weights, cell).module
    return fresh(
        cell,
        input_size,
        setup.hidden_size,
        layers=setup.layers,
        bidirectional=setup.bidirectional,
        forget_bias=setup.forget_bias if CELLS[cell].biases.forget else None,
        seed=setup.seed,
    )


def _answers(weights: str, cell: str, output: Array) -> Answers | None:
    if weights == FRESH:
        return None
    model = _packaged(weights, cell)
    readout = linear_readout(model.readout, "number" if len(model.answer_names) == 1 else "choice")
    values = model.answers(output)
    opening = answers_opening(model.answer_names)
    return Answers(model.answer_names, values, opening, readout=readout)


def _packaged(task: str, cell: str) -> PackagedModel:
    name = trained_name(task, cell)
    assert name is not None  # the menu offers only tasks with a model of each cell
    return load_trained(name)

"""Both futures of one sequence, as trained and edited, side by side in one player."""

import numpy as np
import streamlit as st

from gatesviz.experiments.what_if import network
from gatesviz.player.payload import Answers, Panel, Selection, payload
from gatesviz.recordings import Edit, Recording, record
from gatesviz.recordings.edits import describe_edits
from gatesviz.tasks import Batch
from gatesviz.traces import Array
from gatesviz.ui.player import opening, stage
from gatesviz.ui.readouts import linear_readout
from gatesviz.ui.what_if.measurements import percent
from gatesviz.ui.what_if.models import Subject


def show_futures(
    subject: Subject, batch: Batch, index: int, edits: tuple[Edit, ...], *, step: int
) -> list[Panel]:
    """Draw sequence ``index`` of ``batch`` as the model reads it, and once more with ``edits``.

    The player opens at ``step``. Returns its panels.
    """
    plain = recorded(subject, batch, index, ())
    panels = [_panel(subject, plain, batch, index, "as trained")]
    if edits:
        edited = recorded(subject, batch, index, edits)
        title = f"edited: {describe_edits(edited.edits, edited.layers)}"
        panels.append(_panel(subject, edited, batch, index, title))
        answers = changed_answer(subject, batch, index, plain, edited)
        st.text(f"{answers} An edited number replaces what its equation gives.")
    stage(payload(panels, select=opening("what-if", Selection(step=step))), key="what-if")
    return panels


def recorded(subject: Subject, batch: Batch, index: int, edits: tuple[Edit, ...]) -> Recording:
    """Return the recording of sequence ``index`` with ``edits``."""
    net = network(subject.model)
    return record(net.module, net.features(batch.inputs[:, [index]])[:, 0], edits=edits)


def _panel(subject: Subject, recording: Recording, batch: Batch, index: int, title: str) -> Panel:
    """Return the last layer of a recording with predicted and expected answers."""
    task, trace = subject.task, recording.trace()
    inputs = batch.inputs[:, index]
    letters = None
    if task.vocabulary is not None:
        letters = [task.vocabulary[k] for k in inputs.argmax(-1).tolist()]
    names = task.vocabulary or task.features
    values = _answers(subject, recording)
    readout = linear_readout(network(subject.model).readout, task.kind)
    targets: Array = batch.targets[:, index].numpy().astype(np.float32)
    if task.learns == "scored":
        targets[~batch.mask[:, index].numpy()] = np.nan
    return Panel(
        trace,
        labels=letters,
        title=f"{subject.cell.name}, {title}",
        text=letters is not None,
        features=names if len(names) == trace.inputs.shape[-1] else None,
        answers=Answers(task.answer_names, values, "The readout answers", targets, readout),
        network=recording.traces,
        edits=[edit.to_dict() for edit in recording.edits],
    )


def _answers(subject: Subject, recording: Recording) -> Array:
    """Return the readout's answers (T, O). Attention takes whole batches only."""
    answers: Array = subject.model.answers(recording.output[:, None])
    return answers[:, 0]


def changed_answer(
    subject: Subject, batch: Batch, index: int, plain: Recording, edited: Recording
) -> str:
    """Return how the answers that count change in one sequence."""
    counted = batch.mask[:, index].nonzero()[:, 0].tolist()
    names, kind = subject.task.answer_names, subject.task.kind
    before, after = (_answers(subject, one) for one in (plain, edited))
    if kind == "choice" and len(counted) == 1:
        step = counted[0]
        first, second = (
            f"{names[one[step].argmax()]} ({percent(float(one[step].max()))})"
            for one in (before, after)
        )
        return (
            f"In this sequence, the answer at step {step} is {first} without the edits and {second}"
            " with them."
        )
    if kind == "choice":
        moved = int((before.argmax(-1) != after.argmax(-1))[counted].sum())
        return f"In this sequence, {moved} of {len(counted)} answers change."
    gap = float(np.abs(after - before)[counted].max())
    return f"In this sequence, an answer changes by at most {gap:.3g}."

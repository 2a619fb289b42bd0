"""One sequence in the player, as trained or with edits."""

import numpy as np

from gatesviz.experiments.changes import network
from gatesviz.player.panels import answers_opening
from gatesviz.player.payload import Answers, Panel
from gatesviz.recordings import Edit, Recording, record
from gatesviz.tasks import Batch
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array
from gatesviz.ui.what_if.models import Subject


def recorded(subject: Subject, batch: Batch, index: int, edits: tuple[Edit, ...]) -> Recording:
    """Return the recording of sequence ``index`` with ``edits``."""
    net = network(subject.model)
    return record(net.module, net.features(batch.inputs[:, [index]])[:, 0], edits=edits)


def panel(subject: Subject, batch: Batch, index: int, edits: tuple[Edit, ...]) -> Panel:
    """Return the last layer with predicted and expected answers; the player shows both futures."""
    recording = recorded(subject, batch, index, edits)
    task, trace = subject.task, recording.trace()
    inputs = batch.inputs[:, index]
    letters = task.letters(inputs)
    names, told = task.vocabulary or task.features, task.answer_names
    values = _answers(subject, recording)
    readout = linear_readout(network(subject.model).readout, task.kind)
    targets: Array = batch.targets[:, index].numpy().astype(np.float32)
    if task.learns == "scored":
        targets[~batch.mask[:, index].numpy()] = np.nan
    return Panel(
        trace,
        labels=letters,
        title=subject.cell.name,
        text=letters is not None,
        features=names if len(names) == trace.inputs.shape[-1] else None,
        answers=Answers(told, values, answers_opening(told), targets, readout, task.forecasts),
        network=recording.traces,
        edits=[edit.to_dict() for edit in recording.edits],
    )


def _answers(subject: Subject, recording: Recording) -> Array:
    """Return the readout's answers (T, O). Attention takes whole batches only."""
    answers: Array = subject.model.answers(recording.output[:, None])
    return answers[:, 0]

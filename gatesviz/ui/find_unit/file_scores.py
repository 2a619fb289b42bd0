"""The score of a model from a file: what is compared when a unit is switched off."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective import Probe
from gatesviz.detective.scores import NextEntry, NextValue, ReadsFinal, SameAnswer, SameNumbers
from gatesviz.limits import FEATURES
from gatesviz.recordings import record
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.given import Given
from gatesviz.ui.find_unit.parameters import RANDOM

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

    from gatesviz.recordings import Recording

Entries = NDArray[np.int64]
"""Numbers of entries, (T, B); −1 beyond the end of a sequence."""
Values = NDArray[np.floating]
UNCHANGED, MOVED = "unchanged answers", "RMSE from the unchanged answers"
BITS = "bits per "
ERROR = "mean error of the forecast"
IN_PYTHON = "In Python, gatesviz.ablate takes a readout and a score of your own."


def score_of(
    model: FileModel,
    given: Given,
    read: "Tensor | PackedSequence",
    entries: Entries | None = None,
    *,
    values: Values | None = None,
    stretch: int = 0,
) -> dict[str, Any]:
    """Return the probe of a reading, and the name and the unit of its score; {} without any.

    The next entry of a text, or the next value of a series, is the right answer. Elsewhere the
    answers are compared with what the unchanged model answers.

    Args:
        model: of a file.
        given: what it reads.
        read: the inputs of its module.
        entries: (T, B), for a model that reads entries.
        values: (T, B, I), for one that reads numbers; NaN beyond the end of a sequence.
        stretch: as of `NextEntry`.
    """
    if model.once is not None:
        return _of_final_states(model, read)
    readout = model.opened.readout
    if readout is None:
        return {}
    parts = model.module, readout, read
    if entries is not None and model.predicts and given.source != RANDOM:
        name = BITS + ("character" if model.by_characters else "word")
        probe = Probe(*parts, NextEntry(entries, stretch), "lower")
        return {"probe": probe, "metric": name}
    if given.forecasts and values is not None:
        probe = Probe(*parts, NextValue(values.astype(np.float64)), "lower")
        return {"probe": probe, "metric": ERROR}
    cut: dict[str, Any] = {"stretch": stretch}  # 0: one score for each sequence
    if entries is not None:
        cut["inside"] = entries >= 0
    elif values is not None:
        cut["inside"] = ~np.isnan(values).any(-1)
    return _compared(model, parts, record(model.module, read), cut)


def _of_final_states(model: FileModel, read: "Tensor | PackedSequence") -> dict[str, Any]:
    """Return what `score_of` does for a readout with one answer for each sequence."""
    recording, once = record(model.module, read), model.once
    assert once is not None
    readout = ReadsFinal(once, recording.trace().lengths)
    return _compared(model, (model.module, readout, read), recording, {})


def _compared(
    model: FileModel, parts: tuple[Any, Any, Any], recording: "Recording", cut: dict[str, Any]
) -> dict[str, Any]:
    """Return a score that compares with the unchanged answers; {} if their meaning isn't known."""
    import torch

    kind = model.meaning
    if kind is None:
        return {}
    with torch.no_grad():
        answers = parts[1](torch.from_numpy(recording.output))
    if kind == "number":
        moved = SameNumbers.reading(answers, **cut)
        return {"probe": Probe(*parts, moved, "lower"), "metric": MOVED}
    same = SameAnswer.reading(answers, several=kind == "set", **cut)
    return {"probe": Probe(*parts, same), "metric": UNCHANGED, "unit": "%"}


def why_no_score(model: FileModel) -> str:
    """Return why there is no score for the answers of a model, and what to do, as sentences."""
    begin = "This page can't measure yet what breaks without a unit."
    if model.unsure:
        return f"{begin} Choose “The readout reads” in the sidebar."
    if model.undecided and not model.means:
        return f"{begin} Choose “The readout gives” in the sidebar."
    begin, readout = "This page can't measure what breaks without a unit:", model.readout
    if readout is None:
        return (
            f"{begin} it has no readout of your model, or doesn't use it. Why is said below, or"
            f" under “Readout” in the sidebar. {IN_PYTHON}"
        )
    return (
        f"{begin} the readout has {readout.out_features:,} answers, and the page compares up to"
        f" {FEATURES.high:,}. {IN_PYTHON}"
    )

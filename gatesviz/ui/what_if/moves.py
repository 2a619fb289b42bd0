"""What edits do to the model of a file, in sentences: how far its answers move, and its memory."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import numpy as np
import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments.answer_shift import (
    ROUNDING,
    Shift,
    answer_shift,
    output_shift,
    share_left,
)
from gatesviz.recordings import Recording
from gatesviz.recordings.edit_text import edits_from_text, range_warnings
from gatesviz.tasks.batches import Kind
from gatesviz.traces import Array
from gatesviz.ui.feed.recordings import key_of, readings
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.shares import percent, probability
from gatesviz.ui.what_if.edited_reading import edited_reading
from gatesviz.ui.what_if.measurements import share_text
from gatesviz.ui.what_if.models import FileSubject

if TYPE_CHECKING:
    from gatesviz.recordings import Recording

ALONG = " without your edits. It is measured along the direction that it has without them"
AT_ONCE = 1_000_000
"""Answers that are in memory at once: a vocabulary of words can be long."""


def moves(subject: FileSubject, text: str) -> tuple[str, ...]:
    """Return sentences on what the edits in ``text`` do.

    Raises:
        ValueError: if an edit does not fit the model or its input.
    """
    assert subject.sequence is not None
    return _moves(f"{key_of(subject.sequence, subject.setup)} {text}", subject, text)


@st.cache_data(max_entries=500, ttl=1800, show_spinner=False)
def _moves(key: str, _subject: FileSubject, _text: str) -> tuple[str, ...]:
    step_aside()  # a long vocabulary is measured for a while
    setup, sequence, model = _subject.setup, _subject.sequence, _subject.setup.file
    assert sequence is not None
    assert model is not None
    edits = edits_from_text(_text)
    before = readings(sequence, setup)[0].recording
    after = edited_reading(_subject, _text).recording
    return (
        *describe_once(model, before, after),
        *describe_answers(model, before.output, after.output),
        *_memory(_subject, before, after),
        *range_warnings(edits, CELLS[model.cell]),
    )


def describe_once(model: FileModel, before: "Recording", after: "Recording") -> list[str]:
    """Return the answer of a readout of the final states, without and with edits."""
    answer, edited = model.answer_once(before), model.answer_once(after)
    if not answer:
        return []
    once = f"From the final states, the readout {model.gives.removesuffix(':')}"
    if answer == edited:
        return [f"{once}: {answer}, also with your edits."]
    return [f"{once}. Without your edits: {answer}. With them: {edited}."]


def describe_answers(model: FileModel, before: Array, after: Array) -> list[str]:
    """Return how far the answers move between two outputs (T, D·P), or h where there are none."""
    for run, output in (("run without edits", before), ("edited run", after)):
        if not np.isfinite(output).all():
            step = int(np.flatnonzero(~np.isfinite(output).all(1))[0])
            return [
                f"At step {step}, the {run} has a number that is infinite or not a number. So its"
                " answers can't be compared."
            ]
    kind = model.answer_kind
    if kind is None and not before.any():
        return ["Without edits, the output h is 0 at every step, so its move has no measure."]
    shift = output_shift(before, after) if kind is None else _shift(model, kind, before, after)
    if not np.isfinite(shift.moved).all():
        return [_no_measure(model, kind, shift, before, after)]
    numbers = model.answer_values(before, kind) if kind == "number" else np.ones(1)
    noise = ROUNDING * float(np.abs(numbers).max())
    shift = Shift(np.where(shift.moved > noise, shift.moved, 0), shift.changed)
    if not shift.moved.any():
        return [f"Your edits don't move {'the output h' if kind is None else 'its answers'}."]
    usual = ""
    several = numbers.ndim == 2 and numbers.shape[1] > 1
    if kind == "number" and not several:
        usual = f" Without edits, its standard deviation over your input is {numbers.std():.3g}."
    return [*_decided(model, kind, shift, before, after), f"{_amount(kind, shift, several)}{usual}"]


def _no_measure(
    model: FileModel, kind: Kind | None, shift: Shift, before: Array, after: Array
) -> str:
    """Return at which step an answer has no number first, and in which run.

    Outputs can be finite where the readout's numbers, or the lengths of h, are too large.
    """
    step = int(np.flatnonzero(~np.isfinite(shift.moved))[0])
    if kind is None:
        return f"At step {step}, the move of the output h can't be given as a finite number."
    without, edited = (
        not np.isfinite(model.answer_values(one[[step]], kind)).all() for one in (before, after)
    )
    where = "with and without" if without and edited else "without" if without else "with"
    return (
        f"At step {step}, an answer is infinite or not a number {where} your edits. So the answers"
        " can't be compared."
    )


def _shift(model: FileModel, kind: Kind, before: Array, after: Array) -> Shift:
    """Return the shift of the answers, computed for some steps at a time."""
    readout = model.opened.readout
    assert readout is not None
    rows, parts = max(1, AT_ONCE // readout.out_features), list[Shift]()
    for k in range(0, len(before), rows):
        p, q = (model.answer_values(one[k : k + rows], kind) for one in (before, after))
        with np.errstate(invalid="ignore"):  # infinite answers: the caller says so
            parts.append(answer_shift(p, q, kind))
    moved = np.concatenate([part.moved for part in parts])
    changed = np.concatenate([part.changed for part in parts])
    return Shift(moved, changed & (moved > ROUNDING))


def _decided(
    model: FileModel, kind: Kind | None, shift: Shift, before: Array, after: Array
) -> Iterable[str]:
    """Return at which steps the model decides otherwise, and how at the step that moves most."""
    if kind not in ("choice", "set"):
        return
    steps, total = np.flatnonzero(shift.changed), len(shift.changed)
    choice = kind == "choice"
    changes = "The most likely answer changes" if choice else "An answer changes between yes and no"
    stays = "The most likely answer stays" if choice else "Each yes and each no stays"
    if len(steps):
        first, last = steps[0], steps[-1]
        where = f"first at step {first}, last at step {last}" if len(steps) > 1 else f"step {first}"
        yield f"{changes} at {len(steps)} of {total} steps: {where}."
    else:
        yield f"{stays} the same at all {total} steps."
    at = int(shift.moved.argmax())
    if kind == "choice" and shift.changed[at]:
        p, q = (model.answer_values(one[[at]], kind)[0] for one in (before, after))
        a, b = int(p.argmax()), int(q.argmax())
        yield (
            f"At step {at}, it changes from “{model.answer_name(a)}” ({probability(p[a])}) to"
            f" “{model.answer_name(b)}” ({probability(q[b])})."
        )


def _amount(kind: Kind | None, shift: Shift, several: bool = False) -> str:
    """Return how far the answers move: on average, at most, and at the last step.

    ``several``: whether an answer is more than one number. The one that moves most counts.
    """
    moved, at = shift.moved, int(shift.moved.argmax())
    mean, most, last = (
        _written(float(value), kind) for value in (moved.mean(), moved[at], moved[-1])
    )
    said, what = {
        "choice": (f"{mean} of the probability moves to other answers", "The share that moves"),
        "set": (f"the probability that moves most changes by {mean}", "This change"),
        "number": (
            f"the {'number that moves most' if several else 'answer'} moves by {mean}",
            "This move",
        ),
        None: (f"the output h moves by {mean} its mean length", "This move"),
    }[kind]
    of = " it" if kind is None else ""
    ends = f"{what} is largest at step {at}: {most}{of}. At the last step, it is {last}{of}."
    return f"On average over all steps, {said}. {ends}"


def _written(value: float, kind: Kind | None) -> str:
    if kind == "number":
        return f"{value:.3g}"
    share = percent(value)
    if kind == "set":
        return share.replace("%", "percentage points")
    return share if kind == "choice" else share_text(value) if value > 10 else f"{share} of"


def _memory(subject: FileSubject, before: Recording, after: Recording) -> Iterable[str]:
    """Return how much of the state that is shown is left after the last edited step."""
    setup, places = subject.setup, [edit.steps for edit in after.edits]
    if setup.bidirectional or None in places:
        return
    letter = CELLS[setup.cells[0]].kept_state
    last = max(step for steps in places for step in cast("tuple[int, ...]", steps))
    c, edited = (one.trace(setup.layer, setup.direction).after(letter) for one in (before, after))
    name = f"{letter} of layer {setup.layer + 1}" if setup.layers > 1 else letter
    first = state_left("Right after the last edited step", name, c[last], edited[last])
    yield first
    if last < len(c) - 1:
        told = ALONG in first
        what, along = ("it", "") if told else (name, ALONG)
        yield state_left("At the last step", what, c[-1], edited[-1], along)


def state_left(when: str, subject: str, before: Array, after: Array, along: str = ALONG) -> str:
    """Return how much of a state (H,) is left of one without edits, as a sentence.

    Args:
        when: how the sentence begins.
        subject: the name of the state, or "it" after a sentence that named it.
        before, after: the state without and with edits.
        along: how the sentence ends where a share is given: with what it is compared.
    """
    if not np.isfinite(before).all() or not np.isfinite(after).all():
        return f"{when}, {subject} has a value that is infinite or not a number."
    if not before.any() and not after.any():
        return f"{when}, {subject} is 0 with and without your edits."
    if not before.any():
        return f"{when}, {subject} is 0 without your edits, so no share of it can be left."
    share = float(share_left(before, after))
    if not np.isfinite(share):
        return f"{when}, {subject} is almost 0 without your edits, so no share of it can be given."
    return f"{when}, {subject} is at {share_text(share)} its length{along}."

"""One step: a gate is closed at one step. A guess, the score, and what comes back by itself."""

import numpy as np
import streamlit as st

from gatesviz.experiments.outcomes import LOST, OUTCOMES, SAME, outcome
from gatesviz.experiments.what_if import (
    Change,
    Row,
    edited_step,
    everywhere,
    fresh_sequences,
    memory_gates,
    network,
    one_step_changes,
)
from gatesviz.player.payload import Selection, payload
from gatesviz.recordings import record
from gatesviz.ui.guesses import ask_first, ask_guess, reserved_answer, with_verdict
from gatesviz.ui.player import opening, stage
from gatesviz.ui.what_if.futures import panel, recorded
from gatesviz.ui.what_if.measurements import (
    Line,
    arrow,
    baseline,
    cell_text,
    fill,
    opened,
    percent,
    row,
    rows,
)
from gatesviz.ui.what_if.models import FLAGSHIP, Subject, flagship, packaged
from gatesviz.ui.what_if.parameters import OUTCOME

PRINCIPLE = (
    "**Principle.** To find out what a cell needs, change one thing and measure many sequences."
)
REPAIRED = (
    " Here the letter is in c and in h. If c is erased, the cell can write it back from h, but only"
    " if the input gate is open."
)
SOURCES = (
    "We measured this ourselves. It is the last of the known results on the page “LSTM or GRU?”. We"
    " know of no textbook that shows it."
)
ANY = "Each score is measured on this model. Another model may behave in another way."
CHARGED = "recall-lstm"
"""The packaged model that is compared with the one of T13."""


def asked(subject: Subject) -> Change:
    """Return the change in question: the gate that keeps the memory is 0 for one step."""
    carried = subject.cell.carried
    return everywhere(carried.gate if carried else "h", 0.0, edited_step(subject.model))


def draw_guess(subject: Subject) -> str | None:
    """Ask what closing the gate does, answer after the guess, and return the guess."""
    letter, meaning = "h", "h is all that the cell remembers."
    if subject.cell.carried:
        gate = subject.cell.gate(subject.cell.carried.gate)
        letter = gate.letter
        meaning = f"The {gate.name} {letter}: {gate.meaning[0].lower()}{gate.meaning[1:]}"
    question = (
        f"What happens to the answers if {letter} is 0 in every unit at step"
        f" {edited_step(subject.model)} of {subject.length}, and only there?"
    )
    guess = ask_guess(
        f"{subject.task.explanation} {meaning} **{question}**",
        OUTCOMES,
        key=OUTCOME.key,
        about=subject.key,
        public=f"{subject.public_task} {meaning} {question}",
        right=lambda: outcome(subject.task, row(subject, asked(subject))),
    )
    with reserved_answer("tall-what-if"):
        if guess is None:
            st.write(ask_first())
        else:
            st.write(answer(subject, row(subject, asked(subject)), guess))
    return guess


def answer(subject: Subject, found: Row, guess: str) -> str:
    """Return whether the guess is right, the scores, and how much of the memory is left."""
    result = outcome(subject.task, found)
    if result is None:
        return (
            "There is nothing to lose. The model reaches"
            f" {subject.task.describe_score(found.unchanged)}."
            f" {baseline(subject.task, found, None)} Choose a model that has learned its task."
        )
    state = subject.cell.kept_state
    return with_verdict(
        "Yes," if guess == result else "Not quite,",
        f"{result}: {arrow(subject.task, found)} on"
        f" {found.sequences} new sequences. {baseline(subject.task, found, result)} Right after the"
        f" step, {state} has **{percent(found.left)}** of its value without the change. When the"
        f" answer is due, it has **{percent(found.left_later)}**.",
    )


def show_reading(subject: Subject, *, edited: bool) -> None:
    """Draw the first sequence as the model reads it, and ``edited`` by the change in question."""
    step, change = edited_step(subject.model), asked(subject)
    batch = fresh_sequences(subject.model, subject.sequences, steps=[step])
    edits = change.edits(recorded(subject, batch, 0, ())) if edited else ()
    key = f"what-if {subject.key} {'after' if edited else 'before'} the guess"
    opens = opening(key, Selection(step=step))
    stage(payload([panel(subject, batch, 0, edits)], select=opens), key=key)


def show_changes(subject: Subject) -> None:
    """Draw the table of all changes of one step."""
    st.header("Compare all changes at this step")
    st.write(about_changes(subject))
    fill(
        rows(subject, one_step_changes(subject.model)),
        lambda found: [line(subject, one) for one in found],
        CHANGES,
    )


CHANGES = "The score of the model under each change at one step."


def about_changes(subject: Subject) -> str:
    """Return what the table of all changes of one step shows."""
    state = subject.cell.kept_state
    return (
        f"Each change is made in all units at step {edited_step(subject.model)}. The score counts"
        f" only the first answer after that step. The last two columns show how much of {state} is"
        " left, compared with the unchanged run: right after the step, and when the answer is due."
        " A negative value means that its sign has changed."
    )


def principle(subject: Subject) -> tuple[str, str]:
    """Return the principle and its source; the model of T13 has a result of its own."""
    if subject.key == FLAGSHIP:
        return PRINCIPLE + REPAIRED, SOURCES
    return PRINCIPLE, ANY


def line(subject: Subject, one: Row) -> Line:
    """Return a row of the table."""
    state = subject.cell.kept_state
    return {
        "Change": one.name,
        opened(subject.task.metric.split(",")[0]): cell_text(subject.task, one.score),
        "Result": outcome(subject.task, one) or "nothing to lose",
        f"{state} left after it": percent(one.left),
        f"{state} left at the answer": percent(one.left_later),
    }


def show_two_models(subject: Subject) -> None:
    """Compare the model that repairs its memory with the one that can't, and say why."""
    if subject.key not in (FLAGSHIP, CHARGED):
        return
    st.header("Why one LSTM repairs its memory and another one can't")
    first, second = (compared(one) for one in (flagship(), packaged(CHARGED)))
    st.table([both_line(first), both_line(second)], hide_index=True, alt=BOTH)
    st.write(explanation(first, second))


BOTH = "Two LSTMs with f = 0 for one step, and the mean of their input gates."
Compared = tuple[Subject, Row, Row, float]
"""A model, its rows for f = 0 and for f = i = 0, and the mean of its input gate."""


def compared(one: Subject) -> Compared:
    """Return what is compared of one model."""
    return one, row(one, asked(one)), _together(one), open_input(one)


def both_line(known: Compared) -> Line:
    """Return a row of the table of two models."""
    one, f, together, gate = known
    return {
        "Model": f"{one.task.title}, {one.length} steps",
        "f = 0 for one step": cell_text(one.task, f.score),
        "f = i = 0": cell_text(one.task, together.score),
        "c left after f = 0": percent(f.left),
        "c left at the answer": percent(f.left_later),
        "mean of i": f"{gate:.2g}",
    }


def explanation(first: Compared, second: Compared) -> str:
    """Return why the memory comes back in the first model but not in the second, in numbers."""
    (one, f, together, gate), (other, other_f, _, other_gate) = first, second
    results = outcome(one.task, f), outcome(one.task, together), outcome(other.task, other_f)
    if results != (SAME, LOST, LOST):
        return "These models don't show the difference that the known result describes."
    return (
        "f = 0 erases c, but h still holds the letter, and the gates are computed from h. In the"
        f" first model the input gate is partly open (mean {gate:.2g}). So i·g writes the letter"
        f" back: {percent(f.left)} of c at once, {percent(f.left_later)} when the answer is due."
        " With f = i = 0 nothing is written, and the letter is lost. When the second model was"
        " trained, its loss also grew whenever a gate wrote, erased or showed something."
        f" So its input gate is closed between letters (mean {other_gate:.2g}), and nothing is"
        " written back."
    )


def open_input(subject: Subject) -> float:
    """Return the mean of the LSTM's input gate at the changed step, on the same sequences."""
    return _open_input(subject.key, subject)


@st.cache_data(show_spinner=False)
def _open_input(key: str, _subject: Subject) -> float:
    step, net = edited_step(_subject.model), network(_subject.model)
    inputs = fresh_sequences(_subject.model, _subject.sequences, steps=[step]).inputs
    recording = record(net.module, net.features(inputs))
    return float(np.mean(recording.trace().gates["i"][step]))


def _together(subject: Subject) -> Row:
    change = everywhere("".join(memory_gates(subject.cell)), 0.0, edited_step(subject.model))
    return row(subject, change)

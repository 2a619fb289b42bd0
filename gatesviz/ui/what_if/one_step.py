"""One step: a gate is closed at one step. A guess, the score, and what comes back by itself."""

import numpy as np
import streamlit as st

from gatesviz.experiments.changes import (
    Change,
    edited_step,
    everywhere,
    longer_changes,
    memory_gates,
    network,
    one_step_changes,
    one_unit_changes,
)
from gatesviz.experiments.outcomes import LOST, OUTCOMES, SAME, outcome
from gatesviz.experiments.what_if import Row, changed_steps, fresh_sequences
from gatesviz.player.payload import Selection, payload
from gatesviz.recordings import record
from gatesviz.ui.guesses import ask_first, ask_guess, reserved_answer, with_verdict
from gatesviz.ui.player import opening, stage
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.shares import percent
from gatesviz.ui.what_if.futures import panel, recorded
from gatesviz.ui.what_if.measurements import (
    Line,
    arrow,
    baseline,
    cell_text,
    describe_lead,
    describe_left,
    fill,
    opened,
    row,
    rows,
)
from gatesviz.ui.what_if.models import FLAGSHIP, Subject, flagship, packaged
from gatesviz.ui.what_if.parameters import OUTCOME

PRINCIPLE = (
    "**Principle.** To find out what a cell needs, change one thing and measure on many sequences."
)
SOURCES = "We measured this: see the last card of “known results” on the page “LSTM or GRU?”."
NO_STEP = (
    "This model reads sequences of 2 steps, so there is no step between the letter and the"
    " question. Train a model with 3 or more steps on the page Train live, or choose another view."
)
MOST_UNITS = 64
"""Units up to which each one is erased alone."""
ANY = "Each score is measured on this model. Another model may behave in another way."
CHARGED = "recall-lstm"
"""The packaged model that is compared with the one of T13."""


def asked(subject: Subject) -> Change:
    """Return the change in question: the gate that keeps the memory is 0 for one step."""
    carried = subject.cell.carried
    return everywhere(carried.gate if carried else "h", 0.0, edited_step(subject.model))


def between(subject: Subject) -> bool:
    """Return whether there is a step to change, between the letter and the answer."""
    if subject.length > 2:
        return True
    try:
        fresh_sequences(subject.model, subject.sequences, steps=[edited_step(subject.model)])
    except ValueError:
        return False
    return True


def draw_guess(subject: Subject) -> str | None:
    """Ask what closing the gate does, answer after the guess, and return the guess."""
    letter, meaning = "h", "h is all that the cell remembers."
    if subject.cell.carried:
        gate = subject.cell.gate(subject.cell.carried.gate)
        letter = gate.letter
        meaning = f"The {gate.name} {letter} sets {gate.meaning[0].lower()}{gate.meaning[1:]}"
    question = (
        f"The steps are numbered 0 to {subject.length - 1}. How well does the model answer if"
        f" {letter} is 0 in every unit at step {edited_step(subject.model)}, and only there? We"
        f" measure on {subject.sequences} held-out sequences."
    )
    guess = ask_guess(
        f"{subject.known_task}{meaning} **{question}**",
        OUTCOMES,
        key=OUTCOME.key,
        about=subject.key,
        above=subject.own_task,
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
            f" {baseline(subject.task, found)} Choose a model that has learnt its task."
        )
    left = describe_left(subject, found, "the step", "without the change", written_anew(subject))
    return with_verdict(
        "Yes." if guess == result else "Not quite.",
        f"{opened(result)}: {arrow(subject.task, found)} on {found.sequences} held-out sequences."
        f" {describe_lead(subject.task, found)} {left}",
    )


def written_anew(subject: Subject) -> str:
    """Return where the rest of the state comes from if the gate that keeps it is 0."""
    carried = subject.cell.carried
    if carried is None:
        return ""
    return (
        f" {carried.gate} = 0 keeps nothing of the old {carried.state}, so the cell wrote this part"
        " at the same step."
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
    fill(rows(subject, changes(subject)), lambda found: lines(subject, found), CHANGES)


def show_units(subject: Subject) -> None:
    """Erase the memory of one unit at a time, and say which unit matters most."""
    each = one_unit_changes(subject.model)
    if len(each) > MOST_UNITS:
        return
    st.header("Erase one unit at a time")
    place, known = st.empty(), list[Row]()
    step_aside()  # this takes seconds, and other pages needn't wait
    for one in rows(subject, each):
        known.append(one)
        place.write(describe_units(subject, known, len(each)))


def changes(subject: Subject) -> tuple[Change, ...]:
    """Return the changes of the table."""
    return (*one_step_changes(subject.model), *longer_changes(subject.model))


def describe_units(subject: Subject, found: list[Row], units: int) -> str:
    """Return what the measured units say, of which there are ``units`` in all.

    Args:
        found: a row for each of `one_unit_changes`, at least for the first one.
    """
    task, state, step = subject.task, subject.cell.kept_state, edited_step(subject.model)
    number = 0
    for k, one in enumerate(found):
        number = k if task.beats(found[number].score, one.score) else number
    worst, module = found[number], network(subject.model).module
    last = " of the last layer" if module.num_layers > 1 else ""
    said = f"At step {step} only, we set {state} to 0 in one unit{last} at a time"
    said += ": first each forward unit, then each backward unit." if module.bidirectional else "."
    if task.score_text(worst.score) == task.score_text(worst.unchanged):
        said += f" The score doesn't change: {task.describe_score(worst.unchanged)}."
    else:
        back = number >= module.hidden_size
        way = f"{'Backward' if back else 'Forward'} unit" if module.bidirectional else "Unit"
        unit = number % module.hidden_size
        said += f" {way} {unit} changes the score most: {arrow(task, worst)}."
    if len(found) < units:
        return f"{said} Measured so far: {len(found)} of {units} units."
    if all(outcome(task, one) == SAME for one in found):
        return f"{said} So no single unit{last} matters much at this step."
    return said


BASELINE = "baseline: best constant answer"
"""The name of the baseline in the tables."""
CHANGES = "The score of the model under each change."


def about_changes(subject: Subject) -> str:
    """Return what the table of all changes of one step shows."""
    state = subject.cell.kept_state
    return (
        f"Each row changes all units at step {edited_step(subject.model)}"
        f"{describe_longer(subject)}. The score counts the first expected answer after the change."
        f" The last two columns compare {state} with {state} without the change (projection, in %"
        f" of its length). 100 %: as much as without the change. 0 %: nothing. Below 0:"
        f" {state} points the opposite way. Each value is a mean over the sequences."
    )


def describe_longer(subject: Subject) -> str:
    """Return which rows of the table change more than one step, after a comma; "" for none."""
    found = longer_changes(subject.model)
    if not found:
        return ""
    steps = changed_steps(subject.model, found[0]) or ()
    rows = "row" if len(found) == 1 else f"{len(found)} rows"
    return f", the last {rows} at steps {min(steps)} to {max(steps)}"


def principle(subject: Subject) -> tuple[str, str]:
    """Return the principle and its source; the model of T13 has a result of its own."""
    if subject.key == FLAGSHIP:
        return PRINCIPLE, SOURCES
    return PRINCIPLE, ANY


def lines(subject: Subject, found: list[Row]) -> list[Line]:
    """Return the rows of the table: without a change, a baseline, then each change."""
    plain = {**line(subject, found[0]), "Result": "–"}
    state, metric = subject.cell.kept_state, opened(subject.task.metric.split(",")[0])
    shares = {f"{state} after the step": "–", f"{state} at the answer": "–"}
    scores = {"no change": found[0].unchanged, BASELINE: found[0].constant}
    return [
        *(
            {**plain, **shares, "Change": name, metric: cell_text(subject.task, score)}
            for name, score in scores.items()
        ),
        *(line(subject, one) for one in found),
    ]


def line(subject: Subject, one: Row) -> Line:
    """Return the row of a change."""
    state = subject.cell.kept_state
    return {
        "Change": one.name.partition(" at step ")[0],
        opened(subject.task.metric.split(",")[0]): cell_text(subject.task, one.score),
        "Result": outcome(subject.task, one) or "nothing to lose",
        f"{state} after the step": percent(one.left),
        f"{state} at the answer": percent(one.left_later),
    }


def show_two_models(subject: Subject) -> None:
    """Compare the model that repairs its memory with the one that can't, and say why."""
    if subject.key not in (FLAGSHIP, CHARGED):
        return
    st.header("Why one LSTM repairs its memory and another one can't")
    st.write(TWO_MODELS)
    first, second = (compared(one) for one in (flagship(), packaged(CHARGED)))
    st.table([both_line(first), both_line(second)], hide_index=True, alt=BOTH)
    st.write(explanation(first, second))


TWO_MODELS = (
    "We change both LSTMs at one step only: f = 0, or f = i = 0. The last column is"
    " the mean of the unchanged input gate i at this step."
)
BOTH = "Two LSTMs with f = 0 for one step, and the mean of their input gates."
Compared = tuple[Subject, Row, Row, float]
"""A model, its rows for f = 0 and for f = i = 0, and the mean of its input gate."""


def compared(one: Subject) -> Compared:
    """Return what is compared of one model."""
    return one, row(one, asked(one)), _together(one), open_input(one)


def both_line(known: Compared) -> Line:
    """Return a row of the table of two models."""
    one, f, together, gate = known
    metric = opened(one.task.metric.split(",")[0])
    return {
        "Model": f"{one.task.title}, {one.length} steps",
        f"{metric} with f = 0": cell_text(one.task, f.score),
        f"{metric} with f = i = 0": cell_text(one.task, together.score),
        BASELINE: cell_text(one.task, f.constant),
        "c after f = 0": percent(f.left),
        "c at the answer": percent(f.left_later),
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
        f" back: {percent(f.left)} of c at once, {percent(f.left_later)} at the answer."
        " With f = i = 0, c′ is 0, so h′ = o·tanh(c′) is 0, too, and the letter is lost. The second"
        " model was trained with a penalty: its loss grew if i or o was large, or f small. So its"
        " input gate is almost 0 between a letter and its “?” (mean at this step"
        f" {other_gate:.2g}), and almost nothing is written back."
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

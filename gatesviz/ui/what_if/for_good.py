"""One gate for good: each gate is held at constants. Which one does the task need?"""

import streamlit as st

from gatesviz.experiments.changes import HELD, everywhere, held_values
from gatesviz.experiments.what_if import Row
from gatesviz.tasks import Task
from gatesviz.ui.guesses import ask_guess, reserved_answer, tell_right, with_verdict
from gatesviz.ui.what_if.measurements import Line, baseline, cell_text, fill, rows
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import GATE

PRINCIPLE = (
    "**Principle.** If a constant can replace a gate or the candidate, this model works without its"
    " changes. If none of these constants can, the gate probably has to change: from step to step,"
    " from unit to"
    " unit or from sequence to sequence. This table doesn't say which."
)
SOURCES = (
    "The model was trained with gates that change. If you train it again with one gate held, it may"
    " learn to solve the task without this gate."
)


def draw_guess(subject: Subject) -> str | None:
    """Ask which gate the model can least do without; return the guess."""
    letters = [gate.letter for gate in subject.cell.gates]
    if not letters:
        st.write(
            f"**The {subject.cell.name} has no gates to hold.** Choose an LSTM or a GRU to find out"
            " which gate its task needs."
        )
        return None
    listed = f"{', '.join(letters[:-1])} or {letters[-1]}" if len(letters) > 1 else letters[0]
    question = (
        f"We replace {listed} by a constant, the same in all units and at all steps. We try 0, ½"
        f" and 1{also(subject)}. For each of them, we keep the constant with the best score. Which"
        " of them scores worst?"
    )
    return ask_guess(
        f"{subject.known_task}**{question}**",
        letters,
        key=GATE.key,
        about=subject.key,
        above=subject.own_task,
        public=f"{subject.public_task} {question}",
    )


def also(subject: Subject) -> str:
    """Return which other constants are tried for a candidate; "" if the cell has none."""
    wide = [gate.letter for gate in subject.cell.gates if gate.low < 0]
    return f" (for {' and '.join(wide)} also −1 and −½)" if wide else ""


def show_table(subject: Subject, guess: str) -> None:
    """Draw the table, which grows as it is measured, and then the answer."""
    place = reserved_answer("tall-for-good")
    changes = [everywhere(letter, value) for letter, value in held_values(subject.cell)]
    found = fill(
        rows(subject, changes),
        lambda known: lines(subject, known),
        "The score of the model with each gate held at constants from its range.",
    )
    letters = needed(subject, found)
    tell_right(GATE.key, letters[0] if len(letters) == 1 else None)
    with place:
        st.write(answer(subject, found, guess))


def lines(subject: Subject, found: list[Row]) -> list[Line]:
    """Return a line for each gate: dots for a value to come, a dash for one out of its range."""
    places = held_values(subject.cell)
    scores = {place: one.score for place, one in zip(places, found, strict=False)}
    shown = {value: name for value, name in HELD.items() if any(v == value for _, v in places)}
    return [
        {"Gate or candidate": f"{gate.letter}, {gate.name}"}
        | {
            f"held at {name}": (
                cell_text(subject.task, scores[gate.letter, value])
                if (gate.letter, value) in scores
                else "…"
                if (gate.letter, value) in places
                else "–"
            )
            for value, name in shown.items()
        }
        for gate in subject.cell.gates
    ]


def best_constants(subject: Subject, found: list[Row]) -> dict[str, float]:
    """Return letter -> the best score with the gate held at a constant."""
    best: dict[str, float] = {}
    for (letter, _), one in zip(held_values(subject.cell), found, strict=True):
        if letter not in best or subject.task.beats(one.score, best[letter]):
            best[letter] = one.score
    return best


def answer(subject: Subject, found: list[Row], guess: str) -> str:
    """Return which gates are the hardest to replace, and the score with each one replaced."""
    task, best, letters = subject.task, best_constants(subject, found), needed(subject, found)
    are = "is" if len(letters) == 1 else "are"
    verdict = "Yes:" if guess in letters else "Not quite:"
    scores = ", ".join(f"**{k}** {cell_text(task, v)}" for k, v in best.items())
    metric = task.metric.split(",")[0]
    return with_verdict(
        verdict,
        f"**{' and '.join(letters)}** {are} the hardest to replace. This is the {metric} with each"
        f" one held at its best constant: {scores}. Without a change, the model reaches"
        f" {task.describe_score(found[0].unchanged)}. {baseline(task, found[0])} Each score"
        f" is measured on {found[0].sequences} held-out sequences.",
    )


def needed(subject: Subject, found: list[Row]) -> list[str]:
    """Return the letters of the gates that the model can least do without."""
    task, best = subject.task, best_constants(subject, found)
    worst = (min if task.better == "higher" else max)(best.values())
    return [letter for letter, score in best.items() if _same(task, score, worst)]


def _same(task: Task, score: float, other: float) -> bool:
    """Return whether two scores read the same on the page."""
    return cell_text(task, score) == cell_text(task, other)

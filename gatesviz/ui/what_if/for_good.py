"""One gate for good: each gate is held at 0, ½ and 1. Which one does the task need?"""

import streamlit as st

from gatesviz.experiments.what_if import HELD, Row, everywhere
from gatesviz.tasks import Task
from gatesviz.ui.guesses import ask_guess, reserved_answer, tell_right, with_verdict
from gatesviz.ui.what_if.measurements import Line, baseline, cell_text, fill, rows
from gatesviz.ui.what_if.models import Subject
from gatesviz.ui.what_if.parameters import GATE

PRINCIPLE = (
    "**Principle.** If a constant can replace a gate, this gate decides nothing in this model. If"
    " no constant can replace it, the model needs a gate that changes from step to step."
)
SOURCES = (
    "The model was trained with moving gates. If you train it again with one gate held, it may find"
    " another way."
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
    question = (
        "We hold one gate at 0, at ½ or at 1 at all steps, whichever gives the best score. For"
        " which gate is this score worst?"
    )
    return ask_guess(
        f"{subject.task.explanation} **{question}**",
        letters,
        key=GATE.key,
        about=subject.key,
        public=f"{subject.public_task} {question}",
    )


def show_table(subject: Subject, guess: str) -> None:
    """Draw the table, which grows as it is measured, and then the answer."""
    place = reserved_answer("tall-for-good")
    changes = [everywhere(g.letter, value) for g in subject.cell.gates for value in HELD]
    found = fill(
        rows(subject, changes),
        lambda known: lines(subject, known),
        "The score of the model with each gate held at 0, ½ and 1.",
    )
    letters = needed(subject, found)
    tell_right(GATE.key, letters[0] if len(letters) == 1 else None)
    with place:
        st.write(answer(subject, found, guess))


def lines(subject: Subject, found: list[Row]) -> list[Line]:
    """Return a line for each gate; values that are not measured yet are a dash."""
    letters = [(gate.letter, value) for gate in subject.cell.gates for value in HELD]
    scores = {place: one.score for place, one in zip(letters, found, strict=False)}
    return [
        {"Gate": f"{gate.letter}, {gate.name}"}
        | {
            f"held at {name}": (
                cell_text(subject.task, scores[gate.letter, value])
                if (gate.letter, value) in scores
                else "…"
            )
            for value, name in HELD.items()
        }
        for gate in subject.cell.gates
    ]


def best_constants(subject: Subject, found: list[Row]) -> dict[str, float]:
    """Return letter -> the best score with the gate held at a constant."""
    best: dict[str, float] = {}
    names = [gate.letter for gate in subject.cell.gates for _ in HELD]
    for letter, one in zip(names, found, strict=True):
        if letter not in best or subject.task.beats(one.score, best[letter]):
            best[letter] = one.score
    return best


def answer(subject: Subject, found: list[Row], guess: str) -> str:
    """Return which gates the model can least do without, and what the others cost."""
    task, best, letters = subject.task, best_constants(subject, found), needed(subject, found)
    verdict = "Yes:" if guess in letters else "Not quite:"
    scores = ", ".join(f"**{k}** {cell_text(task, v)}" for k, v in best.items())
    metric = task.metric.split(",")[0]
    return with_verdict(
        verdict,
        f"the model needs **{' and '.join(letters)}** most. With one gate held at its"
        f" best constant, the {metric} is: {scores}. As trained, the model reaches"
        f" {task.describe_score(found[0].unchanged)}. {baseline(task, found[0], None)} Each score"
        f" is measured on {found[0].sequences} new sequences.",
    )


def needed(subject: Subject, found: list[Row]) -> list[str]:
    """Return the letters of the gates that the model can least do without."""
    task, best = subject.task, best_constants(subject, found)
    worst = (min if task.better == "higher" else max)(best.values())
    return [letter for letter, score in best.items() if _same(task, score, worst)]


def _same(task: Task, score: float, other: float) -> bool:
    """Return whether two scores read the same on the page."""
    return cell_text(task, score) == cell_text(task, other)

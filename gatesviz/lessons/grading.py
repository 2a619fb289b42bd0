"""Grade the questions of a lesson: which one is open, what an answer shows, and the first tries.

A check asks up to four questions, one after the other: its own, the reason, and after a wrong
answer those of its sibling. The first two count. A record is a text with one character for each of
them over the whole lesson: "1" right at first try, "0" wrong, "-" not answered yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.lesson import Check, Lesson, Step, with_numbers
from gatesviz.lessons.measures import measured

RIGHT, WRONG, OPEN = "1", "0", "-"
SHOWN = "shown"
"""In place of an option that was chosen: the result is shown without an answer. It isn't graded."""


@dataclass(frozen=True)
class Question:
    """A question as it is asked.

    Attributes:
        role: "answer", "reason", "sibling" or "sibling reason".
        text: what is asked.
        options: key -> answer, in the order in which they are shown.
        chosen: key of the chosen option, "" while it is open, `SHOWN` without an answer.
        right: key of the right option, "" while it is open.
        verdict: what the measurement shows, as paragraphs. Empty while it is open.
    """

    role: str
    text: str
    options: dict[str, str]
    chosen: str = ""
    right: str = ""
    verdict: tuple[str, ...] = ()

    @property
    def correct(self) -> bool:
        """Whether it was answered, and rightly."""
        return bool(self.chosen) and self.chosen == self.right


def questions(check: Check, choices: Sequence[str]) -> tuple[Question, ...]:
    """Return the questions that were answered by ``choices``, and the open one if there is one.

    Args:
        choices: keys of the chosen options, in order. What fits no question is ignored.
    """
    left, asked = list(choices), list[Question]()
    for whole, role in ((check, "answer"), (check.sibling, "sibling")):
        if whole is None or (
            role == "sibling" and all(one.correct or one.chosen == SHOWN for one in asked)
        ):
            break
        found = measured(whole.measure) if whole.measure else Finding()
        reason = "reason" if role == "answer" else "sibling reason"
        for one, its_role in ((whole, role), (whole.reason, reason)):
            if one is None:
                continue
            own = measured(one.measure) if one.measure else found
            question = _asked(one, its_role, own, left.pop(0) if left else "")
            asked.append(question)
            if not question.chosen:
                return tuple(asked)
    return tuple(asked)


def answered(check: Check, choices: Sequence[str]) -> bool:
    """Return whether no question of ``check`` is open."""
    return bool(questions(check, choices)[-1].chosen)


def choices_to_text(check: Check, choices: Sequence[str]) -> str:
    """Return the keys of the chosen options, joined by points, up to a result without an answer."""
    made = (one.chosen for one in questions(check, choices))
    return ".".join(takewhile(lambda key: key not in ("", SHOWN), made))


def choices_from_text(check: Check, text: str) -> list[str]:
    """Return the keys of the options that ``text`` names, up to the first that is none.

    Args:
        check: the check of a step.
        text: keys joined by points.
    """
    choices = list[str]()
    for key in text.split("."):
        asked = questions(check, choices)[-1]
        if asked.chosen or key not in asked.options:
            break
        choices.append(key)
    return choices


def _asked(check: Check, role: str, found: Finding, choice: str) -> Question:
    numbers = found.numbers
    text = with_numbers(check.question, numbers)
    right = check.right or found.right
    order = check.shown_order(right)
    options = {key: with_numbers(check.options[key], numbers) for key in order}
    if choice == SHOWN:
        return Question(
            role, text, options, SHOWN, right, (found.sentence,) if check.measure else ()
        )
    if choice not in options:
        return Question(role, text, options)
    refuted = with_numbers(check.refute[choice], numbers) if choice in check.refute else ""
    said = (refuted if choice != right else "", found.sentence if check.measure else "")
    return Question(role, text, options, choice, right, tuple(one for one in said if one))


def numbers_of(step: Step) -> dict[str, str]:
    """Return name -> number for the texts of ``step``: those of its check and of its measure."""
    texts = [step.check.measure] if step.check is not None else []
    found = [measured(text).numbers for text in (*texts, step.measure) if text]
    return {name: number for one in found for name, number in one.items()}


def counted(lesson: Lesson) -> tuple[tuple[int, str], ...]:
    """Return step (from 0) and role of each question that counts, in the order of a record."""
    return tuple(
        (index, role)
        for index, step in enumerate(lesson.steps)
        if step.check is not None
        for role in ("answer", "reason")
        if role == "answer" or step.check.reason is not None
    )


def empty_record(lesson: Lesson) -> str:
    """Return the record of a lesson without answers."""
    return OPEN * len(counted(lesson))


def fits(record: str, lesson: Lesson) -> bool:
    """Return whether ``record`` can be one of ``lesson``."""
    return len(record) == len(counted(lesson)) and set(record) <= {RIGHT, WRONG, OPEN}


def with_marks(record: str, other: str) -> str:
    """Return ``record``, and where it is open, the marks of ``other``, of the same lesson."""
    return "".join(new if mark == OPEN else mark for mark, new in zip(record, other, strict=True))


def with_answers(record: str, lesson: Lesson, step: int, choices: Sequence[str]) -> str:
    """Return ``record`` with the first tries of step number ``step`` (from 0). Earlier ones stay.

    Args:
        record: of ``lesson``.
        step: where the check is.
        choices: as for `questions`.
    """
    check = lesson.steps[step].check
    if check is None:
        return record
    found = {one.role: one for one in questions(check, choices) if one.chosen not in ("", SHOWN)}
    marks = [
        (RIGHT if found[role].correct else WRONG)
        if mark == OPEN and place == step and role in found
        else mark
        for mark, (place, role) in zip(record, counted(lesson), strict=True)
    ]
    return "".join(marks)

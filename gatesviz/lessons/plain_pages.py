"""A page of plain text for each lesson: its steps, its questions, and the measured answers."""

from collections.abc import Iterator
from pathlib import Path

from gatesviz.lessons.answers import AnsweredQuestion, answered_questions
from gatesviz.lessons.grading import numbers_of
from gatesviz.lessons.lesson import Lesson, Step, with_numbers
from gatesviz.recordings.atomic_write import write_whole

GUESS = "Make a guess"
"""Words of a question whose answer can't be known before the measurement."""


def plain_page(lesson: Lesson) -> str:
    """Return the lesson as one Markdown page with the right answers and the measured numbers."""
    parts = [
        f"# {lesson.title}",
        f"After this lesson, you can {lesson.goal}"
        f" It takes about {lesson.minutes} minutes. In the app: `?lesson={lesson.name}.1`.",
    ]
    steps = [part for step in lesson.steps for part in (f"## {step.title}", *_step(step))]
    if any(GUESS in part for part in steps):
        parts.append(
            f"Where a question says “{GUESS}”, you may not know the answer yet: guess first, then"
            " read what we measured."
        )
    return "\n\n".join(parts + steps) + "\n"


def write_plain_pages(folder: str | Path, lessons: tuple[Lesson, ...]) -> tuple[Path, ...]:
    """Write a page for each lesson into ``folder`` and return their paths.

    The folder is created if it is missing. Files with the same names are replaced.

    Raises:
        OSError: if the folder can't be created or written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{each.name}.md" for each in lessons)
    for path, each in zip(paths, lessons, strict=True):
        write_whole(path, plain_page(each).encode())
    return paths


def _step(step: Step) -> Iterator[str]:
    numbers = numbers_of(step)
    yield with_numbers(step.text, numbers)
    yield from map(_question, answered_questions(step))
    if step.follows:
        yield with_numbers(step.follows, numbers)


def _question(one: AnsweredQuestion) -> str:
    """Return a question, its right answer, the measurement, and why other answers are wrong."""
    lines = [f"**{one.question}**", f"- Answer: {one.right}"]
    if one.measured:
        lines.append(f"- Measured: {one.measured}")
    lines += [f"- Not “{wrong.quoted}”: {wrong.refutation}" for wrong in one.wrong]
    return "\n".join(lines)

"""A page of plain text for each lesson: its steps, its questions, and the measured answers."""

from collections.abc import Iterator
from pathlib import Path

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.grading import numbers_of
from gatesviz.lessons.lesson import Check, Lesson, Step, with_numbers
from gatesviz.lessons.measures import measured
from gatesviz.recordings.atomic_write import write_whole


def plain_page(lesson: Lesson) -> str:
    """Return the lesson as one Markdown page with the right answers and the measured numbers."""
    parts = [
        f"# {lesson.title}",
        f"After this lesson: {lesson.after[:1].lower()}{lesson.after[1:]}"
        f" It takes about {lesson.minutes} minutes. In the app: `?lesson={lesson.name}.1`.",
    ]
    for step in lesson.steps:
        parts += [f"## {step.title}", *_step(step)]
    return "\n\n".join(parts) + "\n"


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
    if step.check is not None:
        yield from _check(step.check)
    if step.follows:
        yield with_numbers(step.follows, numbers)


def _check(check: Check) -> Iterator[str]:
    found = measured(check.measure) if check.measure else Finding()
    yield _question(check, found)
    if check.reason is not None:
        yield _question(check.reason, found)
    if check.sibling is not None:
        yield from _check(check.sibling)


def _question(check: Check, found: Finding) -> str:
    """Return a question, its right answer, the measurement, and why other answers are wrong."""
    own = measured(check.measure) if check.measure else found
    right = check.right or own.right
    lines = [f"**{check.question}**", f"- Answer: {check.options[right]}"]
    if check.measure:
        lines.append(f"- Measured: {own.sentence}")
    wrong = [key for key in check.options if key != right and key in check.refute]
    lines += [f"- Not “{_inner(check.options[key])}”: {check.refute[key]}" for key in wrong]
    return with_numbers("\n".join(lines), own.numbers)


def _inner(text: str) -> str:
    """Return ``text`` as it stands within quotation marks: its own ones become single."""
    return text.translate(str.maketrans("“”", "‘’"))

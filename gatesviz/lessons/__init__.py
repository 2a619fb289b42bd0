"""Lessons: text files whose steps are links to prepared states of the app's pages.

    >>> [lesson.title for lesson in lessons()]    # doctest: +SKIP
    >>> lesson("memory").steps[0].query           # doctest: +SKIP

text file → parser → lesson → grading (measures decide which answer is right) → completion (a code)
"""

import functools

from gatesviz.lessons.completion import completion_code, read_code
from gatesviz.lessons.finding import Finding
from gatesviz.lessons.lesson import Check, Lesson, Step
from gatesviz.lessons.measures import measured
from gatesviz.lessons.parser import LessonError, read_lesson
from gatesviz.lessons.text_files import find_named, numbered_texts

__all__ = [
    "Check",
    "Finding",
    "Lesson",
    "LessonError",
    "Step",
    "completion_code",
    "lesson",
    "lessons",
    "measured",
    "read_code",
]


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """Return all lessons in the order in which they are taught.

    Raises:
        LessonError: if a file has a fault.
    """
    found: dict[str, Lesson] = {}
    for name, text in numbered_texts("gatesviz.lessons"):
        one = read_lesson(name, text)
        for before in one.builds_on:
            if before not in found:
                raise LessonError(f"{name}: builds_on {before!r}: no earlier lesson has this name")
        found[name] = one
    return tuple(found.values())


def lesson(name: str) -> Lesson:
    """Return the lesson ``name``.

    Raises:
        ValueError: if there is none; the sentence lists those there are.
    """
    return find_named("lesson", name, lessons())

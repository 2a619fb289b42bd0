"""Lessons: text files whose steps are links to prepared states of the app's pages.

    >>> [lesson.title for lesson in lessons()]    # doctest: +SKIP
    >>> lesson("memory").steps[0].query           # doctest: +SKIP

text file → parser → lesson → grading (measures decide which answer is right) → completion (a code)
"""

import functools
from importlib.resources import files

from gatesviz.lessons.completion import completion_code, read_code
from gatesviz.lessons.finding import Finding
from gatesviz.lessons.lesson import Check, Lesson, Step
from gatesviz.lessons.measures import measured
from gatesviz.lessons.parser import LessonError, read_lesson
from gatesviz.names import did_you_mean

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
    texts = files("gatesviz.lessons").joinpath("texts")
    paths = sorted(
        (path for path in texts.iterdir() if path.name.endswith(".md")), key=lambda path: path.name
    )
    return tuple(
        read_lesson(path.name.removesuffix(".md").partition("_")[2], path.read_text("utf-8"))
        for path in paths
    )


def lesson(name: str) -> Lesson:
    """Return the lesson ``name``.

    Raises:
        ValueError: if there is none; the sentence lists those there are.
    """
    known = {each.name: each for each in lessons()}
    if name not in known:
        hint = did_you_mean(name, known)
        raise ValueError(f"no lesson {name!r}; expected one of {', '.join(known)}{hint}")
    return known[name]

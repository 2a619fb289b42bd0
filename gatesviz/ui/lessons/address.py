"""Addresses of lessons, ``feed?text=A..?&lesson=memory.3``, with what was answered.

``got`` is the record of first tries, and ``chose`` the options that were chosen at this step. So a
reload, or another server, goes on where a student is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gatesviz.lessons import Lesson, Step, lesson
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.menu import address

LESSON, RECORD, CHOSEN = "lesson", "got", "chose"
PARAMETERS: Mapping[str, Parameter] = {LESSON: Text(80), RECORD: Text(60), CHOSEN: Text(9)}
"""The parameters of lessons in a link. The panel itself checks what they say."""


@dataclass(frozen=True)
class Place:
    """A step of a lesson. ``index`` counts from 0."""

    lesson: Lesson
    index: int

    def __str__(self) -> str:
        return f"{self.lesson.name}.{self.index + 1}"

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.lesson.steps[self.index]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the step's prepared view."""
        return {**self.step.query, LESSON: str(self)}

    @property
    def href(self) -> str:
        """The address of the step's prepared view, relative to any page of the app."""
        return address(self.step.page, self.query)


def place_of(text: str) -> Place:
    """Return the step that ``text`` names, such as ``memory.3``; ``memory`` is its first step.

    Raises:
        ValueError: if there is no such lesson or step.
    """
    name, _, number = text.partition(".")
    found = lesson(name)
    count = len(found.steps)
    if number and not (number.isdecimal() and len(number) < 4 and 1 <= int(number) <= count):
        raise ValueError(
            f"the lesson {name!r} has no step {number[:20]!r}; expected a number from 1 to {count}"
        )
    return Place(found, int(number or 1) - 1)

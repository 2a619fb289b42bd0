"""Addresses of lessons, ``feed?text=A..?&lesson=memory.3``, with what was answered.

``got`` is the record of first tries, ``memory.1-----``, and ``chose`` the options that were chosen
at this step, ``memory.3.same``. So a reload, or another server, goes on where a student is. Both
name what they belong to, because an address can be changed to that of another lesson.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import digits

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gatesviz.lessons import Lesson, Step, lesson, lessons
from gatesviz.lessons.grading import OPEN
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.menu import address

LESSON, RECORD, CHOSEN = "lesson", "got", "chose"
PARAMETERS: Mapping[str, Parameter] = {LESSON: Text(80), RECORD: Text(60), CHOSEN: Text(99)}
"""The parameters of lessons in a link. The panel itself checks what they say."""
_DRAWN = "lesson in the address that was drawn"


def note_address() -> None:
    """Note which step the address names, before its page is drawn."""
    st.session_state[_DRAWN] = st.query_params.get(LESSON)


def is_of_another_step() -> bool:
    """Return whether the address names another step than the page that was drawn last.

    A message of that page may arrive together with the new address. It is not about the new step.
    """
    return bool(st.session_state.get(_DRAWN) != st.query_params.get(LESSON))


def belonging(name: str, to: str) -> str:
    """Return what a parameter of the address says about ``to``, or "" if it is about another step.

    Addresses of earlier versions don't say what they are about.

    Args:
        name: `RECORD` or `CHOSEN`.
        to: the name of a lesson, or a step such as "memory.3".
    """
    text = st.query_params.get(name, "")
    if text.startswith(f"{to}."):
        return text.removeprefix(f"{to}.")
    other, _, rest = text.partition(".")
    bound = rest[:1] in {*digits, OPEN} and other in {one.name for one in lessons()}
    return "" if bound else text  # "lstm.other" names two options


def by_history() -> bool:
    """Return whether the reader opened the address on the page: by a link, or by Back or Forward.

    Streamlit then gives the settings that are bound to the address its values.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


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

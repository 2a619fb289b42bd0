"""A plan for a class of 45 minutes, made of the app's own lessons."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from gatesviz.lessons import lesson, lessons
from gatesviz.limits import ROOM_HOURS
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import Place

COLUMNS = ("Minutes", "Open", "Ask", "What happens", "If the class is fast or slow")
TALK = 5
"""Minutes for discussion that the plan adds to those of a lesson."""
INTRODUCTION = (
    "You need a screen for every student, or for every two. The times include"
    f" {TALK} minutes of discussion for each lesson."
)
_component = part("sheet")


@dataclass(frozen=True)
class Part:
    """A part of the plan.

    Attributes:
        minutes: how long it takes.
        href, title: the page or lesson to open, and its name.
        ask: a question to the class.
        happens: what the class does, and what the teacher does.
        pace: what to do if it is fast, and if it is slow.
    """

    minutes: int
    href: str
    title: str
    ask: str
    happens: str
    pace: str


def plan() -> tuple[Part, ...]:
    """Return the parts of the plan, in order."""
    return (
        Part(
            5, "classroom", "Class",
            "“What must you remember while you read a sentence?”",
            "Students scan the QR code or type the code. You press Follow me and Hold results.",
            "Begin when most have joined. Late students' screens open your page.",
        ),
        _lesson(
            "memory",
            "“Where is the letter while the network reads the dots?”",
            "Everyone guesses at each question. You show the guesses on the board. Neighbours"
            " discuss and guess again. Then you press Show results.",
            "Fast: {next}. Slow: leave out step 4.",
        ),
        _lesson(
            "lstm",
            "“Which gate writes, which one keeps, which one shows?”",
            "As before. You press Move their players, and point at what you talk about.",
            "Fast: {next}. Slow: leave out step 5.",
        ),
        Part(
            12, "train", "Train live",
            "“Which cell solves the task first? Is it the same with another seed?”",
            "Everyone guesses and presses Start, each with a different seed. You turn off Hold"
            " results and open the board: each dot is one seed.",
            "Fast: change H (hidden units), then guess again. Slow: train on your screen only.",
        ),
        Part(
            5, "classroom", "Class",
            "“What is lost without a state? Why isn't one run enough?”",
            "Students answer with what they have seen. You download the answers and end the room."
            f" A room that you don't end is deleted after {ROOM_HOURS} hours.",
            "Fast: a challenge on the first page.",
        ),
    )  # fmt: skip


def _lesson(name: str, ask: str, happens: str, pace: str) -> Part:
    """Return the part for a lesson. The next one is for a class that is fast."""
    one, every = lesson(name), lessons()
    number = every.index(one) + 1
    return Part(
        one.minutes + TALK,
        Place(one, 0).href,
        f"Lesson {number}",
        ask,
        happens,
        pace.format(next=f"lesson {number + 1}"),
    )


def draw_plan() -> None:
    """Draw the plan as a table that can be printed."""
    st.header(f"A class of {sum(one.minutes for one in plan())} minutes")
    st.write(INTRODUCTION)
    _component(data={"columns": COLUMNS, "rows": rows(plan())}, key="plan of teachers")


def rows(parts: tuple[Part, ...]) -> list[list[Any]]:
    """Return a row of `COLUMNS` for each part, with the minutes in which it happens."""
    found, at = list[list[Any]](), 0
    for one in parts:
        opened = {"href": one.href, "title": one.title}
        found.append([f"{at}–{at + one.minutes}", opened, one.ask, one.happens, one.pace])
        at += one.minutes
    return found

"""Challenges on the pages: their addresses, and which of them are solved."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.challenges import Challenge, challenge_code, challenges
from gatesviz.tasks import TASKS
from gatesviz.ui.classroom.reports import report_challenge
from gatesviz.ui.menu import address
from gatesviz.ui.person_memory import remembered

KEY = "challenge"
"""The name in links."""
_SOLVED, _REPORTED = "challenges", "challenges reported"
ALL_SOLVED = f"You have solved all {len(challenges())} challenges."


def href(task: Challenge) -> str:
    """Return the address of a challenge, relative to any page of the app."""
    query = {KEY: task.name}
    if task.fewest is None:
        return address("inside", query)
    cell, title = CELLS[task.fewest.cell].short, TASKS[task.fewest.task].title
    return address("train", {"trtask": title, "trcells": cell, **query})


def solved_challenges() -> dict[str, str]:
    """Return name -> code of each challenge that was solved in this browser."""
    return remembered(_SOLVED)


def solve(task: Challenge, cell: str, units: int) -> None:
    """Note that a challenge is solved with ``units`` units of a cell, and tell the room."""
    reported: set[str] = st.session_state.setdefault(_REPORTED, set())
    if task.name not in reported:
        reported.add(task.name)
        report_challenge(task.title, solved=True)
    solved_challenges()[task.name] = challenge_code(task.name, cell, units)


def report_try(task: Challenge) -> None:
    """Tell the room of a class a try that did not solve a challenge. A solved one stays solved."""
    if task.name not in solved_challenges():
        report_challenge(task.title, solved=False)


def next_challenge() -> Challenge | None:
    """Return the first challenge that isn't solved, or None."""
    return next((one for one in challenges() if one.name not in solved_challenges()), None)


def describe_code(task: Challenge) -> str:
    """Return the code of a solved challenge in Markdown, and what it is for."""
    code = solved_challenges()[task.name]
    return f"Your code: `{code}`. It's for a course page. It doesn't prove who solved it."

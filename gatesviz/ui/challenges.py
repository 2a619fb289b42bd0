"""Challenges on the pages: their addresses, and which of them are solved."""

from gatesviz.cells import CELLS
from gatesviz.challenges import Challenge, challenge_code, challenges
from gatesviz.tasks import TASKS
from gatesviz.ui.classroom.reports import report_challenge, room_code
from gatesviz.ui.menu import address
from gatesviz.ui.person_memory import remembered

KEY = "challenge"
"""The name in links."""
PART = "challenges"
"""The id of their part of the first page."""
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


def solve(task: Challenge, cell: str, units: int, *, tell: bool = True) -> None:
    """Note that a challenge is solved with ``units`` units of a cell, and tell the room.

    Each room gets it once. ``tell`` is False for a solution that was found before.
    """
    place, told = _in_room(task), remembered(_REPORTED)
    code = solved_challenges()[task.name] = challenge_code(task.name, cell, units)
    if tell and place and place not in told and report_challenge(task.title, solved=True):
        told[place] = code


def report_try(task: Challenge) -> None:
    """Tell the room a try that did not solve a challenge. What is solved there stays solved."""
    if _in_room(task) not in remembered(_REPORTED):
        report_challenge(task.title, solved=False)


def _in_room(task: Challenge) -> str:
    """Return a name for a challenge in the room that this student is in, or ""."""
    code = room_code()
    return f"{code} {task.name}" if code else ""


def next_challenge() -> Challenge | None:
    """Return the first challenge that isn't solved, or None."""
    return next((one for one in challenges() if one.name not in solved_challenges()), None)


def describe_code(task: Challenge) -> str:
    """Return the code of a solved challenge in Markdown, and what it is for."""
    code = solved_challenges()[task.name]
    return f"Your code: `{code}`. It's for a course page. It doesn't prove who solved it."

"""The lessons that were finished in this browser, and what follows the last one."""

from collections.abc import Mapping

from gatesviz.lessons import lessons
from gatesviz.ui.challenges import PART as CHALLENGES_PART
from gatesviz.ui.menu import START, address
from gatesviz.ui.person_memory import remembered

CHALLENGES = {
    "title": "the challenges on the first page",
    "href": address(START, {}),
    "label": "Next: ",
    "button": "Challenges",
    "part": CHALLENGES_PART,
}
"""What follows the last lesson."""


def finished_lessons() -> dict[str, str]:
    """Return name -> the last score, such as "4 of 6", of each finished lesson."""
    return remembered("lessons")


def all_finished(scores: Mapping[str, str]) -> str:
    """Say after the last lesson how many lessons are finished, and the score of them all.

    Args:
        scores: name of a finished lesson -> its score, such as "4 of 6".
    """
    titles = {one.name: one.title for one in lessons()}
    pairs = [map(int, text.split(" of ")) for name, text in scores.items() if name in titles]
    right, count = (sum(each) for each in zip(*pairs, strict=True)) if pairs else (0, 0)
    open_ones = [title for name, title in titles.items() if name not in scores]
    which = f"all {len(titles)}" if not open_ones else f"{len(pairs)} of {len(titles)}"
    said = f"This was the last lesson. You have finished {which} lessons."
    said += f" Right at first try in these: {right} of {count}." if pairs else ""
    return f"{said} Still open: {'; '.join(open_ones)}." if 0 < len(open_ones) <= 3 else said

"""The lessons that were finished in this browser, for the ticks on the first page."""

from gatesviz.ui.person_memory import remembered


def finished_lessons() -> dict[str, str]:
    """Return name -> the last score, such as "4 of 6", of each finished lesson."""
    return remembered("lessons")

"""What a lesson tells the room of a class: how far a student is, and which option they chose."""

from gatesviz.lessons.grading import Question as Asked
from gatesviz.rooms import Question
from gatesviz.ui.classroom.reports import plain, report
from gatesviz.ui.lessons.address import Place

ROLES = {
    "answer": "",
    "reason": ", the reason",
    "sibling": ", second try",
    "sibling reason": ", second try, the reason",
}


def report_step(place: Place) -> None:
    """Tell the room at which step a student is."""
    lesson = place.lesson
    steps = tuple(f"{number}. {step.title}" for number, step in enumerate(lesson.steps, 1))
    report(Question("progress", f"Lesson: {lesson.title}", steps), place.index)


def report_choice(place: Place, asked: Asked) -> None:
    """Tell the room which option was chosen. The measurement has decided which one is right."""
    keys = list(asked.options)
    title = f"{place.lesson.title}, step {place.index + 1}{ROLES[asked.role]}: {plain(asked.text)}"
    options = tuple(map(plain, asked.options.values()))
    right = keys.index(asked.right) if asked.right in keys else None
    report(Question("check", title, options, right), keys.index(asked.chosen))

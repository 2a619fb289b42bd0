"""What a lesson tells the room of a class: how far a student is, and which option they chose."""

from collections.abc import Iterable
from dataclasses import replace

from gatesviz.lessons.grading import Question as Asked
from gatesviz.rooms import Question
from gatesviz.ui.classroom.held_results import held_since, hides, shown_to_class
from gatesviz.ui.classroom.reports import plain, report
from gatesviz.ui.classroom.stage import put_on_stage
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
    right = keys.index(asked.right) if asked.right in keys else None
    report(replace(_in_room(place, asked), right=right), keys.index(asked.chosen))


def stage_questions(place: Place, asked: Iterable[Asked]) -> None:
    """Tell the room which questions of a step the teacher's page asks."""
    for one in asked:
        put_on_stage(_in_room(place, one))


def hides_answer(place: Place, asked: Asked) -> bool:
    """Return whether a teacher holds back which option of a question is right."""
    return held_since() is not None and hides(_in_room(place, asked), "")


def is_shown_to_class(place: Place, asked: Asked) -> bool:
    """Return whether this screen is the teacher's, and its class knows which option is right."""
    return shown_to_class(_in_room(place, asked), "")


def _in_room(place: Place, asked: Asked) -> Question:
    """Return a question as a room stores it, without its right option."""
    title = f"{place.lesson.title}, step {place.index + 1}{ROLES[asked.role]}: {plain(asked.text)}"
    return Question("check", title, tuple(map(plain, asked.options.values())))

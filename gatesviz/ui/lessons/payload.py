"""What the browser draws of a lesson's step: its texts, questions, verdicts and the way on."""

from collections.abc import Iterable
from typing import Any

from gatesviz.lessons import Lesson, lessons
from gatesviz.lessons.completion import completion_code
from gatesviz.lessons.grading import (
    OPEN,
    RIGHT,
    Question,
    choices_to_text,
    counted,
    numbers_of,
    questions,
)
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import Block, blocks
from gatesviz.ui.classroom.held_results import held_text, is_kept_in_lesson
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.lessons.answers import (
    chosen,
    held_choice,
    held_choices,
    open_question,
    places,
    session_name,
)
from gatesviz.ui.lessons.class_answers import hides_answer
from gatesviz.ui.lessons.finished import CHALLENGES, all_finished, finished_lessons
from gatesviz.ui.lessons.views import controls


def payload(place: Place, made: list[str], kept: str, *, everything: bool) -> dict[str, Any]:
    """Return what the browser draws.

    Args:
        place: the step.
        made: keys of the chosen options.
        kept: the record of the lesson.
        everything: whether all controls of the page are shown.
    """
    step, lesson = place.step, place.lesson
    numbers = numbers_of(step)
    asked = questions(step.check, made) if step.check is not None else ()
    done = not asked or bool(asked[-1].chosen)
    last = place.index == len(lesson.steps) - 1
    return {
        "lesson": lesson.name,
        "title": lesson.title,
        "place": str(place),
        "step": place.index + 1,
        "heading": step.title,
        "text": _drawn(blocks(with_numbers(step.text, numbers))),
        "look": _drawn(blocks(with_numbers(step.look, numbers))),
        "hide": [] if everything and not (held(place) and not done) else list(step.hide),
        "questions": [_question(one) for one in asked],
        "held": held(place) if not done else None,
        "follows": _drawn(blocks(with_numbers(step.follows, numbers))) if done else [],
        "steps": [
            {"place": str(each), "href": each.href, "title": each.step.title, "state": state}
            for each, state in zip(places(place), _states(place, kept), strict=True)
        ],
        "record": kept if set(kept) - {OPEN} else "",
        "chose": choices_to_text(step.check, made) if step.check is not None else "",
        "session": session_name(),
        "chosen": chosen(place),
        "kept": held_choices(place),
        "everything": everything,
        "stays": is_kept_in_lesson(),
        "controls": controls(step, done) or None,
        "end": _end(place, kept) if last and done else None,
    }


def _states(place: Place, kept: str) -> list[str]:
    """Return for each step: "plain" without a check, "open", "right" or "wrong" at first try."""
    marks: dict[int, str] = {}
    for tried, (index, _) in zip(kept, counted(place.lesson), strict=True):
        marks[index] = marks.get(index, "") + tried
    states = []
    for index in range(len(place.lesson.steps)):
        given = marks.get(index)
        state = "plain" if given is None else "open" if OPEN in given else "wrong"
        states.append("right" if given and set(given) == {RIGHT} else state)
    return states


def held(place: Place) -> dict[str, str] | None:
    """Return what a student reads while the teacher holds the result back, and what they chose."""
    asked = open_question(place)
    if asked is None or not hides_answer(place, asked):
        return None
    picked = held_choice(place)
    return {"picked": picked, "text": held_text(guessed=bool(picked))}


def _question(one: Question) -> dict[str, Any]:
    return {
        "role": one.role,
        "text": _drawn(blocks(one.text)),
        "options": [
            {"key": key, "text": _drawn(blocks(answer))} for key, answer in one.options.items()
        ],
        "chosen": one.chosen,
        "right": one.right,
        "verdict": _drawn(block for text in one.verdict for block in blocks(text)),
    }


def _end(place: Place, kept: str) -> dict[str, Any]:
    """Return the summary of a lesson, with its code once every question has an answer."""
    lesson, count, right = place.lesson, len(kept), kept.count(RIGHT)
    following = lessons()[(lessons().index(lesson) + 1) :][:1]
    left = [str(k) for k, state in enumerate(_states(place, kept), 1) if state == "open"]
    return {
        "after": lesson.after,
        "right": right,
        "count": count,
        "open": left,
        "code": "" if left or not count else completion_code(lesson.name, right, count),
        "next": [{"title": one.title, "href": Place(one, 0).href} for one in following]
        or [CHALLENGES],
        "all": ""
        if following
        else all_finished({**finished_lessons(), **finished_now(lesson, kept)}),
    }


def finished_now(lesson: Lesson, kept: str) -> dict[str, str]:
    """Return the lesson's name -> its score, or nothing while a question is open."""
    return {} if OPEN in kept else {lesson.name: f"{kept.count(RIGHT)} of {len(kept)}"}


def _drawn(made: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as the browser reads them."""
    return [
        {"kind": block.kind, "parts": [[one.text, one.look, one.href] for one in block.parts]}
        for block in made
    ]

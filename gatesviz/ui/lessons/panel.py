"""The panel of a lesson: a step's text and questions, next to the page in its prepared state."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from gatesviz.lessons import lessons
from gatesviz.lessons.completion import completion_code
from gatesviz.lessons.grading import (
    OPEN,
    RIGHT,
    Question,
    choices_from_text,
    choices_to_text,
    counted,
    empty_record,
    fits,
    numbers_of,
    questions,
    with_answers,
)
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import Block, blocks
from gatesviz.ui.components import part
from gatesviz.ui.fields import forget_unbound
from gatesviz.ui.guesses import GUESSES, IN_LESSON, forget_guesses
from gatesviz.ui.inside import session as inside
from gatesviz.ui.lessons.address import CHOSEN, LESSON, RECORD, Place, place_of
from gatesviz.ui.lessons.class_answers import report_choice, report_step
from gatesviz.ui.lessons.finished import finished_lessons
from gatesviz.ui.lessons.views import style
from gatesviz.ui.notices import sentence
from gatesviz.ui.page_settings import SETTINGS
from gatesviz.ui.player import forget_positions
from gatesviz.ui.sharing.hiding import style as style_of_link

KEY = "gatesviz-lesson"
_AT, _CHOICES, _RECORDS, _ALL = (f"lesson {part}" for part in ("at", "choices", "records", "all"))
_component = part("lesson")


def draw_lesson() -> bool:
    """Draw the panel of the lesson in the link. Call this before the page.

    Returns:
        Whether there is such a lesson.
    """
    text = st.query_params.get(LESSON)
    st.session_state[IN_LESSON] = False
    if text is None:
        st.session_state.pop(_AT, None)
        return False
    try:
        place = place_of(text)
    except ValueError as error:
        st.text(f"This link names a lesson that can't be shown. {sentence(error)}")
        return False
    if st.session_state.get(_AT) != str(place):
        st.session_state[_AT] = str(place)
        for forget in (forget_unbound, forget_guesses, forget_positions, inside.forget):
            forget()
        report_step(place)
    asks = GUESSES.isdisjoint(place.step.show)  # else the step shows the page's own question
    st.session_state[IN_LESSON] = asks and not st.session_state.get(_ALL, False)
    _panel(str(place))
    return True


@st.fragment
def _panel(text: str) -> None:
    """Draw the panel. An answer reruns only this fragment."""
    place = place_of(text)
    everything = st.session_state.setdefault(_ALL, False)
    css = style(place.step, everything=everything)
    css += style_of_link(place.step.page, everything=everything)
    with st.container(key=KEY):
        st.html(f"<style>{css}</style>")
        _component(
            data=payload(place, choices(place), record(place), everything=everything),
            key=f"{KEY}-{place.lesson.name}",
            on_choice_change=_choose,
            on_everything_change=_show_everything,
        )


def choices(place: Place) -> list[str]:
    """Return the keys of the options that were chosen at a step, in order.

    A link brings its own to a session that has not been at this step.
    """
    made: dict[str, list[str]] = st.session_state.setdefault(_CHOICES, {})
    if str(place) not in made:
        check, brought = place.step.check, st.query_params.get(CHOSEN, "")
        made[str(place)] = choices_from_text(check, brought) if check and brought else []
    return made[str(place)]


def record(place: Place) -> str:
    """Return the record of the first tries of a lesson; a cold link brings its own."""
    kept: dict[str, str] = st.session_state.setdefault(_RECORDS, {})
    name = place.lesson.name
    if name not in kept:
        brought = st.query_params.get(RECORD, "")
        kept[name] = brought if fits(brought, place.lesson) else empty_record(place.lesson)
    return kept[name]


def _event(name: str) -> tuple[Place, Any] | None:
    """Return the step that the browser showed at an event, and the event's value."""
    place = place_of(st.session_state[_AT])
    sent = st.session_state[f"{KEY}-{place.lesson.name}"].get(name)
    usable = isinstance(sent, dict) and sent.get("place") == str(place)
    return (place, sent.get("value")) if usable else None


def _choose() -> None:
    event = _event("choice")
    if event is None:
        return
    place, value = event
    check, made = place.step.check, choices(place)
    if check is None:
        return
    asked = questions(check, made)
    if asked[-1].chosen or value not in asked[-1].options:
        return
    made.append(value)
    report_choice(place, questions(check, made)[len(made) - 1])
    kept = with_answers(record(place), place.lesson, place.index, made)
    st.session_state[_RECORDS][place.lesson.name] = kept
    if OPEN not in kept:
        finished_lessons()[place.lesson.name] = f"{kept.count(RIGHT)} of {len(kept)}"


def _show_everything() -> None:
    event = _event("everything")
    if event is not None:
        st.session_state[_ALL] = event[1] is True


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
        "questions": [_question(one) for one in asked],
        "follows": _drawn(blocks(with_numbers(step.follows, numbers))) if done else [],
        "steps": [
            {"place": str(each), "href": each.href, "title": each.step.title, "state": state}
            for each, state in zip(_places(place), _states(place, kept), strict=True)
        ],
        "record": kept if set(kept) - {OPEN} else "",
        "chose": choices_to_text(step.check, made) if step.check is not None else "",
        "everything": everything,
        "controls": [key for key in step.show if key in SETTINGS[step.page]] or None,
        "end": _end(place, kept) if last and done else None,
    }


def _places(place: Place) -> list[Place]:
    return [Place(place.lesson, index) for index in range(len(place.lesson.steps))]


def _states(place: Place, kept: str) -> list[str]:
    """Return for each step: "plain" without a check, "open", "right" or "wrong" at first try."""
    marks: dict[int, str] = {}
    for mark, (index, _) in zip(kept, counted(place.lesson), strict=True):
        marks[index] = marks.get(index, "") + mark
    states = []
    for index in range(len(place.lesson.steps)):
        given = marks.get(index)
        state = "plain" if given is None else "open" if OPEN in given else "wrong"
        states.append("right" if given and set(given) == {RIGHT} else state)
    return states


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
        "next": [{"title": one.title, "href": Place(one, 0).href} for one in following],
    }


def _drawn(made: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as the browser reads them."""
    return [
        {"kind": block.kind, "parts": [[one.text, one.look, one.href] for one in block.parts]}
        for block in made
    ]

"""The answers of this session: the options chosen at each step, and the record of first tries.

The browser has them, too: the address has those of the present step, and the storage of the tab
those of whole lessons. A session that begins after a reload, or on another server, takes them over.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gatesviz.lessons.grading import (
    SHOWN,
    Question,
    choices_from_text,
    choices_to_text,
    empty_record,
    fits,
    questions,
    with_answers,
    with_marks,
)
from gatesviz.ui.browser_session import name_of
from gatesviz.ui.classroom.held_results import held_since
from gatesviz.ui.lessons.address import CHOSEN, RECORD, Place, belonging, place_of
from gatesviz.ui.lessons.class_answers import hides_answer, is_shown_to_class
from gatesviz.ui.notices import note_ignored

AT = "lesson at"
"""In the session: the step that is shown, such as "memory.3"."""
_CHOICES, _RECORDS, _SESSION = "lesson choices", "lesson records", "lesson session"
_HELD = "lesson held"
HELD_IN_LINK = "chose: the teacher of your room hasn't shown the result of this question yet."


def session_name() -> str:
    """Return a name of this session. A browser tells each session once what it has stored."""
    return name_of(_SESSION)


def choices(place: Place) -> list[str]:
    """Return the keys of the options that were chosen at a step, in order.

    A link to this step brings its own to a session without any, but no answer to a question whose
    result a teacher holds back: it would show the result.
    """
    made: dict[str, list[str]] = st.session_state.setdefault(_CHOICES, {})
    found = made.setdefault(str(place), [])
    check = place.step.check
    if not found and check is not None and st.session_state.get(AT) == str(place):
        brought = choices_from_text(check, belonging(CHOSEN, str(place)))
        found += _shown(place, brought)
        if len(found) < len(brought):
            note_ignored(HELD_IN_LINK)
    return found


def _shown(place: Place, brought: list[str]) -> list[str]:
    """Return the first options of a link, up to a question whose result is held back."""
    check = place.step.check
    if check is None or held_since() is None:
        return brought
    for count in range(len(brought)):
        if hides_answer(place, questions(check, brought[:count])[-1]):
            return brought[:count]
    return brought


def record(place: Place) -> str:
    """Return the record of the first tries of a lesson; a cold link brings its own."""
    kept: dict[str, str] = st.session_state.setdefault(_RECORDS, {})
    name = place.lesson.name
    if name not in kept:
        brought = belonging(RECORD, name)
        kept[name] = brought if fits(brought, place.lesson) else empty_record(place.lesson)
    return kept[name]


def mark(place: Place) -> str:
    """Write the answers of a step into the record of its lesson, and return it."""
    kept = with_answers(record(place), place.lesson, place.index, choices(place))
    st.session_state[_RECORDS][place.lesson.name] = kept
    return kept


def is_answered(place: Place) -> bool:
    """Return whether no question of a step is open."""
    check, made = place.step.check, choices(place)
    if check is None or not made:  # no measurement is needed to know
        return check is None
    return bool(questions(check, made)[-1].chosen)


def drop_choice(place: Place) -> None:
    """Forget the option that is kept for a step."""
    st.session_state.get(_HELD, {}).pop(str(place), None)


def hold_choice(place: Place, value: str) -> None:
    """Keep an option that was chosen while the teacher holds the result back."""
    st.session_state.setdefault(_HELD, {})[str(place)] = value


def held_choice(place: Place) -> str:
    """Return the option that `hold_choice` keeps for a step, or ""."""
    held: dict[str, str] = st.session_state.get(_HELD, {})
    return held.get(str(place), "")


def held_choices(place: Place) -> dict[str, str]:
    """Return step -> the option that is kept for it, for the steps of a lesson."""
    held: dict[str, str] = st.session_state.get(_HELD, {})
    return {str(one): held[str(one)] for one in places(place) if str(one) in held}


def open_question(place: Place) -> Question | None:
    """Return the question of a step that has no answer yet, or None."""
    check = place.step.check
    asked = questions(check, choices(place))[-1] if check is not None else None
    return None if asked is None or asked.chosen else asked


def release_choices() -> list[Place]:
    """Let the options that were kept be answers, and return the steps that have one more.

    Those whose result the teacher still holds back stay.
    """
    held: dict[str, str] = st.session_state.get(_HELD, {})
    released = []
    for name, value in [*held.items()]:
        place = place_of(name)
        asked = open_question(place)
        if asked is not None and hides_answer(place, asked):
            continue
        del held[name]
        if asked is not None and value in asked.options:
            choices(place).append(value)
            released.append(place)
    return released


def show_with_class(place: Place) -> None:
    """Show a teacher the results of a step that the class has been shown, unanswered or not."""
    while (asked := open_question(place)) is not None and is_shown_to_class(place, asked):
        choices(place).append(SHOWN)


def all_answered(place: Place) -> bool:
    """Return whether no step of the lesson on the same page has an open question.

    The principle of a page may hold the answer of a later step.
    """
    page = place.step.page
    return all(is_answered(one) for one in places(place) if one.step.page == page)


def places(place: Place) -> list[Place]:
    """Return all steps of the lesson."""
    return [Place(place.lesson, index) for index in range(len(place.lesson.steps))]


def chosen(place: Place) -> dict[str, str]:
    """Return each answered step of the lesson -> its chosen options, as a link has them."""
    return {
        str(one): choices_to_text(one.step.check, choices(one))
        for one in places(place)
        if one.step.check is not None and choices(one)
    }


def take_stored(place: Place, stored: Mapping[str, Any]) -> None:
    """Take over answers that the browser has stored.

    What this session has itself stays, but of each step the longer list of answers counts. What
    fits no question is ignored.

    Args:
        place: a step of the lesson.
        stored: "record", "chosen" as `chosen` returns it, and "kept" as `held_choices` does.
    """
    texts, other, waits = stored.get("chosen"), stored.get("record"), stored.get("kept")
    if isinstance(other, str) and fits(other, place.lesson):
        kept = with_marks(record(place), other)
        st.session_state[_RECORDS][place.lesson.name] = kept
    for each in places(place):
        one = waits.get(str(each)) if isinstance(waits, dict) else None
        if isinstance(one, str) and each.step.check is not None and not held_choice(each):
            hold_choice(each, one)
        text = texts.get(str(each)) if isinstance(texts, dict) else None
        if each.step.check is None or not isinstance(text, str):
            continue
        brought, own = choices_from_text(each.step.check, text), choices(each)
        if len(brought) > len(own):
            own[:] = brought
        mark(each)

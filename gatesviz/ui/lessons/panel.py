"""The panel of a lesson: a step's text and questions, next to the page in its prepared state."""

from typing import Any

import streamlit as st

from gatesviz.lessons.grading import questions
from gatesviz.ui.classroom.held_results import follows_class, held_since, note_hidden
from gatesviz.ui.components import part
from gatesviz.ui.feed.models import forget_preferred
from gatesviz.ui.fields import forget_unbound
from gatesviz.ui.guesses import (
    ANSWER_FIRST,
    HIDDEN_BY_LESSON,
    IN_LESSON,
    LINK_GUESSES,
    SHOWN_BY_LESSON,
    bring_guesses_back,
    forget_guesses,
    set_guesses_aside,
)
from gatesviz.ui.inside import session as inside
from gatesviz.ui.lessons.address import LESSON, Place, by_history, note_address, place_of
from gatesviz.ui.lessons.answers import (
    AT,
    all_answered,
    choices,
    drop_choice,
    hold_choice,
    is_answered,
    mark,
    open_question,
    record,
    release_choices,
    show_with_class,
    take_stored,
)
from gatesviz.ui.lessons.class_answers import (
    hides_answer,
    report_choice,
    report_step,
    stage_questions,
)
from gatesviz.ui.lessons.finished import finished_lessons
from gatesviz.ui.lessons.payload import finished_now, held, payload
from gatesviz.ui.lessons.views import (
    asks_itself,
    prepare,
    shown_by_link,
    shows_results,
    style,
)
from gatesviz.ui.notices import sentence
from gatesviz.ui.player import forget_positions
from gatesviz.ui.sharing.hiding import style as style_of_link

KEY = "gatesviz-lesson"
_ALL = "lesson all"
_SET_BY_STEP = (forget_unbound, forget_positions, inside.forget)
"""What a page forgets of the step before, which has set it."""
_FORGET = (*_SET_BY_STEP, forget_guesses, forget_preferred)
"""What a new step forgets, so that its page is as on a cold visit."""
_component = part("lesson")


def draw_lesson(page: str) -> bool:
    """Draw the panel of the lesson in the link. Call this before the page.

    Args:
        page: the name of the page, which a link of the lesson can change.

    Returns:
        Whether there is such a lesson.
    """
    text = st.query_params.get(LESSON)
    note_address()
    st.session_state[IN_LESSON] = ""
    st.session_state[SHOWN_BY_LESSON] = st.session_state[LINK_GUESSES] = False
    if text is None:
        if st.session_state.pop(AT, None):
            bring_guesses_back()
            for forget in _SET_BY_STEP:
                forget()
            if by_history():
                prepare(page)
        return False
    try:
        place = place_of(text)
    except ValueError as error:
        st.text(f"This link names a lesson that can't be shown. {sentence(error)}")
        return False
    if st.session_state.get(AT) != str(place):
        here = AT in st.session_state
        if not here:
            set_guesses_aside()
        st.session_state[AT] = str(place)
        if follows_class():
            st.session_state[_ALL] = False  # a step shows the same on all screens of a class
        for forget in _FORGET:
            forget()
        if here and not by_history():
            prepare(page)
        report_step(place)
    elif by_history():
        _open_address(page)
    for released in release_choices():
        _note_answers(released)
    show_with_class(place)
    if held_since() is not None and not is_answered(place):
        note_hidden()
    st.session_state[IN_LESSON] = _why_hidden(place)
    st.session_state[SHOWN_BY_LESSON] = _shows_results(place)
    everything = st.session_state.get(_ALL, False)
    st.session_state[LINK_GUESSES] = not everything and shown_by_link(place.step)
    _panel(str(place))
    return True


def _open_address(page: str) -> None:
    """Open what the address says: the reader followed a link of the step's text, or went back.

    On the same page, its player, its cell and its settings would stay where they are.
    """
    for forget in _SET_BY_STEP:
        forget()
    prepare(page)


def _why_hidden(place: Place) -> str:
    """Return why the page asks no question of its own, or "" if it does."""
    if st.session_state.get(_ALL, False):
        return ""
    if not is_answered(place):
        return ANSWER_FIRST
    return "" if asks_itself(place.step) else HIDDEN_BY_LESSON


def _shows_results(place: Place) -> bool:
    """Return whether the page shows its results without a guess: the lesson has asked."""
    everything = st.session_state.get(_ALL, False)
    return not everything and is_answered(place) and shows_results(place.step)


@st.fragment
def _panel(text: str) -> None:
    """Draw the panel. An answer reruns only this fragment."""
    place = place_of(text)
    everything = st.session_state.setdefault(_ALL, False)
    css = style(
        place.step,
        everything=everything and held(place) is None,
        answered=is_answered(place),
        principle=all_answered(place),
        results=_shows_results(place),
    )
    css += style_of_link(place.step.page, everything=everything)
    made, check = choices(place), place.step.check
    if check is not None:
        stage_questions(place, questions(check, made))
    with st.container(key=KEY):
        st.html(f"<style>{css}</style>")
        _component(
            data=payload(place, made, record(place), everything=everything),
            key=f"{KEY}-{place.lesson.name}",
            on_choice_change=_choose,
            on_everything_change=_show_everything,
            on_stored_change=_take_stored,
        )


def _event(name: str) -> tuple[Place, dict[str, Any]] | None:
    """Return the step that the browser showed at an event, and what it sent."""
    place = place_of(st.session_state[AT])
    sent = st.session_state[f"{KEY}-{place.lesson.name}"].get(name)
    usable = isinstance(sent, dict) and sent.get("place") == str(place)
    return (place, sent) if usable else None


def _choose() -> None:
    event = _event("choice")
    if event is None:
        return
    place, sent = event
    value, check, made = str(sent.get("value")), place.step.check, choices(place)
    if check is None or sent.get("answered") != len(made):  # pressed twice: no second answer
        return
    asked = open_question(place)
    if asked is None or value not in asked.options:
        return
    hides = hides_answer(place, asked)  # before the room knows the answer
    report_choice(place, questions(check, [*made, value])[len(made)])
    if hides:
        hold_choice(place, value)
        return
    drop_choice(place)
    made.append(value)
    _note_answers(place)
    _draw_page(place)


def _note_answers(place: Place) -> None:
    """Write the answers of a step into the record of its lesson, and into the list of lessons."""
    finished_lessons().update(finished_now(place.lesson, mark(place)))


def _draw_page(place: Place) -> None:
    """Draw the page, too, if it asks or shows its results now."""
    if is_answered(place) and (asks_itself(place.step) or _shows_results(place)):
        st.rerun()


def _take_stored() -> None:
    """Take over answers that the browser has stored, of a session before a reload."""
    event = _event("stored")
    if event is None:
        return
    place, sent = event
    answered = is_answered(place)
    take_stored(place, sent)
    for released in release_choices():
        _note_answers(released)
    finished_lessons().update(finished_now(place.lesson, record(place)))
    if not answered:
        _draw_page(place)


def _show_everything() -> None:
    event = _event("everything")
    if event is not None:
        st.session_state[_ALL] = event[1].get("value") is True
        st.rerun()  # the page asks its own question, or no longer does

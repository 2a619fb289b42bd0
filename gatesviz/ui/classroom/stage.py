"""The questions on the teacher's page. They stand first on the board of the class."""

import streamlit as st

from gatesviz.rooms import NoRoomError, Question, UnavailableError
from gatesviz.ui.classroom.membership import member, stored_rooms

_NOW, _SENT = "questions on the page", "questions on the stage"


def clear_stage() -> None:
    """Note that a page is drawn anew and has asked nothing yet."""
    st.session_state[_NOW] = []


def put_on_stage(question: Question) -> None:
    """Tell the room that the teacher's page asks a question. A student's page tells nothing.

    The room hears of it once, until the teacher's page asks another question. A page without a
    question, such as that of the board, leaves the questions of the page before where they are.

    Args:
        question: as the room stores it.
    """
    who = member()
    if who is None or not who.teacher:
        return
    now: list[str] = st.session_state.setdefault(_NOW, [])
    if question.id not in now:
        now.append(question.id)
    if (who.code, question.id) in st.session_state.get(_SENT, ()):
        return
    try:
        stored_rooms().put_on_stage(who, now)
    except (NoRoomError, UnavailableError):
        return
    st.session_state[_SENT] = [(who.code, one) for one in now]

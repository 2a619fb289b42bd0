"""The questions on the teacher's page. They stand first on the board of the class."""

import streamlit as st

from gatesviz.rooms import NoRoomError, Question, UnavailableError
from gatesviz.rooms.asked import shared_part
from gatesviz.ui.classroom.membership import member, stored_rooms

_NOW, _SENT = "questions on the page", "questions on the stage"


def clear_stage() -> None:
    """Note that a page is drawn anew and has asked nothing yet."""
    st.session_state[_NOW] = {}


def asks_nothing() -> bool:
    """Return whether this is a teacher's page that has asked nothing since it was drawn anew."""
    who = member()
    return who is not None and who.teacher and not st.session_state.get(_NOW)


def put_on_stage(question: Question, settings: str = "", *, hidden: bool = False) -> None:
    """Tell the room that the teacher's page asks a question. A student's page tells nothing.

    The room hears of it once, until the teacher's page asks another question, or the same one
    about other settings whose result is held back. A page without a question, such as that of the
    board, leaves the questions of the page before where they are.

    Args:
        question: as the room stores it.
        settings: a text that differs between the settings it is about, or "" if these are unknown.
            Only the part that the class shares makes them others.
        hidden: whether its result with these settings is held back.
    """
    who = member()
    if who is None or not who.teacher:
        return
    now: dict[str, str] = st.session_state.setdefault(_NOW, {})
    sent: dict[tuple[str, str], str] = st.session_state.get(_SENT, {})
    name, settings = (who.code, question.id), shared_part(settings)
    now[question.id] = settings or now.get(question.id, "")
    before = sent.get(name, "")
    changed = bool(before and settings and before != settings)
    if name in sent and not (changed and hidden):
        sent[name] = settings or before
        return
    try:
        stored_rooms().put_on_stage(who, [*now], hidden=hidden, changed=changed)
    except (NoRoomError, UnavailableError):
        return
    st.session_state[_SENT] = {(who.code, one): about for one, about in now.items()}

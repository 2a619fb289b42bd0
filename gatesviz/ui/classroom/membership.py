"""Which room this browser is in. A reload finds it again by the browser's cookie."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from gatesviz.rooms import Member, NoRoomError, UnavailableError, clean_code, may_have_rooms
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import person

if TYPE_CHECKING:
    from gatesviz.rooms.store import Rooms

ROOM, KEY = "room", "teach"
PARAMETERS: Mapping[str, Parameter] = {ROOM: Text(40), KEY: Text(80)}
"""The parameters of a room in a link: its code, and the secret key of its teacher."""
_MEMBER, _LOOKED, _BROWSER = "room member", "room looked up", "room browser"
_TOLD, _SECRET, _PROBLEM = "room link", "room secret", "room problem"


def member() -> Member | None:
    """Return who this session is in a room, or None."""
    found: Member | None = st.session_state.get(_MEMBER)
    return found


def follow_link() -> None:
    """Join the room of the link, or find the room that this browser is in. Call it in every run."""
    if not st.session_state.get(_LOOKED):
        st.session_state[_LOOKED] = True
        if may_have_rooms():
            with suppress(UnavailableError):
                st.session_state[_MEMBER] = stored_rooms().find(browser())
    code, key = st.query_params.get(ROOM), st.query_params.get(KEY, "")
    if code is None:
        return
    if (code, key) != st.session_state.get(_TOLD):
        st.session_state[_TOLD] = (code, key)
        join(code, key)
    if not st.session_state[_PROBLEM]:  # a projected address must not show the key
        for name in (ROOM, KEY):
            st.query_params.pop(name, None)
        del st.session_state[_TOLD]


def join(text: str, key: str = "") -> None:
    """Join the room with the code ``text``, or remember why that isn't possible."""
    st.session_state[_PROBLEM] = ""
    try:
        code = clean_code(text)
        if not may_have_rooms():
            raise NoRoomError(f"there is no room {code}; ask for the code again")
        joined = stored_rooms().join(code, browser(), key)
    except (ValueError, UnavailableError) as error:
        st.session_state[_PROBLEM] = sentence(error)
        return
    _leave_for(code)
    st.session_state[_MEMBER] = joined
    if key:
        st.session_state[_SECRET] = key


def open_room() -> None:
    """Open a room with this session as its teacher, or remember why that isn't possible."""
    st.session_state[_PROBLEM] = ""
    try:
        opened, key = stored_rooms().open(browser())
    except (ValueError, UnavailableError) as error:
        st.session_state[_PROBLEM] = sentence(error)
        return
    _leave_for(opened.code)
    st.session_state[_MEMBER], st.session_state[_SECRET] = opened, key


def leave() -> None:
    """Leave the room. Nothing more is sent."""
    left = member()
    forget()
    if left is not None:
        with suppress(ValueError, UnavailableError):  # it may be gone already
            stored_rooms().leave(left)


def _leave_for(code: str) -> None:
    """Leave the room of before for another one. A teacher keeps the right to come back."""
    before = member()
    if before is None or before.code == code:
        return
    if before.teacher:
        forget()
    else:
        leave()


def end_room() -> None:
    """End the room that this session teaches, with everything in it."""
    ended = member()
    try:
        if ended is not None:
            stored_rooms().end(ended)
    except (ValueError, UnavailableError) as error:
        st.session_state[_PROBLEM] = sentence(error)
        if isinstance(error, UnavailableError):
            return
    forget()


def forget() -> None:
    """Forget the room, because it has ended or this browser has left it."""
    for name in (_MEMBER, _SECRET):
        st.session_state.pop(name, None)


def problem() -> str:
    """Return why this browser couldn't join or open a room, or "". It is said once.

    A problem with a link is said as long as the link is in the address.
    """
    text: str = st.session_state.get(_PROBLEM, "")
    if ROOM not in st.query_params:
        st.session_state.pop(_PROBLEM, None)
    return text


def secret() -> str:
    """Return the secret key of the teacher's link, or "" if this session doesn't have it."""
    key: str = st.session_state.get(_SECRET, "")
    return key


def browser() -> str:
    """Return the browser's cookie, or a random text for a session without one."""
    fallback: str = st.session_state.setdefault(_BROWSER, uuid4().hex)
    return person() or fallback


def stored_rooms() -> "Rooms":
    """Return the rooms of this server."""
    from gatesviz.rooms.store import rooms  # loads SQLAlchemy

    return rooms()

"""Which room this browser is in. A reload finds it again by the browser's cookie."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from gatesviz.rooms import Member, NoRoomError, UnavailableError, clean_code, may_have_rooms
from gatesviz.storage import PAUSE
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import person

if TYPE_CHECKING:
    from gatesviz.rooms.store import Rooms
    from gatesviz.rooms.tally import Shows

ROOM, KEY = "room", "teach"
PARAMETERS: Mapping[str, Parameter] = {ROOM: Text(40), KEY: Text(80)}
"""The parameters of a room in a link: its code, and the secret key of its teacher."""
NO_COOKIE = (
    "your browser sends no cookie, and a room knows you by it; allow cookies for this site, open it"
    " in a tab of its own and reload"
)
_MEMBER, _LOOKED, _LOOK_AT = "room member", "room looked up", "room look at"
_TOLD, _SECRET, _PROBLEM = "room link", "room secret", "room problem"
_SAID_AT = "room problem said at"
SAID_FOR = 20.0
"""The seconds for which a problem or the end of a room is said. A run that follows at once, such as
the one when a connection closes, would take it away before anyone has read it."""


def member() -> Member | None:
    """Return who this session is in a room, or None."""
    found: Member | None = st.session_state.get(_MEMBER)
    return found


def follow_link() -> None:
    """Join the room of the link, or find the room that this browser is in. Call it in every run."""
    _look_up()
    code, key = st.query_params.get(ROOM), st.query_params.get(KEY, "")
    if code is None:
        if st.session_state.pop(_TOLD, None):  # its problem has left the address with it
            _say("")
        return
    if (code, key) != st.session_state.get(_TOLD):
        st.session_state[_TOLD] = (code, key)
        join(code, key)
    if not st.session_state.get(_PROBLEM):  # a projected address must not show the key
        for name in (ROOM, KEY):
            st.query_params.pop(name, None)
        st.session_state.pop(_TOLD, None)


def _look_up() -> None:
    """Find the room that this browser is in, once. If the database fails, try again later."""
    state, now = st.session_state, time.monotonic()
    if state.get(_LOOKED) or member() is not None or now < state.get(_LOOK_AT, now):
        return
    if may_have_rooms() and person():
        try:
            state[_MEMBER] = stored_rooms().find(person())
        except UnavailableError:
            state[_LOOK_AT] = time.monotonic() + PAUSE
            return
    state[_LOOKED] = True


def join(text: str, key: str = "") -> None:
    """Join the room with the code ``text``, or remember why that isn't possible."""
    _say("")
    try:
        code = clean_code(text)
        if not may_have_rooms():
            raise NoRoomError(f"there is no room {code}; ask for the code again")
        joined = stored_rooms().join(code, _cookie(), key)
    except (ValueError, UnavailableError) as error:
        _say(sentence(error))
        return
    _leave_for(code)
    st.session_state[_MEMBER] = joined
    if key:
        st.session_state[_SECRET] = key


def open_room() -> None:
    """Open a room with this session as its teacher, or remember why that isn't possible."""
    _say("")
    try:
        opened, key = stored_rooms().open(_cookie())
    except (ValueError, UnavailableError) as error:
        _say(sentence(error))
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


def check_room() -> None:
    """Forget the room if it has ended, or if this browser left it in another tab."""
    who = member()
    if who is None:  # the connection of the room that this session has just ended
        return
    with suppress(UnavailableError):
        if stored_rooms().member(who.code, person()) is None:
            over = stored_rooms().version(who.code) is None
            forget()
            _say(f"Room {who.code} has ended." if over else f"You have left room {who.code}.")


def show_on_board(teacher: Member, shows: "Shows") -> bool:
    """Choose what the board of a room shows. Return whether it worked, or remember why not."""
    _say("")
    try:
        stored_rooms().show(teacher, shows)
    except (ValueError, UnavailableError) as error:
        check_room()
        _say(sentence(error))
        return False
    return True


def release_on_board(teacher: Member, question: str) -> None:
    """Let the board show the answers to a question that waits, or remember why it doesn't."""
    _say("")
    try:
        stored_rooms().release(teacher, question)
    except (ValueError, UnavailableError) as error:
        check_room()
        _say(sentence(error))


def board_shows(teacher: Member) -> str:
    """Return what the board of a room shows, or "" if that can't be read now."""
    with suppress(ValueError, UnavailableError):
        return stored_rooms().shows(teacher.code)
    return ""


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
    """End the room that this session teaches, with everything in it, and say so."""
    ended = member()
    try:
        if ended is not None:
            stored_rooms().end(ended)
            _say(f"Room {ended.code} has ended. Its data is deleted.")
    except (ValueError, UnavailableError) as error:
        _say(sentence(error))
        if isinstance(error, UnavailableError):
            return
    forget()


def forget() -> None:
    """Forget the room, because it has ended or this browser has left it."""
    st.session_state[_LOOKED] = True
    for name in (_MEMBER, _SECRET):
        st.session_state.pop(name, None)


def _say(text: str) -> None:
    """Let the page say ``text`` in its next runs. "" says nothing more."""
    st.session_state[_PROBLEM] = text
    st.session_state.pop(_SAID_AT, None)


def problem() -> str:
    """Return why this browser couldn't join or open a room, or that a room has ended, or "".

    It is said for `SAID_FOR` seconds. A problem with a link is said as long as the link is in the
    address.
    """
    state, now = st.session_state, time.monotonic()
    text: str = state.get(_PROBLEM, "")
    if ROOM in st.query_params or not text:
        return text
    if now - state.setdefault(_SAID_AT, now) > SAID_FOR:
        _say("")
    return str(state[_PROBLEM])


def secret() -> str:
    """Return the secret key of the teacher's link, or "" if this session doesn't know it.

    The session that opened the room or its teacher's link knows it. After a reload, it is computed
    again for the browser that opened the room.
    """
    key: str | None = st.session_state.get(_SECRET)
    who = member()
    if key is None and who is not None and who.teacher:
        try:
            key = stored_rooms().key(who.code, person())
        except UnavailableError:
            return ""
        st.session_state[_SECRET] = key
    return key or ""


def _cookie() -> str:
    """Return the browser's cookie.

    Raises:
        ValueError: if it sends none. Without it, a reload would be a new person.
    """
    if cookie := person():
        return cookie
    raise ValueError(NO_COOKIE)


def stored_rooms() -> "Rooms":
    """Return the rooms of this server."""
    from gatesviz.rooms.store import rooms  # loads SQLAlchemy

    return rooms()

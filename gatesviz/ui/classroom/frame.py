"""The line above every page: in which room you are, and the way out."""

import streamlit as st

from gatesviz.limits import SEED
from gatesviz.rooms import Member, nickname
from gatesviz.rooms.pace import PAUSES
from gatesviz.ui.classroom.live import address as live_address
from gatesviz.ui.classroom.membership import check_room, follow_link, leave, member, problem
from gatesviz.ui.classroom.pace import CLASS, KEPT, OWN, PRIVATE
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import LESSON
from gatesviz.ui.locks import is_locked
from gatesviz.ui.train.parameters import RUN_SEED

KEY = "gatesviz-room"
_component = part("room")


def draw_room() -> None:
    """Join the room of the link, and draw the line if this browser is in a room."""
    follow_link()
    if text := problem():
        st.text(text)
    who = member()
    if who is not None:
        _give_seed(who)
        data = {
            "code": who.code,
            "teacher": who.teacher,
            "name": nickname(who.person),
            "page": CLASS,
            "private": sorted(PRIVATE),
            "address": live_address(who.code, "pace"),
            "own": OWN,
            "kept": KEPT,
            "pauses": PAUSES if who.teacher else (),
        }
        _component(data=data, key=KEY, on_leave_change=leave, on_ended_change=check_room)


def _give_seed(who: Member) -> None:
    """Give each student a seed of their own on *Train live*, so a class is many seeds.

    A link's seed stays, also if it locks the usual one, and so does that of a lesson, whose text
    may depend on it.
    """
    key = RUN_SEED.key
    chosen = key in st.session_state or key in st.query_params or LESSON in st.query_params
    if not who.teacher and not chosen and not is_locked(key):
        st.session_state[key] = own_seed(who)


def own_seed(who: Member) -> int:
    """Return a seed that differs between most people."""
    return int(who.person[:8], 16) % (SEED.high + 1)

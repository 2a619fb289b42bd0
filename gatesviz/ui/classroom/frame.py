"""The line above every page: in which room you are, and the way out."""

import streamlit as st

from gatesviz.limits import SEED
from gatesviz.rooms import Member, nickname
from gatesviz.rooms.pace import PAUSES
from gatesviz.ui.address_values import add_to_address
from gatesviz.ui.classroom.held_results import begin_page, held_since
from gatesviz.ui.classroom.live import address as live_address
from gatesviz.ui.classroom.membership import (
    board_shows,
    check_room,
    follow_link,
    leave,
    member,
    problem,
)
from gatesviz.ui.classroom.pace import OWN, OWN_SEED, SEED_PAGE
from gatesviz.ui.classroom.reports import send_again
from gatesviz.ui.classroom.stage import asks_nothing, clear_stage
from gatesviz.ui.compare.card import CARD, CLAIM
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import LESSON, by_history
from gatesviz.ui.locks import SETS, is_locked
from gatesviz.ui.menu import CLASS, PRIVATE
from gatesviz.ui.page_settings import FIELDS
from gatesviz.ui.train.parameters import RUN_SEED

KEY = "gatesviz-room"
_BAR = f".st-key-{KEY}"
_STAYS = (
    f"{_BAR} {{ position: sticky; top: 3.75rem; z-index: 98; }}"
    # Between a phone and a laptop, the panel of a lesson stays there.
    " @media (min-width: 700px) and (max-width: 1099px) {"
    f" [data-testid=stApp]:has(.st-key-gatesviz-lesson) {_BAR} {{ position: static; }}"
    " [data-testid=stApp]:has(.st-key-gatesviz-lesson) [data-testid=stMain] { --gv-room: 0px; } }"
)
"""The style that keeps a teacher's bar in view."""
_LOCKED = "[data-gv-locked] { opacity: 0.5; }"
"""The style of settings that the teacher has locked."""
ASKS_NOTHING = "--gv-asks-nothing"
"""The style from which ``room.js`` learns that the page has no question."""
_component = part("room")


def draw_room(page: str) -> None:
    """Join the room of the link, and draw the line if this browser is in a room.

    Args:
        page: the name of the page.
    """
    begin_page(page)
    clear_stage()
    follow_link()
    if text := problem():
        st.text(text)
    who = member()
    send_again()
    if who is not None:
        _give_seed(who, page)
        st.html(f"<style>{_STAYS if who.teacher else _LOCKED}</style>")
        data = {
            "code": who.code,
            "teacher": who.teacher,
            "name": nickname(who.person),
            "page": CLASS,
            "private": sorted(PRIVATE),
            "address": live_address(who.code, "pace"),
            "own": OWN,
            "seed": OWN_SEED,
            "seedPage": SEED_PAGE,
            "settings": _setting_selectors(page),
            "pauses": PAUSES if who.teacher else (),
            "held": held_since(),
            "shows": board_shows(who) if who.teacher else "",
        }
        _component(
            data=data,
            key=KEY,
            on_leave_change=leave,
            on_ended_change=check_room,
            on_held_change=_draw_page,
        )


def _setting_selectors(page: str) -> list[str]:
    """Return the CSS selectors of what changes the shared settings of a page.

    They are the settings, the buttons that change some of them, and the titles of the claims.
    """
    keys = sorted(FIELDS.get(page, {}).keys() - {*OWN, OWN_SEED})
    others = (f"[class*=st-key-{SETS}]", f"[class*=st-key-{CARD}-{CLAIM}-] summary")
    return [*(f".st-key-{key}" for key in keys), *others] if keys else []


def end_room_page(page: str) -> None:
    """Tell the line that a teacher's page asks nothing, so there are no answers to count.

    The page of the board counts those of the page before. Call it at the end of every page.
    """
    if page not in PRIVATE and asks_nothing():
        st.html(f"<style>:root {{ {ASKS_NOTHING}: 1; }}</style>")


def _draw_page() -> None:
    """Do nothing: the event draws the page again, as the room is now."""


def _give_seed(who: Member, page: str) -> None:
    """Give each student a seed of their own on *Train live*, so a class is many seeds.

    A link's seed stays, also if it locks the usual one, and so does that of a lesson, whose text
    may depend on it.
    """
    key, query = RUN_SEED.key, st.query_params
    if who.teacher or key in query or LESSON in query or is_locked(key):
        return
    if page == SEED_PAGE and by_history():  # also when the page follows the teacher
        st.session_state.pop(key, None)
        add_to_address(key, own_seed(who))
    if key not in st.session_state:
        st.session_state[key] = own_seed(who)


def own_seed(who: Member) -> int:
    """Return a seed that differs between most people."""
    return int(who.person[:8], 16) % (SEED.high + 1)

"""The page *Class*: join or open a room, its code and picture, its board, and its end."""

import time
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from gatesviz.limits import ROOM_HOURS
from gatesviz.rooms import Member, UnavailableError, nickname
from gatesviz.rooms.export import COLUMNS, rows
from gatesviz.ui.app_links import draw_plan
from gatesviz.ui.classroom.addresses import only_here, origins, picture
from gatesviz.ui.classroom.held_results import held_since, is_page_new
from gatesviz.ui.classroom.live import address
from gatesviz.ui.classroom.membership import (
    KEY,
    ROOM,
    end_room,
    join,
    member,
    open_room,
    release_on_board,
    secret,
    show_on_board,
    stored_rooms,
)
from gatesviz.ui.components import part
from gatesviz.ui.downloads import table
from gatesviz.ui.notices import refuse

PRIVATE = (
    "A room stores no names and no text that a student types. It stores their guesses with the"
    " settings, their answers and scores, and the curves they draw. It ends after"
    f" {ROOM_HOURS} hours, or when the teacher ends it. Then everything in it is deleted."
)
SHOWS = {
    "people": "only how many have guessed",
    "answers": "the guesses",
    "right": "the guesses and the right answer",
}
FALLS_BACK = (
    f"Show results also sets the board to “{SHOWS['right']}”."
    f" A new question on your page sets it back to “{SHOWS['people']}”."
)
NO_SECRET = (
    "After a reload, only the browser that opened the room can show your own link. Look for it"
    " there, or open the link again."
)
_FOLDED, _AROUND = "room code is folded", "gatesviz-board"
_TYPED, _SHOWS, _ORIGIN, _BOARD = "room code", "room shows", "room origin", "board "
MINUTE = 60
_board = part("board")


def style() -> None:
    """Hide the sidebar where it isn't the menu, and keep the board as high as the screen.

    The sidebar of the page before would stay, empty. A page that becomes shorter while it is drawn
    again would scroll.
    """
    hidden = "[data-testid=stSidebar] { display: none; }"
    high = f".st-key-{_AROUND} {{ min-height: 100dvh; }}"
    st.html(f"<style>{high} @media (min-width: 769px) {{ {hidden} }}</style>")


def draw_entrance() -> None:
    """Draw the ways into a room: join one by its code, or open one."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Join a room")
        with st.form("join", border=False):
            st.text_input("Room code", key=_TYPED, max_chars=20)
            st.form_submit_button("Join", on_click=lambda: join(st.session_state[_TYPED]))
    with right:
        st.header("Teach a class")
        st.write(
            "Your students join with a code. Their guesses, answers and runs appear on one board."
        )
        st.button("Open a room", on_click=open_room)
        draw_plan()
    st.caption(PRIVATE)


def draw_lead(teacher: Member) -> None:
    """Draw what a teacher projects and controls: code, picture, links, and the end of the room.

    A teacher who comes back to the page after students have joined wants the board, so the way in
    is folded.
    """
    found = origins()
    if is_page_new():
        st.session_state[_FOLDED] = bool(_students(teacher))
    around = st.container()
    if st.session_state.get(_FOLDED, False):
        around = st.expander(f"How to join room {teacher.code}: QR code and link")
    with around:
        left, right = st.columns([1, 2], gap="large")
    with right:
        st.header("Room code")
        st.html(f'<p style="{_LARGE}">{teacher.code}</p>')
        _board(
            data={"address": address(teacher.code), "only": "joined"}, key=f"joined {teacher.code}"
        )
        origin = found[0]
        if len(found) > 1:
            origin = st.segmented_control(
                "This machine has several addresses. Which one can your students reach?",
                found, default=found[0], required=True, key=_ORIGIN,
            )  # fmt: skip
        link = f"{origin}/?{urlencode({ROOM: teacher.code})}"
        st.write(
            "Students scan the QR code, or open this link. They can also type the code on the page"
            " Class."
        )
        st.code(link, language=None, wrap_lines=True)
        if only_here():
            st.warning(
                "Only this computer can open this server's pages. To let others in, stop the server"
                " and start it with `HOST=0.0.0.0 make run`."
            )
    with left:
        st.image(picture(link), alt=f"QR code of the link to room {teacher.code}", width=320)
    _draw_controls(teacher, origin)
    _draw_end(teacher)


def _students(teacher: Member) -> int:
    """Return how many students are in a room; 0 if the database fails."""
    with suppress(ValueError, UnavailableError):
        return len(stored_rooms().persons(teacher.code) - {teacher.person})
    return 0


def _draw_controls(teacher: Member, origin: str) -> None:
    with st.container(horizontal=True):
        if key := secret():
            with st.popover("Link for the teacher"):
                st.write(
                    "This link opens the room as its teacher, also on another machine. Keep it"
                    " secret, and don't project it."
                )
                own = urlencode({ROOM: teacher.code, KEY: key})
                st.code(f"{origin}/classroom?{own}", language=None, wrap_lines=True)
        else:  # the server stores only its hash
            st.caption(NO_SECRET)
        _draw_download(teacher, "download")
        with st.popover("End the room"):
            st.write("Download what the class answered before you end the room.")
            _draw_download(teacher, "download before the end")
            st.button("End the room and delete everything", on_click=end_room)


def _draw_download(teacher: Member, key: str) -> None:
    st.download_button(
        "Download the answers (CSV)", lambda: as_csv(teacher), f"gatesviz-room-{teacher.code}.csv",
        "text/csv", on_click="ignore", key=f"room {key}",
    )  # fmt: skip


@st.fragment(run_every=MINUTE)
def _draw_end(teacher: Member) -> None:
    """Draw when the room ends, and in its last hour a warning with the download."""
    try:
        ends = stored_rooms().expires(teacher.code)
    except (ValueError, UnavailableError) as error:
        refuse(error)
        return
    st.caption(f"This room ends {end_time(ends)}. Then everything in it is deleted.")
    left = ends - time.time()
    if left < 60 * MINUTE:
        minutes = max(1, round(left / MINUTE))
        st.warning(
            f"This room ends in {minutes} minute{'' if minutes == 1 else 's'}. Download what the"
            " class answered, because everything in the room will be deleted."
        )
        _draw_download(teacher, "last download")


def end_time(at: float) -> str:
    """Return a time with its day, by the browser's clock, or in UTC if its zone isn't known.

    Args:
        at: seconds since 1970.
    """
    try:
        zone: tzinfo = ZoneInfo(st.context.timezone or "")
        name = ""
    except (ValueError, TypeError, OSError, ZoneInfoNotFoundError):
        zone, name = UTC, " UTC"
    then, now = (datetime.fromtimestamp(one, zone) for one in (at, time.time()))
    days = (then.date() - now.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {then.day} {then:%B %Y}")
    return f"{day} at {then:%H:%M}{name}"


def draw_student(student: Member) -> None:
    """Draw what a student should know."""
    st.text(
        f"You are the {nickname(student.person)}. Only you see this name. Go to any page, guess and"
        " train: your guesses, answers in lessons and finished runs appear on the board. On Train"
        " live, your models start from other random numbers (another seed) than your neighbours'."
        " So the class makes one experiment with many seeds."
    )
    st.caption(PRIVATE)


def draw_board(who: Member) -> None:
    """Draw the board. The browser listens to the server, so the page doesn't run again."""
    with st.container(key=_AROUND):
        st.header("Board")
        if who.teacher:
            _choose_what_it_shows(who)
        _board(
            data={"address": address(who.code), "teacher": who.teacher},
            key=_BOARD + who.code,
            on_release_change=lambda: _release(who),
        )


def _choose_what_it_shows(teacher: Member) -> None:
    try:
        shows = stored_rooms().shows(teacher.code)
    except (ValueError, UnavailableError) as error:
        refuse(error)
        return
    if st.session_state.get(_SHOWS) != shows:  # holding results back changes it
        st.session_state[_SHOWS] = shows
    st.segmented_control(
        "The board shows", list(SHOWS), format_func=SHOWS.__getitem__, required=True, key=_SHOWS,
        on_change=lambda: _show(teacher),
    )  # fmt: skip
    if held_since() is not None:
        st.caption(FALLS_BACK)


def _release(teacher: Member) -> None:
    question = st.session_state[_BOARD + teacher.code].get("release")
    if member() == teacher and teacher.teacher and isinstance(question, str):
        release_on_board(teacher, question)


def _show(teacher: Member) -> None:
    if member() != teacher:  # a request that was on its way when the room ended
        return
    if not show_on_board(teacher, st.session_state[_SHOWS]):
        del st.session_state[_SHOWS]  # the choice shows again what holds


def as_csv(teacher: Member) -> str:
    """Return everything that the room collected as a CSV table."""
    return table(COLUMNS, rows(stored_rooms().answers(teacher.code)))


_LARGE = (
    "font: 700 clamp(3rem, 9vw, 6rem)/1.1 ui-monospace, 'DejaVu Sans Mono', monospace;"
    " letter-spacing: 0.12em; margin: 0;"
)

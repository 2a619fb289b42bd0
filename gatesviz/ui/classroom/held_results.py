"""Results that a teacher holds back until the whole class has guessed.

While results are held back, a guess counts and its result stays hidden, also on the teacher's
projected screen. "Show results" shows those of all questions that the class has answered so far,
but not those of students who are ahead of the teacher. The result of the next question is held
again.
"""

import time
from collections.abc import Hashable

import streamlit as st

from gatesviz.rooms import NoRoomError, Question, UnavailableError
from gatesviz.rooms.pace import Pace
from gatesviz.ui.classroom.membership import member, stored_rooms
from gatesviz.ui.classroom.reports import digest

HELD = "Your teacher will show the result. You can still change your guess."
GUESS_NOW = "Make a guess. Your teacher will show the result."
CLOSED = "Your guess stays as it is, because you have started. Your teacher will show the result."
CLOSED_EARLY = "You have started, so you can’t guess any more. Your teacher will show the result."
TEACHER_HELD = "Press Show results to see the result. You can still change your guess."
GUESS_SHOWN = "Make a guess to see the result."
TEACHER_GUESS = "When students have guessed, press Show results. You can guess here, too."
FRESH = 0.25
"""Seconds for which an answer of the database is used. A page asks several times."""
MOST = 100
_LAST: dict[str, tuple[float, Pace | None]] = {}
_HIDES = "page hides results"
_PAGE, _NEW = "page of guesses", "page of guesses is new"


def held_since() -> int | None:
    """Return how often this room's teacher has shown results, if new ones are held back now.

    It is None if they aren't, or without a room. If the database fails, it is what it was.
    """
    pace = _pace()
    return pace.shown if pace is not None and pace.hold else None


def follows_class() -> bool:
    """Return whether this is a student's screen, and those of its class follow the teacher's."""
    pace = _pace()
    return pace is not None and pace.follow and not is_teacher()


def is_kept_in_lesson() -> bool:
    """Return whether a student stays in the lesson: its page shows what the lesson holds back."""
    return held_since() is not None and not is_teacher()


def _pace() -> Pace | None:
    """Return the pace of this session's room, or None without one."""
    who = member()
    if who is None:
        return None
    at, pace = _LAST.get(who.code, (-FRESH, None))
    if (began := time.monotonic()) - at >= FRESH:
        try:
            pace = stored_rooms().pace(who.code)
        except NoRoomError:
            pace = None
        except UnavailableError:
            return pace
        if len(_LAST) >= MOST:
            _LAST.clear()
        if _LAST.get(who.code, (began, None))[0] <= began:  # or another thread knows more
            _LAST[who.code] = began, pace
    return pace


def is_teacher() -> bool:
    """Return whether this session teaches a room."""
    who = member()
    return who is not None and who.teacher


def held_text(*, guessed: bool, closed: bool = False) -> str:
    """Return what stands in place of a held result.

    Args:
        guessed: whether there is a guess.
        closed: whether it can't be changed or made any more.
    """
    if closed:
        return CLOSED if guessed else CLOSED_EARLY
    if is_teacher():
        return TEACHER_HELD if guessed else TEACHER_GUESS
    return HELD if guessed else GUESS_NOW


def hides(question: Question, about: Hashable) -> bool:
    """Return whether the result of a question is held back: not shown since it was first answered.

    The whole room decides that, not this screen: so a student who answers late, or whose page was
    loaded again, sees what the class has seen.

    Args:
        question: as the room stores it.
        about: the settings, as `gatesviz.ui.classroom.reports.report` takes them.
    """
    since, who = held_since(), member()
    if since is None or who is None:
        return False
    try:
        asked = stored_rooms().asked(who.code, question, digest(about))
    except (NoRoomError, UnavailableError):
        return True
    return asked is None or asked >= since


def shown_to_class(question: Question, about: Hashable) -> bool:
    """Return whether this screen is the teacher's, and its class has been shown this result.

    Args:
        question, about: as for `hides`.
    """
    pace, who = _pace(), member()
    if pace is None or who is None or not who.teacher:
        return False
    try:
        asked = stored_rooms().asked(who.code, question, digest(about))
    except (NoRoomError, UnavailableError):
        return False
    return asked is not None and 0 <= asked < pace.shown


def begin_page(name: str) -> None:
    """Note that the page ``name`` is drawn anew and has hidden nothing yet."""
    st.session_state[_HIDES] = False
    st.session_state[_NEW] = st.session_state.get(_PAGE) != name
    st.session_state[_PAGE] = name


def page_name() -> str:
    """Return the name of the page that is drawn, or "" if `begin_page` hasn't said it."""
    return str(st.session_state.get(_PAGE, ""))


def is_page_new() -> bool:
    """Return whether the last run drew another page."""
    return bool(st.session_state.get(_NEW, False))


def note_hidden() -> None:
    """Note that this page hides a result, so its principle would tell too much."""
    st.session_state[_HIDES] = True


def is_page_hiding() -> bool:
    """Return whether this page has hidden a result."""
    return bool(st.session_state.get(_HIDES, False))

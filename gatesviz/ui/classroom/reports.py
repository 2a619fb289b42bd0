"""What pages tell the room: a guess, a lesson's answer, a finished run. Without a room, nothing.

Only options of the app and numbers are sent, and only what a student did after joining.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import streamlit as st

from gatesviz.rooms import Member, NoRoomError, Question, UnavailableError
from gatesviz.rooms.asked import OWN_PART
from gatesviz.rooms.curves import Curve
from gatesviz.rooms.export import about_seed
from gatesviz.ui.classroom.membership import forget, member, stored_rooms

MOST_WAITING = 20
"""Answers that wait for the database."""
_WAITING = "answers that wait"
_Unsent = tuple[str, Question, float | Curve | None, str, str]
"""Code of the room, question, answer, and settings as a hash and in words."""


@dataclass(frozen=True)
class PerStudent:
    """The settings of a question, of which each student of a class has a part, such as a seed.

    Attributes:
        all: all settings. An answer belongs to them, and so does its right option.
        shared: those that the whole class has. Results are held back and shown for these.
    """

    all: Hashable
    shared: Hashable


def report(
    question: Question,
    value: float | Curve | None,
    about: Hashable = "",
    *,
    seed: int | None = None,
    words: str = "",
) -> bool:
    """Tell the room an answer. A problem with the room never disturbs the page.

    A teacher's answer isn't counted. The room only learns that the question was asked.

    Returns False if the database doesn't answer now. `send_again` then sends the answer later.

    Args:
        question: what was asked.
        value: index of an option; without options a number, or None; a curve if one was drawn.
        about: the settings that it was answered for. Only their hash is stored.
        seed: of a run, instead of ``about``. It is stored, for the table of the room.
        words: the settings in words, for this table. No text of a person.
    """
    who = member()
    if who is None:
        return True
    settings = digest(about) if seed is None else about_seed(seed)
    st.session_state.get(_WAITING, {}).pop(question.id, None)  # this one is newer
    if _send(who, question, value, settings, words):
        return True
    _wait(who.code, question, value, settings, words)
    return False


def _send(
    who: Member, question: Question, value: float | Curve | None, settings: str, words: str
) -> bool:
    """Return whether the room has the answer, or doesn't want it."""
    try:
        if not who.teacher:
            stored_rooms().answer(who, question, value, settings, words)
        elif question.can_be_held:
            stored_rooms().note_asked(who, question, settings)
    except NoRoomError:
        forget()
    except UnavailableError:  # the log says so
        return False
    except ValueError:
        pass  # too many answers
    return True


def _wait(
    code: str, question: Question, value: float | Curve | None, settings: str, words: str
) -> None:
    """Keep an answer for `send_again`; a later one to the same question takes its place."""
    waiting: dict[str, _Unsent] = st.session_state.setdefault(_WAITING, {})
    waiting.pop(question.id, None)
    waiting[question.id] = (code, question, value, settings, words)
    while len(waiting) > MOST_WAITING:
        del waiting[next(iter(waiting))]


def send_again() -> None:
    """Send the answers that the database couldn't take. Call it in every run of a page."""
    waiting: dict[str, _Unsent] = st.session_state.get(_WAITING, {})
    for code, question, value, settings, words in [*waiting.values()]:
        who = member()
        if who is None or who.code != code:
            waiting.pop(question.id)
        elif not _send(who, question, value, settings, words):
            return
        else:
            waiting.pop(question.id, None)


def report_guess(
    title: str,
    options: Sequence[str],
    guess: str,
    about: Hashable,
    right: str | None = None,
    words: str = "",
) -> bool:
    """Tell the room a guess. ``title`` and ``options`` may be in Markdown; see `ask_guess`.

    ``words`` is as for `report`.

    Returns False if the database doesn't answer now, as `report` does.
    """
    places = {option: place for place, option in enumerate(options)}
    best = None if right is None else places.get(right)
    return report(asked_guess(title, options, best), places[guess], about, words=words)


def own_guess(title: str, options: Sequence[str], about: Hashable) -> tuple[str | None, bool]:
    """Return the guess that this student made for these settings, and whether it is graded.

    It is None without one, without a room, and if the database fails. A student who opens a link
    anew has a new session, but is found again in the room.

    Args:
        title, options, about: as for `report_guess`.
    """
    who = member()
    if who is None or who.teacher:
        return None, False
    try:
        found = stored_rooms().own_answer(who, asked_guess(title, options), digest(about))
    except UnavailableError:
        return None, False
    if found is None or found.value is None:
        return None, False
    return options[int(found.value)], found.graded


def asked_guess(title: str, options: Sequence[str], right: int | None = None) -> Question:
    """Return a question for a guess as a room stores it. The texts may be in Markdown."""
    return Question("guess", plain(title), tuple(map(plain, options)), right)


def asked_curve(title: str, axes: Sequence[str]) -> Question:
    """Return a question for a drawn curve as a room stores it."""
    return Question("curve", plain(title), tuple(axes))


def room_code() -> str:
    """Return the code of the room that this student is in, or ""."""
    who = member()
    return "" if who is None or who.teacher else who.code


def report_curve(
    title: str, axes: Sequence[str], curve: Curve, about: Hashable, words: str = ""
) -> None:
    """Tell the room a curve that was drawn as a guess.

    Args:
        axes: as `Question` takes them.
        words: as for `report`.
    """
    report(asked_curve(title, axes), curve, about, words=words)


def report_challenge(title: str, *, solved: bool) -> bool:
    """Tell the room a try at a challenge. Returns what `report` returns."""
    asked = Question("challenge", f"Challenge: {title}", ("solved", "tried, not solved yet"))
    return report(asked, 0 if solved else 1)


def plain(text: str) -> str:
    """Return a text of the app without its marks for bold, italic and code."""
    return re.sub(r"[*`]", "", text).strip()


def digest(about: Hashable) -> str:
    """Return 16 characters that differ between settings.

    Of `PerStudent` settings, those before the ":" differ only between the shared ones.
    """
    if isinstance(about, PerStudent):
        return f"{digest(about.shared)[:8]}{OWN_PART}{digest(about.all)[:7]}"
    return sha256(repr(about).encode()).hexdigest()[:16]

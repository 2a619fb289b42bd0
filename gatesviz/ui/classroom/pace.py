"""Which page a class follows, and what may differ between the screens of a class."""

import json
from dataclasses import asdict
from urllib.parse import parse_qsl, urlencode

from gatesviz.rooms import NoRoomError
from gatesviz.ui.classroom.membership import KEY, ROOM, stored_rooms
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.lessons.address import CHOSEN, LESSON, RECORD, place_of
from gatesviz.ui.menu import MENU, PRIVATE, START
from gatesviz.ui.player import PARAMETERS as PLAYER

OWN = tuple(sorted({*GUESSES, *PLAYER, RECORD, CHOSEN, ROOM, KEY}))
"""Parameters that belong to one screen: guesses, answers, the player's position."""
OWN_SEED = "trseed"
"""The seed. It belongs to one screen, unless the teacher's page names one."""
SEED_PAGE = "train"
"""The page that reads it."""


def is_page(address: str) -> bool:
    """Return whether a class can follow to ``address``: a page with settings, or empty.

    Start is "./". The pages of `PRIVATE` are not followed.
    """
    page, _, query = address.partition("?")
    names = {one.name for one in MENU if one.name not in {START, *PRIVATE}}
    return not address or (page in {"./", *names} and "#" not in query)


def pace_texts(code: str) -> tuple[str, str] | None:
    """Return the pace of a room for students' pages and for the teacher's one, or None.

    Each is JSON, with what the board shows. In a lesson, it also has the "view" of the step, as
    `lesson_view` returns it. The teacher's one has "answered", how many students have answered the
    question that is held back, and "students", how many there are. None: the room has ended.
    """
    try:
        pace, shows, (answered, students) = stored_rooms().lead(code)
    except NoRoomError:
        return None
    view = lesson_view(pace.address)
    told = asdict(pace) | {"shows": shows} | ({"view": view} if view else {})
    return json.dumps(told), json.dumps(told | {"answered": answered, "students": students})


def lesson_view(address: str) -> str:
    """Return the parameters of `OWN` with which a step of a lesson begins, as a query.

    A teacher moves the player of their own page. Each student begins where the step does.
    """
    page, _, query = address.partition("?")
    try:
        step = place_of(dict(parse_qsl(query)).get(LESSON, "")).step
    except ValueError:
        return ""
    own = {name: text for name, text in step.query.items() if name in OWN}
    return urlencode(own) if step.page == page else ""

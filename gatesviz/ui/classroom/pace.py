"""Which page a class follows, and what may differ between the screens of a class."""

from gatesviz.rooms import NoRoomError
from gatesviz.ui.classroom.membership import KEY, ROOM, stored_rooms
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.lessons.address import CHOSEN, RECORD
from gatesviz.ui.menu import MENU, START
from gatesviz.ui.player import PARAMETERS as PLAYER

CLASS = "classroom"
"""The page *Class*."""
PRIVATE = frozenset({CLASS, "teachers"})
"""Pages to which a class doesn't follow its teacher. *For teachers* shows right answers."""
OWN = tuple(sorted({*GUESSES, *PLAYER, RECORD, CHOSEN, ROOM, KEY, "trseed"}))
"""Parameters that belong to one screen: guesses, answers, the player's position, the seed."""

KEPT = (RECORD, "trseed")
"""Those that stay when a screen follows its teacher to another page or to other settings."""


def is_page(address: str) -> bool:
    """Return whether a class can follow to ``address``: a page with settings, or empty.

    Start is "./". The pages of `PRIVATE` are not followed.
    """
    page, _, query = address.partition("?")
    names = {one.name for one in MENU if one.name not in {START, *PRIVATE}}
    return not address or (page in {"./", *names} and "#" not in query)


def pace_text(code: str) -> str | None:
    """Return the pace of a room as JSON, or None if the room has ended."""
    try:
        return stored_rooms().pace(code).to_json()
    except NoRoomError:
        return None

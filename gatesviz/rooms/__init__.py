"""Rooms: a class joins one by its code, and its answers become one board. No names are stored.

codes, question → location, database, tables → records, tally → asked, export → answers → store

`gatesviz.rooms.store` loads SQLAlchemy, so only a server with a room loads it.
"""

from gatesviz.rooms.codes import clean_code, nickname
from gatesviz.rooms.location import may_have_rooms
from gatesviz.rooms.question import Member, NoRoomError, Question, UnavailableError

__all__ = [
    "Member",
    "NoRoomError",
    "Question",
    "UnavailableError",
    "clean_code",
    "may_have_rooms",
    "nickname",
]

"""Rows of the tables: members, the pace of a class, and rooms whose time is over."""

import json
from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from gatesviz.limits import ROOM_PEOPLE
from gatesviz.rooms.codes import matches, person_id
from gatesviz.rooms.pace import Pace, pace_from
from gatesviz.rooms.question import Member, NoRoomError
from gatesviz.rooms.tables import ASKED, ENTRIES, MEMBERS, PACES, QUESTIONS, ROOMS


def is_person(table: Table, code: str, person: str) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a person of a room."""
    return and_(table.c.room == code, table.c.person == person)


def count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    """Return how many rows meet all conditions."""
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def enter(connection: Connection, member: Member, now: float) -> None:
    """Store a new member of a room."""
    row = {"room": member.code, "person": member.person, "teacher": member.teacher, "seen": now}
    connection.execute(insert(MEMBERS).values(**row))


def note_here(connection: Connection, code: str, persons: Iterable[str], now: float) -> None:
    """Note that people of a room have a page open now."""
    rows = update(MEMBERS).where(MEMBERS.c.room == code, MEMBERS.c.person.in_([*persons]))
    connection.execute(rows.values(seen=now))


def join(connection: Connection, code: str, browser: str, key: str, now: float) -> Member:
    """Return who a browser is in a room, as a new member if it isn't in it yet.

    Args:
        key: of the teacher's link, or "".

    Raises:
        ValueError: if the room is full, or the key is wrong.
    """
    room = connection.execute(select(ROOMS).where(ROOMS.c.code == code)).one()
    if key and not matches(key, room.key_hash):
        raise ValueError("this link is not the teacher's link of this room")
    person = person_id(room.salt, browser)
    teacher = connection.scalar(select(MEMBERS.c.teacher).where(is_person(MEMBERS, code, person)))
    member = Member(code, person, teacher=bool(key or teacher))
    if teacher is None:
        if count(connection, MEMBERS, MEMBERS.c.room == code) >= ROOM_PEOPLE.high:
            raise ValueError(f"this room has {ROOM_PEOPLE.high:,} people and is full")
        enter(connection, member, now)
    elif member.teacher and not teacher:
        rows = update(MEMBERS).where(is_person(MEMBERS, code, person))
        connection.execute(rows.values(teacher=True))
    return member


def members_of(connection: Connection, browser: str, now: float) -> list[Member]:
    """Return who a browser is in each room: those that it teaches first, else the oldest first.

    Its id differs in each room, so all ids are tried.
    """
    alive = select(ROOMS).where(ROOMS.c.expires > now).order_by(ROOMS.c.expires)
    ids = {row.code: person_id(row.salt, browser) for row in connection.execute(alive)}
    if not ids:
        return []
    rows = select(MEMBERS).where(MEMBERS.c.person.in_(ids.values()))
    found = {row.room: row for row in connection.execute(rows) if ids[row.room] == row.person}
    members = [Member(c, ids[c], found[c].teacher) for c in ids if c in found]
    return sorted(members, key=lambda one: not one.teacher)


def pace_of(connection: Connection, code: str, now: float) -> Pace:
    """Return the pace of a room, or raise a NoRoomError if its time is over."""
    found = select(PACES.c.pace).select_from(ROOMS.outerjoin(PACES))
    row = connection.execute(found.where(ROOMS.c.code == code, ROOMS.c.expires > now)).first()
    if row is None:
        raise NoRoomError(f"there is no room {code} any more")
    if row.pace is None:
        return Pace()
    known = {one.name for one in fields(Pace)}  # a newer server may have written more
    return pace_from({name: value for name, value in json.loads(row.pace).items() if name in known})


def require(connection: Connection, member: Member, *, teacher: bool = False) -> None:
    """Raise a NoRoomError unless ``member`` is in the room and, if asked, teaches it."""
    rows = select(MEMBERS.c.teacher).where(is_person(MEMBERS, member.code, member.person))
    known = connection.scalar(rows)
    if known is None:
        raise NoRoomError(f"you are not in the room {member.code} any more; join it again")
    if teacher and not known:
        raise NoRoomError(f"you don't teach the room {member.code}; open your own link")


def purge(connection: Connection, now: float) -> list[str]:
    """Delete the rooms whose time is over, and return their codes."""
    gone = list(connection.scalars(select(ROOMS.c.code).where(ROOMS.c.expires <= now)))
    delete_rooms(connection, gone)
    return gone


def delete_rooms(connection: Connection, codes: Iterable[str]) -> None:
    """Delete rooms with everything in them."""
    for code in codes:
        for table in (ENTRIES, ASKED, QUESTIONS, MEMBERS, PACES):
            connection.execute(delete(table).where(table.c.room == code))
        connection.execute(delete(ROOMS).where(ROOMS.c.code == code))

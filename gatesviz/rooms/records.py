"""Rows of the tables: members, questions, and rooms whose time is over."""

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
)

from gatesviz.limits import ROOM_QUESTIONS
from gatesviz.rooms.curves import Curve
from gatesviz.rooms.pace import Pace, pace_from
from gatesviz.rooms.question import Member, NoRoomError, Question
from gatesviz.rooms.tables import ENTRIES, MEMBERS, PACES, QUESTIONS, ROOMS


def is_person(table: Table, code: str, person: str) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a person of a room."""
    return and_(table.c.room == code, table.c.person == person)


def count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    """Return how many rows meet all conditions."""
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def enter(connection: Connection, member: Member) -> None:
    """Store a new member of a room."""
    row = {"room": member.code, "person": member.person, "teacher": member.teacher}
    connection.execute(insert(MEMBERS).values(**row))


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


def ask(connection: Connection, code: str, question: Question) -> bool:
    """Store a question without its right answer, which may differ. Return whether it is new."""
    if count(connection, QUESTIONS, QUESTIONS.c.room == code, QUESTIONS.c.id == question.id):
        return False
    if count(connection, QUESTIONS, QUESTIONS.c.room == code) >= ROOM_QUESTIONS.high:
        raise ValueError(f"at most {ROOM_QUESTIONS.high} questions of a room are counted")
    row = {
        "room": code, "id": question.id, "kind": question.kind, "title": question.title,
        "options": json.dumps(question.options),
        "unit": question.unit, "lacking": question.without,
    }  # fmt: skip
    connection.execute(insert(QUESTIONS).values(**row))
    return True


def stored(question: Question, value: float | Curve | None) -> dict[str, float | str | None]:
    """Return the columns of an answer.

    Raises:
        ValueError: if the answer doesn't fit the question.
    """
    if question.drawn != isinstance(value, Curve):
        raise ValueError(f"answer: expected {'a' if question.drawn else 'no'} curve")
    if isinstance(value, Curve):
        return {"value": None, "curve": value.to_json()}
    return {"value": question.check(value), "curve": None}


def questions(connection: Connection, code: str) -> dict[str, Question]:
    """Return id -> question of a room, without right answers."""
    rows = connection.execute(select(QUESTIONS).where(QUESTIONS.c.room == code))
    return {
        row.id: Question(
            row.kind, row.title, tuple(json.loads(row.options)), None, row.unit, row.lacking
        )
        for row in rows
    }


def last_answered(connection: Connection, code: str, kinds: Iterable[str]) -> tuple[int, int]:
    """Return how many students of a room answered its last question, and how many there are.

    Args:
        kinds: of the questions that count. The last one is the one that was answered last.
    """
    asked = QUESTIONS.join(
        ENTRIES, and_(QUESTIONS.c.room == ENTRIES.c.room, QUESTIONS.c.id == ENTRIES.c.question)
    )
    mine = and_(ENTRIES.c.room == code, QUESTIONS.c.kind.in_(list(kinds)))
    newest = select(ENTRIES.c.question).select_from(asked).where(mine)
    last = connection.scalar(newest.order_by(ENTRIES.c.at.desc()).limit(1))
    students = and_(MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False))
    here = ENTRIES.c.person.in_(select(MEMBERS.c.person).where(students))
    answers = count(connection, ENTRIES, ENTRIES.c.room == code, ENTRIES.c.question == last, here)
    return answers if last else 0, count(connection, MEMBERS, students)


def purge(connection: Connection, now: float) -> list[str]:
    """Delete the rooms whose time is over, and return their codes."""
    gone = list(connection.scalars(select(ROOMS.c.code).where(ROOMS.c.expires <= now)))
    delete_rooms(connection, gone)
    return gone


def delete_rooms(connection: Connection, codes: Iterable[str]) -> None:
    """Delete rooms with everything in them."""
    for code in codes:
        for table in (ENTRIES, QUESTIONS, MEMBERS, PACES):
            connection.execute(delete(table).where(table.c.room == code))
        connection.execute(delete(ROOMS).where(ROOMS.c.code == code))

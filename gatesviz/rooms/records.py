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

from gatesviz.limits import ROOM_ASKED, ROOM_QUESTIONS
from gatesviz.rooms.curves import Curve
from gatesviz.rooms.pace import Pace, pace_from
from gatesviz.rooms.question import Member, NoRoomError, Question
from gatesviz.rooms.tables import ASKED, ENTRIES, MEMBERS, PACES, QUESTIONS, ROOMS


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


def note_asked(connection: Connection, code: str, question: str, about: str, now: float) -> None:
    """Note how often results had been shown when a question was first answered with its settings.

    It is -1 if results weren't held back then.
    """
    known = and_(ASKED.c.question == question, ASKED.c.about == about)
    if count(connection, ASKED, ASKED.c.room == code, known):
        return
    if count(connection, ASKED, ASKED.c.room == code) < ROOM_ASKED.high:
        pace = pace_of(connection, code, now)
        row = {"room": code, "question": question, "about": about}
        shown = pace.shown if pace.hold else -1
        connection.execute(insert(ASKED).values(**row, shown=shown))


def held_questions(connection: Connection, code: str, now: float) -> set[str]:
    """Return the ids of the questions whose results are held back, with some settings at least."""
    pace = pace_of(connection, code, now)
    if not pace.hold:
        return set()
    held = select(ASKED.c.question).where(ASKED.c.room == code, ASKED.c.shown >= pace.shown)
    return set(connection.scalars(held))


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


def held_answers(connection: Connection, code: str, now: float) -> tuple[int, int]:
    """Return how many students answered the question whose result is held, and how many there are.

    Of several questions, it is the one that most students answered: a few may be ahead.
    """
    students = and_(MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False))
    here = ENTRIES.c.person.in_(select(MEMBERS.c.person).where(students))
    held = ENTRIES.c.question.in_(held_questions(connection, code, now))
    counts = select(func.count()).where(ENTRIES.c.room == code, held, here)
    most = max(connection.scalars(counts.group_by(ENTRIES.c.question)), default=0)
    return most, count(connection, MEMBERS, students)


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

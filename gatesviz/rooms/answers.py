"""The answers of a class, as rows of the database, and the board that counts them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, insert, select, update

from gatesviz.limits import ROOM_ANSWERS
from gatesviz.rooms.asked import (
    ask,
    held_questions,
    note_asked,
    questions,
    stage_of,
    waiting,
)
from gatesviz.rooms.curves import Curve, curve_from
from gatesviz.rooms.export import Answer
from gatesviz.rooms.pace import Pace
from gatesviz.rooms.question import Member, NoRoomError, Question
from gatesviz.rooms.records import count, is_person, pace_of
from gatesviz.rooms.tables import ENTRIES, MEMBERS, ROOMS
from gatesviz.rooms.tally import SHOWS, Board, tallies

Columns = dict[str, float | str | None]


class OwnAnswer(NamedTuple):
    """An answer that a person finds again.

    Attributes:
        value: index of an option, or a number, or None.
        graded: whether the room knows which option is right.
    """

    value: float | None
    graded: bool


def stored(question: Question, value: float | Curve | None) -> Columns:
    """Return the columns of an answer.

    Raises:
        ValueError: if the answer doesn't fit the question.
    """
    if question.drawn != isinstance(value, Curve):
        raise ValueError(f"answer: expected {'a' if question.drawn else 'no'} curve")
    if isinstance(value, Curve):
        return {"value": None, "curve": value.to_json()}
    return {"value": question.check(value), "curve": None}


def store_answer(
    connection: Connection, member: Member, question: Question, row: Columns, pace: Pace, now: float
) -> None:
    """Store an answer, as `gatesviz.rooms.store.Rooms.answer` describes it.

    Args:
        row: its columns: those of `stored`, and the settings as "about".
        pace: of the room.
        now: the time, in seconds since 1970.

    Raises:
        ValueError: if there are too many answers.
    """
    code = member.code
    ask(connection, code, question, pace)
    if question.can_be_held:
        note_asked(connection, code, question.id, str(row["about"]), pace)
    elif question.is_run:  # its seeds are shown together
        note_asked(connection, code, question.id, "", pace)
    of_question = ENTRIES.c.question == question.id
    mine = is_person(ENTRIES, code, member.person)
    if question.kind == "run" and count(connection, ENTRIES, mine, of_question):
        return
    changed = update(ENTRIES).where(mine, of_question).values(**_again(question, row, now), **row)
    if connection.execute(changed).rowcount:
        return
    if count(connection, ENTRIES, mine) >= ROOM_ANSWERS.high:
        raise ValueError(f"at most {ROOM_ANSWERS.high} answers of a person are counted")
    ids = {"room": code, "question": question.id, "person": member.person}
    first = {"first": row["value"], "correct": question.right, "at": now}
    connection.execute(insert(ENTRIES).values(**ids, **row, **first))


def _again(question: Question, row: Columns, now: float) -> dict[str, object]:
    """Return the columns of a later answer that depend on the one before it."""
    same = ENTRIES.c.about == row["about"]
    repeated = [ENTRIES.c[name].is_not_distinct_from(row[name]) for name in ("value", "curve")]
    known = ENTRIES.c.correct if question.right is None else question.right
    return {
        "first": case((same, ENTRIES.c.first), else_=row["value"]),
        "correct": case((same, known), else_=question.right),
        "at": case((and_(same, *repeated), ENTRIES.c.at), else_=now),
    }


def own_answer(
    connection: Connection, member: Member, question: str, about: str
) -> OwnAnswer | None:
    """Return a person's last answer to the question with an id, if it was made for ``about``."""
    mine = and_(is_person(ENTRIES, member.code, member.person), ENTRIES.c.question == question)
    rows = select(ENTRIES.c.value, ENTRIES.c.correct).where(mine, ENTRIES.c.about == about)
    row = connection.execute(rows).first()
    return None if row is None else OwnAnswer(row.value, row.correct is not None)


def collected(connection: Connection, code: str) -> Iterator[Answer]:
    """Yield all answers of a room by time, each with the right answer of its settings."""
    asked = questions(connection, code)
    rows = select(ENTRIES).where(ENTRIES.c.room == code).order_by(ENTRIES.c.at)
    for row in connection.execute(rows):
        if question := asked.get(row.question):  # it may be newer than ``asked``
            right = None if row.correct is None else int(row.correct)
            last = curve_from(row.curve) if row.curve else row.value
            yield Answer(
                replace(question, right=right), row.person, row.first, last, row.at, row.about,
                row.settings or "",
            )  # fmt: skip


def board_of(connection: Connection, code: str, now: float) -> Board:
    """Return what a room has answered, or raise a NoRoomError if its time is over."""
    rows = select(ROOMS).where(ROOMS.c.code == code, ROOMS.c.expires > now)
    room = connection.execute(rows).first()
    if room is None:
        raise NoRoomError(f"there is no room {code} any more")
    people = count(connection, MEMBERS, MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False))
    asked = questions(connection, code)
    held = held_questions(connection, code, pace_of(connection, code, now))
    waits, stage = waiting(connection, code), stage_of(connection, code)
    found = [
        replace(one, waits=one.question.id in waits)
        for one in tallies(connection, code, asked, held)
    ]
    found.sort(key=lambda one: (one.question.id not in stage, one.waits))
    return Board(code, room.version, people, SHOWS[room.shows], tuple(found))

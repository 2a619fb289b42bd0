"""The rooms of this server and what was answered in them, in SQLite or another database.

Each change of a room first increases its version. This also takes the room's lock, so two changes
of one room never meet, and shows whether the room still exists.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, case, delete, insert, select, update

from gatesviz.limits import OPEN_ROOMS, ROOM_ANSWERS, ROOM_HOURS, ROOM_PEOPLE, ROOMS_OF_PERSON
from gatesviz.rooms.codes import hashed, matches, new_code, person_id, teacher_key
from gatesviz.rooms.curves import Curve, curve_from
from gatesviz.rooms.database import opened, pause_of, reported
from gatesviz.rooms.location import database_url
from gatesviz.rooms.pace import Pace, pace_from
from gatesviz.rooms.question import Member, NoRoomError, Question
from gatesviz.rooms.records import (
    ask,
    count,
    delete_rooms,
    enter,
    held_answers,
    held_questions,
    is_person,
    note_asked,
    pace_of,
    purge,
    questions,
    require,
    stored,
)
from gatesviz.rooms.tables import ASKED, ENTRIES, MEMBERS, PACES, ROOMS
from gatesviz.rooms.tally import SHOWS, Board, Shows, tallies
from gatesviz.storage import Pause


class Rooms:
    """Rooms in a database. Every method is thread-safe.

    Every method raises an `UnavailableError` if the database fails, and a `NoRoomError` if a room
    that it needs is gone.

    Args:
        url: of the database, as SQLAlchemy reads it.
        clock: returns the seconds since 1970.
        pause: begins when the database can't be reached. Until its end, every method raises at
            once. By default it is this object's own.
    """

    def __init__(
        self, url: str, clock: Callable[[], float] = time.time, pause: Pause | None = None
    ) -> None:
        self._clock, self._pause = clock, pause or Pause()
        self._listeners: list[Callable[[str], None]] = []
        with reported(self._pause):
            self._engine = opened(url)
            self.purge()

    def listen(self, heard: Callable[[str], None]) -> None:
        """Call ``heard`` with the code of each room that this process changes."""
        self._listeners.append(heard)

    def open(self, browser: str) -> tuple[Member, str]:
        """Open a room. Return its teacher and the secret key of the teacher's link.

        Args:
            browser: the browser's cookie, or a random text.

        Raises:
            ValueError: if there are too many rooms.
        """
        salt = secrets.token_hex(32)
        key = teacher_key(salt, browser)
        row = {"key_hash": hashed(key), "salt": salt, "version": 1, "shows": SHOWS.index("people")}
        row["expires"] = self._clock() + ROOM_HOURS * 3600
        with self._begin() as connection:
            purge(connection, self._clock())
            codes = set(connection.scalars(select(ROOMS.c.code)))
            if len(codes) >= OPEN_ROOMS.high:
                raise ValueError(
                    f"{len(codes)} rooms are open, and at most {OPEN_ROOMS.high} are allowed;"
                    " try again when one has ended"
                )
            taught = [one for one in self._found(connection, browser) if one.teacher]
            if len(taught) >= ROOMS_OF_PERSON.high:
                raise ValueError(
                    f"you have {ROOMS_OF_PERSON.high} open rooms, and no more are allowed; end one"
                )
            code = next(code for code in iter(new_code, "") if code not in codes)
            connection.execute(insert(ROOMS).values(code=code, **row))
            member = Member(code, person_id(salt, browser), teacher=True)
            enter(connection, member)
        return member, key

    def join(self, code: str, browser: str, key: str = "") -> Member:
        """Join a room, as its teacher with the right ``key``. Joining again is the same person.

        Raises:
            ValueError: if the room is full, or the key is wrong.
        """
        with self._changed(code) as connection:
            room = connection.execute(select(ROOMS).where(ROOMS.c.code == code)).one()
            if key and not matches(key, room.key_hash):
                raise ValueError("this link is not the teacher's link of this room")
            person = person_id(room.salt, browser)
            known = connection.execute(
                select(MEMBERS.c.teacher).where(is_person(MEMBERS, code, person))
            )
            teacher = known.scalar()
            member = Member(code, person, teacher=bool(key or teacher))
            if teacher is None:
                if count(connection, MEMBERS, MEMBERS.c.room == code) >= ROOM_PEOPLE.high:
                    raise ValueError(f"this room has {ROOM_PEOPLE.high:,} people and is full")
                enter(connection, member)
            elif member.teacher and not teacher:
                rows = update(MEMBERS).where(is_person(MEMBERS, code, person))
                connection.execute(rows.values(teacher=True))
        return member

    def key(self, code: str, browser: str) -> str:
        """Return the key of the teacher's link to the browser that opened the room, else ""."""
        with self._begin() as connection:
            room = connection.execute(select(ROOMS).where(ROOMS.c.code == code)).first()
        key = teacher_key(room.salt, browser) if room else ""
        return key if room and matches(key, room.key_hash) else ""

    def find(self, browser: str) -> Member | None:
        """Return in which room a browser is, so that it stays there after a reload.

        Of several rooms, it is the one where it is a student, or else the one opened last.
        """
        with self._begin() as connection:
            found = self._found(connection, browser)
        return found[-1] if found else None

    def leave(self, member: Member) -> None:
        """Remove a person from their room. Their answers stay, without a person behind them."""
        with self._changed(member.code) as connection:
            connection.execute(
                delete(MEMBERS).where(is_person(MEMBERS, member.code, member.person))
            )

    def answer(
        self, member: Member, question: Question, value: float | Curve | None, about: str
    ) -> None:
        """Store an answer. A later one replaces it, and the first one is kept next to it.

        Of runs, the first one stays. Else a class could repeat those that it doesn't like.

        While results are held back, a new question lets the board show no answers again.

        With other settings, the question is another one, so a first answer begins again. The same
        answer again, such as with the right option, keeps its time.

        Args:
            member: who answers; they must be in the room.
            question: what is asked.
            value: index of an option; without options, a finite number or None; a curve if the
                question asks for one.
            about: a text of up to 16 characters that differs between settings.

        Raises:
            ValueError: if the answer does not fit the question, or there are too many.
        """
        code, columns = member.code, stored(question, value)
        row = {"about": about[:16], **columns}
        same, now = ENTRIES.c.about == row["about"], self._clock()
        repeated = [ENTRIES.c[name].is_not_distinct_from(each) for name, each in columns.items()]
        known = ENTRIES.c.correct if question.right is None else question.right
        again = {
            "first": case((same, ENTRIES.c.first), else_=columns["value"]),
            "correct": case((same, known), else_=question.right),
            "at": case((and_(same, *repeated), ENTRIES.c.at), else_=now),
        }
        with self._changed(code) as connection:
            require(connection, member)
            new = ask(connection, code, question) and question.can_be_held
            if new and pace_of(connection, code, self._clock()).hold:
                _hide_answers(connection, code)
            if question.can_be_held:
                note_asked(connection, code, question.id, about[:16], now)
            of_question = ENTRIES.c.question == question.id
            mine = is_person(ENTRIES, code, member.person)
            if question.kind == "run" and count(connection, ENTRIES, mine, of_question):
                return
            changed = update(ENTRIES).where(mine, of_question).values(**again, **row)
            if connection.execute(changed).rowcount:
                return
            if count(connection, ENTRIES, mine) >= ROOM_ANSWERS.high:
                raise ValueError(f"at most {ROOM_ANSWERS.high} answers of a person are counted")
            ids = {"room": code, "question": question.id, "person": member.person}
            row |= {"first": columns["value"], "correct": question.right, "at": now}
            connection.execute(insert(ENTRIES).values(**ids, **row))

    def show(self, teacher: Member, shows: Shows) -> None:
        """Choose what the board shows."""
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            rows = update(ROOMS).where(ROOMS.c.code == teacher.code)
            connection.execute(rows.values(shows=SHOWS.index(shows)))

    def shows(self, code: str) -> Shows:
        """Return what the board of a room shows."""
        with self._begin() as connection:
            found: int | None = connection.scalar(select(ROOMS.c.shows).where(ROOMS.c.code == code))
        if found is None:
            raise NoRoomError(f"there is no room {code} any more")
        return SHOWS[found]

    def change_pace(self, teacher: Member, **changes: Any) -> None:
        """Change some fields of `Pace`; the others stay as another tab of the teacher set them.

        When results begin to be held back, the board shows none either.

        Raises:
            ValueError: if a change is wrong.
        """
        code = teacher.code
        with self._changed(code) as connection:
            require(connection, teacher, teacher=True)
            before = pace_of(connection, code, self._clock())
            pace = pace_from(asdict(before) | changes)
            pace = replace(pace, shown=max(before.shown, pace.shown))  # of a tab that lags behind
            text = pace.to_json()
            if pace.hold and not before.hold:
                _hide_answers(connection, code)
            known = update(PACES).where(PACES.c.room == code).values(pace=text)
            if not connection.execute(known).rowcount:
                connection.execute(insert(PACES).values(room=code, pace=text))

    def pace(self, code: str) -> Pace:
        """Return the pace of a class."""
        with self._begin() as connection:
            return pace_of(connection, code, self._clock())

    def note_asked(self, teacher: Member, question: Question, about: str) -> None:
        """Note that a question was asked, without an answer: a teacher's isn't counted."""
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            note_asked(connection, teacher.code, question.id, about[:16], self._clock())

    def asked(self, code: str, question: Question, about: str) -> int | None:
        """Return how often results had been shown when a question was first answered.

        It is -1 if results weren't held back then, and None if it has no answer yet.
        """
        known = and_(ASKED.c.question == question.id, ASKED.c.about == about[:16])
        with self._begin() as connection:
            found: int | None = connection.scalar(
                select(ASKED.c.shown).where(ASKED.c.room == code, known)
            )
        return found

    def answered(self, code: str) -> tuple[int, int]:
        """Return how many students answered the question that is held back, and of how many."""
        with self._begin() as connection:
            return held_answers(connection, code, self._clock())

    def member(self, code: str, browser: str) -> Member | None:
        """Return who a browser is in a room, or None."""
        with self._begin() as connection:
            alive = ROOMS.c.expires > self._clock()
            salt = connection.scalar(select(ROOMS.c.salt).where(ROOMS.c.code == code, alive))
            if salt is None:
                return None
            person = person_id(salt, browser)
            rows = select(MEMBERS.c.teacher).where(is_person(MEMBERS, code, person))
            teacher = connection.scalar(rows)
        return None if teacher is None else Member(code, person, teacher)

    def persons(self, code: str) -> set[str]:
        """Return the ids of all people in a room."""
        with self._begin() as connection:
            rows = select(MEMBERS.c.person).where(MEMBERS.c.room == code)
            return set(connection.scalars(rows))

    def end(self, teacher: Member) -> None:
        """End a room and delete everything in it."""
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            delete_rooms(connection, [teacher.code])
        self._forget_pages()

    def expires(self, code: str) -> float:
        """Return when a room ends by itself, in seconds since 1970."""
        with self._begin() as connection:
            at: float | None = connection.scalar(
                select(ROOMS.c.expires).where(ROOMS.c.code == code)
            )
        if at is None or at <= self._clock():
            raise NoRoomError(f"there is no room {code} any more")
        return at

    def version(self, code: str) -> int | None:
        """Return a number that grows with each change of a room, or None if it is gone."""
        with self._begin() as connection:
            alive = ROOMS.c.expires > self._clock()
            found = select(ROOMS.c.version).where(ROOMS.c.code == code, alive)
            return connection.execute(found).scalar()

    def board(self, code: str) -> Board:
        """Return what a room has answered."""
        with self._begin() as connection:
            alive = ROOMS.c.expires > self._clock()
            room = connection.execute(select(ROOMS).where(ROOMS.c.code == code, alive)).first()
            if room is None:
                raise NoRoomError(f"there is no room {code} any more")
            students = (MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False))
            people = count(connection, MEMBERS, *students)
            asked = questions(connection, code)
            held = held_questions(connection, code, self._clock())
            found = tuple(tallies(connection, code, asked, held))
            return Board(code, room.version, people, SHOWS[room.shows], found)

    def answers(
        self, code: str
    ) -> Iterator[tuple[Question, str, float | None, float | Curve | None, float, str]]:
        """Yield question, person, first answer, last answer, its time and settings, by time.

        The question has the right answer of the settings of this answer.
        """
        with self._begin() as connection:
            asked = questions(connection, code)
            rows = select(ENTRIES).where(ENTRIES.c.room == code).order_by(ENTRIES.c.at)
            for row in connection.execute(rows):
                if question := asked.get(row.question):  # it may be newer than ``asked``
                    right = None if row.correct is None else int(row.correct)
                    last = curve_from(row.curve) if row.curve else row.value
                    yield (
                        replace(question, right=right),
                        row.person,
                        row.first,
                        last,
                        row.at,
                        row.about,
                    )

    def purge(self) -> None:
        """Delete the rooms whose time is over."""
        with self._begin() as connection:
            gone = purge(connection, self._clock())
        if gone:
            self._forget_pages()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with reported(self._pause, self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _changed(self, code: str) -> Iterator[Connection]:
        """Change a room in one transaction, and tell those who listen."""
        with self._begin() as connection:
            here = update(ROOMS).where(ROOMS.c.code == code, ROOMS.c.expires > self._clock())
            if not connection.execute(here.values(version=ROOMS.c.version + 1)).rowcount:
                raise NoRoomError(f"there is no room {code}; ask for the code again")
            yield connection
        for heard in self._listeners:
            heard(code)

    def _found(self, connection: Connection, browser: str) -> list[Member]:
        """Return the rooms of a browser. Its id differs in each room, so all ids are tried."""
        alive = select(ROOMS).where(ROOMS.c.expires > self._clock()).order_by(ROOMS.c.expires)
        ids = {row.code: person_id(row.salt, browser) for row in connection.execute(alive)}
        if not ids:
            return []
        rows = select(MEMBERS).where(MEMBERS.c.person.in_(ids.values()))
        found = {row.room: row for row in connection.execute(rows) if ids[row.room] == row.person}
        members = [Member(c, ids[c], found[c].teacher) for c in ids if c in found]
        return sorted(members, key=lambda one: not one.teacher)

    def _forget_pages(self) -> None:
        """Shorten SQLite's log, which still holds what was deleted."""
        if self._engine.dialect.name == "sqlite":
            with reported(self._pause), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@cache
def _rooms(url: str) -> Rooms:
    return Rooms(url, pause=pause_of(url))


def rooms() -> Rooms:
    """Return the rooms of this process.

    Raises:
        UnavailableError: if the database can't be opened.
    """
    return _rooms(database_url())


def _hide_answers(connection: Connection, code: str) -> None:
    """Let the board show only how many have answered."""
    rows = update(ROOMS).where(ROOMS.c.code == code)
    connection.execute(rows.values(shows=SHOWS.index("people")))

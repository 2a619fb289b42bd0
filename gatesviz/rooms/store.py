"""The rooms of this server and what was answered in them, in SQLite or another database.

Each change of a room first increases its version. This also takes the room's lock, so two changes
of one room never meet, and shows whether the room still exists.
"""

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from gatesviz.limits import (
    OPEN_ROOMS,
    ROOM_ANSWERS,
    ROOM_HOURS,
    ROOM_PEOPLE,
    ROOM_QUESTIONS,
    ROOMS_OF_PERSON,
)
from gatesviz.rooms.codes import hashed, matches, new_code, new_key, person_id
from gatesviz.rooms.location import database_url
from gatesviz.rooms.question import Member, NoRoomError, Question, UnavailableError
from gatesviz.rooms.tables import ENTRIES, MEMBERS, METADATA, QUESTIONS, ROOMS
from gatesviz.rooms.tally import SHOWS, Board, Shows, tallies

BUSY = 5.0
"""Seconds that a change waits while another process writes to the SQLite file."""


class Rooms:
    """Rooms in a database. Every method is thread-safe.

    Every method raises an `UnavailableError` if the database fails, and a `NoRoomError` if a room
    that it needs is gone.

    Args:
        url: of the database, as SQLAlchemy reads it.
        clock: returns the seconds since 1970.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._listeners: list[Callable[[str], None]] = []
        with _reported():
            self._engine = _engine(url)
            METADATA.create_all(self._engine)
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
        key, salt = new_key(), secrets.token_hex(32)
        row = {"key_hash": hashed(key), "salt": salt, "version": 1, "shows": SHOWS.index("answers")}
        row["expires"] = self._clock() + ROOM_HOURS * 3600
        with self._begin() as connection:
            _purge(connection, self._clock())
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
            _enter(connection, member)
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
            known = connection.execute(select(MEMBERS.c.teacher).where(_is(MEMBERS, code, person)))
            teacher = known.scalar()
            member = Member(code, person, teacher=bool(key or teacher))
            if teacher is None:
                if _count(connection, MEMBERS, MEMBERS.c.room == code) >= ROOM_PEOPLE.high:
                    raise ValueError(f"this room has {ROOM_PEOPLE.high:,} people and is full")
                _enter(connection, member)
            elif member.teacher and not teacher:
                rows = update(MEMBERS).where(_is(MEMBERS, code, person))
                connection.execute(rows.values(teacher=True))
        return member

    def find(self, browser: str) -> Member | None:
        """Return in which room a browser is, so that it stays there after a reload."""
        with self._begin() as connection:
            found = self._found(connection, browser)
        return found[-1] if found else None

    def leave(self, member: Member) -> None:
        """Remove a person from their room. Their answers stay, without a person behind them."""
        with self._changed(member.code) as connection:
            connection.execute(delete(MEMBERS).where(_is(MEMBERS, member.code, member.person)))

    def answer(self, member: Member, question: Question, value: float | None, about: str) -> None:
        """Store an answer. A later one replaces it, and the first one is kept next to it.

        Args:
            member: who answers; they must be in the room.
            question: what is asked.
            value: index of an option; without options, a finite number or None.
            about: a text of up to 16 characters that differs between settings.

        Raises:
            ValueError: if the answer does not fit the question, or there are too many.
        """
        value = question.check(value)
        code, row = member.code, {"value": value, "about": about[:16], "at": self._clock()}
        with self._changed(code) as connection:
            _require(connection, member)
            _ask(connection, code, question)
            of_question = ENTRIES.c.question == question.id
            mine = _is(ENTRIES, code, member.person)
            if connection.execute(update(ENTRIES).where(mine, of_question).values(**row)).rowcount:
                return
            if _count(connection, ENTRIES, mine) >= ROOM_ANSWERS.high:
                raise ValueError(f"at most {ROOM_ANSWERS.high} answers of a person are counted")
            ids = {"room": code, "question": question.id, "person": member.person}
            connection.execute(insert(ENTRIES).values(**ids, first=value, **row))

    def show(self, teacher: Member, shows: Shows) -> None:
        """Choose what the board shows."""
        with self._changed(teacher.code) as connection:
            _require(connection, teacher)
            rows = update(ROOMS).where(ROOMS.c.code == teacher.code)
            connection.execute(rows.values(shows=SHOWS.index(shows)))

    def end(self, teacher: Member) -> None:
        """End a room and delete everything in it."""
        with self._changed(teacher.code) as connection:
            _require(connection, teacher)
            _delete(connection, [teacher.code])
        self._forget_pages()

    def version(self, code: str) -> int | None:
        """Return a number that grows with each change of a room, or None if it is gone."""
        with self._begin() as connection:
            alive = ROOMS.c.expires > self._clock()
            found = select(ROOMS.c.version).where(ROOMS.c.code == code, alive)
            return connection.execute(found).scalar()

    def is_in(self, code: str, person: str) -> bool:
        """Return whether a person's id belongs to a room."""
        with self._begin() as connection:
            alive = select(ROOMS.c.code).where(ROOMS.c.expires > self._clock())
            mine = (_is(MEMBERS, code, person), MEMBERS.c.room.in_(alive))
            return bool(_count(connection, MEMBERS, *mine))

    def board(self, code: str) -> Board:
        """Return what a room has answered."""
        with self._begin() as connection:
            alive = ROOMS.c.expires > self._clock()
            room = connection.execute(select(ROOMS).where(ROOMS.c.code == code, alive)).first()
            if room is None:
                raise NoRoomError(f"there is no room {code} any more")
            students = (MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False))
            people = _count(connection, MEMBERS, *students)
            asked = _questions(connection, code)
            found = tuple(tallies(connection, code, asked))
            return Board(code, room.version, people, SHOWS[room.shows], found)

    def answers(
        self, code: str
    ) -> Iterator[tuple[Question, str, float | None, float | None, float]]:
        """Yield question, person, first answer, last answer and its time, in order of time."""
        with self._begin() as connection:
            asked = _questions(connection, code)
            rows = select(ENTRIES).where(ENTRIES.c.room == code).order_by(ENTRIES.c.at)
            for row in connection.execute(rows):
                yield asked[row.question], row.person, row.first, row.value, row.at

    def purge(self) -> None:
        """Delete the rooms whose time is over."""
        with self._begin() as connection:
            gone = _purge(connection, self._clock())
        if gone:
            self._forget_pages()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with _reported(), self._engine.begin() as connection:
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
        alive = select(ROOMS.c.code, ROOMS.c.salt).where(ROOMS.c.expires > self._clock())
        ids = {row.code: person_id(row.salt, browser) for row in connection.execute(alive)}
        if not ids:
            return []
        rows = select(MEMBERS).where(MEMBERS.c.person.in_(ids.values()))
        return [
            Member(row.room, row.person, row.teacher)
            for row in connection.execute(rows)
            if ids.get(row.room) == row.person  # an id counts in its own room only
        ]

    def _forget_pages(self) -> None:
        """Shorten SQLite's log, which still holds what was deleted."""
        if self._engine.dialect.name == "sqlite":
            with _reported(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@cache
def _rooms(url: str) -> Rooms:
    return Rooms(url)


def rooms() -> Rooms:
    """Return the rooms of this process.

    Raises:
        UnavailableError: if the database can't be opened.
    """
    return _rooms(database_url())


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Readers and a writer don't wait for each other; deleted answers are overwritten.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def _reported() -> Iterator[None]:
    """Raise an `UnavailableError`, without the database's address, if the database fails."""
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        logging.getLogger(__name__).warning("the database of rooms failed: %s", error)
        raise UnavailableError("the server can't reach the database of its rooms") from error


def _is(table: Table, code: str, person: str) -> ColumnElement[bool]:
    return and_(table.c.room == code, table.c.person == person)


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _enter(connection: Connection, member: Member) -> None:
    row = {"room": member.code, "person": member.person, "teacher": member.teacher}
    connection.execute(insert(MEMBERS).values(**row))


def _require(connection: Connection, member: Member) -> None:
    """Raise a NoRoomError unless ``member`` is in the room, as a teacher if it says so."""
    rows = select(MEMBERS.c.teacher).where(_is(MEMBERS, member.code, member.person))
    teacher = connection.scalar(rows)
    if teacher is None or member.teacher > teacher:
        raise NoRoomError(f"you are not in the room {member.code} any more; join it again")


def _ask(connection: Connection, code: str, question: Question) -> None:
    """Store a question that is new, and the right answer once it is known."""
    mine = and_(QUESTIONS.c.room == code, QUESTIONS.c.id == question.id)
    known = connection.execute(select(QUESTIONS.c.correct).where(mine)).first()
    if known is not None:
        if known.correct is None and question.right is not None:
            connection.execute(update(QUESTIONS).where(mine).values(correct=question.right))
        return
    if _count(connection, QUESTIONS, QUESTIONS.c.room == code) >= ROOM_QUESTIONS.high:
        raise ValueError(f"at most {ROOM_QUESTIONS.high} questions of a room are counted")
    row = {
        "room": code, "id": question.id, "kind": question.kind, "title": question.title,
        "options": json.dumps(question.options), "correct": question.right,
        "unit": question.unit, "lacking": question.without,
    }  # fmt: skip
    connection.execute(insert(QUESTIONS).values(**row))


def _questions(connection: Connection, code: str) -> dict[str, Question]:
    """Return id -> question of a room."""
    rows = connection.execute(select(QUESTIONS).where(QUESTIONS.c.room == code))
    return {
        row.id: Question(
            row.kind, row.title, tuple(json.loads(row.options)), row.correct, row.unit, row.lacking
        )
        for row in rows
    }


def _purge(connection: Connection, now: float) -> list[str]:
    """Delete the rooms whose time is over, and return their codes."""
    gone = list(connection.scalars(select(ROOMS.c.code).where(ROOMS.c.expires <= now)))
    _delete(connection, gone)
    return gone


def _delete(connection: Connection, codes: Iterable[str]) -> None:
    for code in codes:
        for table in (ENTRIES, QUESTIONS, MEMBERS):
            connection.execute(delete(table).where(table.c.room == code))
        connection.execute(delete(ROOMS).where(ROOMS.c.code == code))

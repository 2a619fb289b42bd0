"""The rooms of this server and what was answered in them, in SQLite or another database.

Each change of a room first increases its version. This also takes the room's lock, so two changes
of one room never meet, and shows whether the room still exists.
"""

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from gatesviz.limits import OPEN_ROOMS, ROOM_HOURS, ROOMS_OF_PERSON
from gatesviz.rooms.answers import (
    OwnAnswer,
    board_of,
    collected,
    own_answer,
    store_answer,
    stored,
)
from gatesviz.rooms.asked import (
    change_hold,
    held_answers,
    note_asked,
    release,
    set_stage,
    show,
    show_run,
    shown_before,
    shows_of,
)
from gatesviz.rooms.codes import hashed, matches, new_code, person_id, teacher_key
from gatesviz.rooms.curves import Curve
from gatesviz.rooms.database import opened, pause_of, reported
from gatesviz.rooms.export import Answer
from gatesviz.rooms.location import database_url
from gatesviz.rooms.pace import Pace, pace_from
from gatesviz.rooms.question import SETTINGS, Member, NoRoomError, Question
from gatesviz.rooms.records import (
    delete_rooms,
    enter,
    is_person,
    join,
    members_of,
    note_here,
    pace_of,
    purge,
    require,
)
from gatesviz.rooms.tables import MEMBERS, PACES, ROOMS
from gatesviz.rooms.tally import SHOWS, Board, Shows
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
            taught = [one for one in members_of(connection, browser, self._clock()) if one.teacher]
            if len(taught) >= ROOMS_OF_PERSON.high:
                raise ValueError(
                    f"you have {ROOMS_OF_PERSON.high} open rooms, and no more are allowed; end one"
                )
            code = next(code for code in iter(new_code, "") if code not in codes)
            connection.execute(insert(ROOMS).values(code=code, **row))
            member = Member(code, person_id(salt, browser), teacher=True)
            enter(connection, member, self._clock())
        return member, key

    def join(self, code: str, browser: str, key: str = "") -> Member:
        """Join a room, as its teacher with the right ``key``. Joining again is the same person.

        Raises:
            ValueError: if the room is full, or the key is wrong.
        """
        with self._changed(code) as connection:
            return join(connection, code, browser, key, self._clock())

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
            found = members_of(connection, browser, self._clock())
        return found[-1] if found else None

    def leave(self, member: Member) -> None:
        """Remove a person from their room. Their answers stay, without a person behind them."""
        with self._changed(member.code) as connection:
            connection.execute(
                delete(MEMBERS).where(is_person(MEMBERS, member.code, member.person))
            )

    def answer(
        self,
        member: Member,
        question: Question,
        value: float | Curve | None,
        about: str,
        settings: str = "",
    ) -> None:
        """Store an answer. A later one replaces it, and the first one is kept next to it.

        Of runs, the first one stays. Else a class could repeat those that it doesn't like.

        The board goes on with what it shows, also if a student is ahead of the class.

        With other settings, the question is another one, so a first answer begins again. The same
        answer again, such as with the right option, keeps its time.

        Args:
            member: who answers; they must be in the room.
            question: what is asked.
            value: index of an option; without options, a finite number or None; a curve if the
                question asks for one.
            about: a text of up to 16 characters that differs between settings. What follows a ":"
                is this student's own, such as a seed: the class is asked the same question.
            settings: the settings in words, for the table of the room; "" if it needs none.

        Raises:
            ValueError: if the answer does not fit the question, or there are too many.
        """
        words = settings[:SETTINGS] or None
        columns = {"about": about[:16], "settings": words, **stored(question, value)}
        with self._changed(member.code) as connection:
            require(connection, member)
            now = self._clock()
            note_here(connection, member.code, [member.person], now)  # also without a live page
            pace = pace_of(connection, member.code, now)
            store_answer(connection, member, question, columns, pace, now)

    def own_answer(self, member: Member, question: Question, about: str) -> OwnAnswer | None:
        """Return a person's last answer to a question, if it was made for these settings.

        Args:
            question, about: as for `answer`.
        """
        with self._begin() as connection:
            return own_answer(connection, member, question.id, about[:16])

    def show(self, teacher: Member, shows: Shows) -> None:
        """Choose what the board shows."""
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            show(connection, teacher.code, shows)

    def shows(self, code: str) -> Shows:
        """Return what the board of a room shows."""
        with self._begin() as connection:
            found = shows_of(connection, code)
        if found is None:
            raise NoRoomError(f"there is no room {code} any more")
        return found

    def release(self, teacher: Member, question: str) -> None:
        """Let the board show the answers to the question with this id, which waited."""
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            release(connection, teacher.code, [question])
            show_run(connection, teacher.code, question)

    def put_on_stage(
        self,
        teacher: Member,
        questions: Sequence[str],
        *,
        hidden: bool = False,
        changed: bool = False,
    ) -> None:
        """Note the ids of the questions on the teacher's page, which stand first on the board.

        When they come with another page or with other settings, and their results are held back,
        the board shows no answers.

        Args:
            hidden: whether the result of one of them is held back with the settings of the page.
            changed: whether they were asked on the same page, about other settings.
        """
        with self._changed(teacher.code) as connection:
            require(connection, teacher, teacher=True)
            pace = pace_of(connection, teacher.code, self._clock())
            set_stage(connection, teacher.code, questions, pace, hidden=hidden, changed=changed)

    def change_pace(self, teacher: Member, **changes: Any) -> None:
        """Change some fields of `Pace`; the others stay as another tab of the teacher set them.

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
            change_hold(connection, code, before, pace)
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
            pace = pace_of(connection, teacher.code, self._clock())
            note_asked(connection, teacher.code, question.id, about[:16], pace)

    def asked(self, code: str, question: Question, about: str) -> int | None:
        """Return how often results had been shown when a question was first answered.

        It is -1 if results weren't held back then, and None if it has no answer yet.
        """
        with self._begin() as connection:
            return shown_before(connection, code, question.id, about[:16])

    def lead(self, code: str) -> tuple[Pace, Shows, tuple[int, int]]:
        """Return the pace of a class, what its board shows, and how many have answered.

        The last are two numbers: the students who answered the question that is held back, and all.
        Students who have closed their pages don't count.
        """
        with self._begin() as connection:
            pace = pace_of(connection, code, self._clock())
            shows = shows_of(connection, code) or "people"
            return pace, shows, held_answers(connection, code, pace, self._clock())

    def note_here(self, code: str, persons: Collection[str]) -> None:
        """Note that people of a room have a page open now. The room's version stays."""
        with self._begin() as connection:
            note_here(connection, code, persons, self._clock())

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
            return board_of(connection, code, self._clock())

    def answers(self, code: str) -> Iterator[Answer]:
        """Yield the answers by time, each question with the right answer of its settings."""
        with self._begin() as connection:
            yield from collected(connection, code)

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

"""What a class was asked: questions, those on the teacher's page, and those whose results wait.

A room has one stage: the questions of the teacher's page, which stand first on the board. While
results are held back, some students are ahead of the teacher. Their answers to a question that
isn't on the stage wait: the board shows how many there are, and goes on with what it shows.

Runs that finish while results are held are only counted, too, until the teacher shows results:
they would answer a guess about training. All seeds of a run are shown together.
"""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from gatesviz.limits import ROOM_ASKED, ROOM_QUESTIONS
from gatesviz.rooms.pace import HERE, Pace
from gatesviz.rooms.question import Question
from gatesviz.rooms.records import count
from gatesviz.rooms.tables import ASKED, ENTRIES, MEMBERS, QUESTIONS, ROOMS
from gatesviz.rooms.tally import SHOWS, Shows

OWN_PART = ":"
"""In the settings of an answer: what follows is a student's own, such as a seed."""


def shared_part(about: str) -> str:
    """Return the part of an answer's settings that a whole class has. A question is held by it."""
    return about.partition(OWN_PART)[0]


def ask(connection: Connection, code: str, question: Question, pace: Pace) -> None:
    """Store a question that a student answers, without its right answer, which may differ.

    While results are held back, the answers to a new one wait unless the teacher has asked it.
    """
    if count(connection, QUESTIONS, QUESTIONS.c.room == code, QUESTIONS.c.id == question.id):
        return
    if count(connection, QUESTIONS, QUESTIONS.c.room == code) >= ROOM_QUESTIONS.high:
        raise ValueError(f"at most {ROOM_QUESTIONS.high} questions of a room are counted")
    waits = pace.hold and _is_later(connection, code, question)
    row = {
        "room": code, "id": question.id, "kind": question.kind, "title": question.title,
        "options": json.dumps(question.options),
        "unit": question.unit, "lacking": question.without, "waits": waits,
    }  # fmt: skip
    connection.execute(insert(QUESTIONS).values(**row))


def _is_later(connection: Connection, code: str, question: Question) -> bool:
    """Return whether a question comes after those that the class talks about now."""
    stage = stage_of(connection, code)
    elsewhere = bool(stage and question.id not in stage)
    if question.can_be_held:
        return shows_of(connection, code) != "people" or elsewhere
    return question.is_run and elsewhere


def questions(connection: Connection, code: str) -> dict[str, Question]:
    """Return id -> question of a room, without right answers."""
    rows = connection.execute(select(QUESTIONS).where(QUESTIONS.c.room == code))
    return {
        row.id: Question(
            row.kind, row.title, tuple(json.loads(row.options)), None, row.unit, row.lacking
        )
        for row in rows
    }


def waiting(connection: Connection, code: str) -> set[str]:
    """Return the ids of the questions whose answers wait for the teacher."""
    rows = select(QUESTIONS.c.id).where(QUESTIONS.c.room == code, QUESTIONS.c.waits.is_(True))
    return set(connection.scalars(rows))


def release(connection: Connection, code: str, ids: Sequence[str]) -> None:
    """Let the board show the answers to some questions as it shows the others."""
    rows = update(QUESTIONS).where(QUESTIONS.c.room == code, QUESTIONS.c.id.in_(ids))
    connection.execute(rows.values(waits=False))


def show_run(connection: Connection, code: str, question: str) -> None:
    """Let the board show a run that is only counted. Of another question, this changes nothing."""
    known = and_(QUESTIONS.c.room == code, QUESTIONS.c.id == question, QUESTIONS.c.kind == "run")
    if count(connection, QUESTIONS, known):
        rows = update(ASKED).where(ASKED.c.room == code, ASKED.c.question == question)
        connection.execute(rows.values(shown=-1))


def stage_of(connection: Connection, code: str) -> set[str]:
    """Return the ids of the questions on the teacher's page."""
    found: str | None = connection.scalar(select(ROOMS.c.stage).where(ROOMS.c.code == code))
    return set((found or "").split())


def set_stage(
    connection: Connection,
    code: str,
    ids: Sequence[str],
    pace: Pace,
    *,
    hidden: bool = False,
    changed: bool = False,
) -> None:
    """Note which questions the teacher's page asks.

    On another page, the class talks about another question. So it does if the page asks about
    other settings. If its result is held back, the board shows no answers until the teacher says
    so. A page that asks one more question changes nothing.

    Args:
        hidden, changed: as `gatesviz.rooms.store.Rooms.put_on_stage` takes them.
    """
    before = stage_of(connection, code)
    if before >= {*ids} and not changed:
        return
    connection.execute(update(ROOMS).where(ROOMS.c.code == code).values(stage=" ".join(ids)))
    if not before.isdisjoint(ids) and not changed:
        return
    release(connection, code, ids)
    rows = select(QUESTIONS.c.id).where(QUESTIONS.c.room == code, QUESTIONS.c.id.in_(ids))
    open_ = {*ids} - {*connection.scalars(rows)} | held_questions(connection, code, pace)
    if pace.hold and (hidden or not open_.isdisjoint(ids)):
        show(connection, code, "people")


def change_hold(connection: Connection, code: str, before: Pace, after: Pace) -> None:
    """Do what a new pace means for results that are held back.

    When the teacher begins to hold results, the board shows none either. When results are shown,
    the board shows the guesses and the right answers, too. Those of questions that wait stay
    hidden, unless the teacher's page asks them. At the end, no question waits any more.
    """
    if after.hold and not before.hold:
        show(connection, code, "people")
    elif before.hold and not after.hold:
        release(connection, code, list(waiting(connection, code)))
    elif after.shown > before.shown:
        waits, stage = waiting(connection, code), stage_of(connection, code)
        later = waits - stage if stage else set()
        if held_questions(connection, code, before) - later:
            show(connection, code, "right")
        release(connection, code, list(waits - later))
        rows = update(ASKED).where(ASKED.c.room == code, ASKED.c.question.in_(later))
        connection.execute(rows.values(shown=after.shown))


def shows_of(connection: Connection, code: str) -> Shows | None:
    """Return what the board of a room shows, or None without the room."""
    found: int | None = connection.scalar(select(ROOMS.c.shows).where(ROOMS.c.code == code))
    return None if found is None else SHOWS[found]


def show(connection: Connection, code: str, shows: Shows) -> None:
    """Choose what the board of a room shows."""
    rows = update(ROOMS).where(ROOMS.c.code == code)
    connection.execute(rows.values(shows=SHOWS.index(shows)))


def note_asked(connection: Connection, code: str, question: str, about: str, pace: Pace) -> None:
    """Note how often results had been shown when a question was first answered with its settings.

    It is -1 if results weren't held back then. Only the `shared_part` of the settings counts: what
    is a student's own makes no other question of the class.
    """
    about = shared_part(about)
    if shown_before(connection, code, question, about) is not None:
        return
    if count(connection, ASKED, ASKED.c.room == code) < ROOM_ASKED.high:
        row = {"room": code, "question": question, "about": about}
        shown = pace.shown if pace.hold else -1
        connection.execute(insert(ASKED).values(**row, shown=shown))


def shown_before(connection: Connection, code: str, question: str, about: str) -> int | None:
    """Return what `note_asked` noted of a question with its settings, or None."""
    known = and_(ASKED.c.question == question, ASKED.c.about == shared_part(about))
    rows = select(ASKED.c.shown).where(ASKED.c.room == code, known)
    shown: int | None = connection.scalar(rows)
    return shown


def held_questions(connection: Connection, code: str, pace: Pace) -> set[str]:
    """Return the ids of the questions whose results are held back, with some settings at least."""
    if not pace.hold:
        return set()
    held = select(ASKED.c.question).where(ASKED.c.room == code, ASKED.c.shown >= pace.shown)
    return set(connection.scalars(held))


def held_answers(connection: Connection, code: str, pace: Pace, now: float) -> tuple[int, int]:
    """Return how many students answered the question whose result is held, and how many are here.

    It is a question of the teacher's page, or any if the teacher has opened none. Of several, it is
    the one that most students answered. Runs don't count, nor do answers for settings whose result
    has been shown. A student is here with an open page, or after closing it for `HERE` seconds.
    """
    open_ = or_(MEMBERS.c.seen.is_(None), MEMBERS.c.seen > now - HERE)  # None: of an older server
    students = and_(MEMBERS.c.room == code, MEMBERS.c.teacher.is_(False), open_)
    here = ENTRIES.c.person.in_(select(MEMBERS.c.person).where(students))
    own = ENTRIES.c.about.like(ASKED.c.about.concat(f"{OWN_PART}%"))
    same = [ASKED.c[name] == ENTRIES.c[name] for name in ("room", "question")]
    same.append(or_(ASKED.c.about == ENTRIES.c.about, own))
    held = [ASKED.c.shown >= pace.shown, ENTRIES.c.question.in_(_counted(connection, code))]
    counts = select(func.count()).select_from(ENTRIES).join(ASKED, and_(*same))
    counts = counts.where(ENTRIES.c.room == code, here, *held).group_by(ENTRIES.c.question)
    most = max(connection.scalars(counts), default=0) if pace.hold else 0
    return most, count(connection, MEMBERS, students)


def _counted(connection: Connection, code: str) -> set[str]:
    """Return the ids of the questions whose answers a teacher waits for."""
    kinds = select(QUESTIONS.c.id).where(QUESTIONS.c.room == code, QUESTIONS.c.kind != "run")
    asked = set(connection.scalars(kinds))
    return asked & stage if (stage := stage_of(connection, code)) else asked

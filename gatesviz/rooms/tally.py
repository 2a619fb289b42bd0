"""The board of a room: how often each option was chosen, and the median of numbers.

Numbers are results of runs. The same run on two screens gives the same number, so it is one
observation: each seed counts once.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf, isfinite
from statistics import median
from typing import Literal

from sqlalchemy import Column, Connection, distinct, func, select

from gatesviz.experiments.statistics import Interval, Share, interval, share
from gatesviz.rooms.curves import curve_from
from gatesviz.rooms.question import Question
from gatesviz.rooms.tables import ENTRIES

Shows = Literal["people", "answers", "right"]
SHOWS: tuple[Shows, ...] = ("people", "answers", "right")
"""What a board shows: how many have answered, what they answered, and which answer is right."""


@dataclass(frozen=True)
class Tally:
    """The answers to one question, one of each person.

    Attributes:
        question: what was asked. Its right answer is None unless it is known for all settings and
            the same for all.
        people: how many have answered.
        settings: how many different settings they answered for; of runs, how many seeds.
        at: time of the last answer, in seconds since 1970.
        counts: how many chose each option last.
        first: how many chose each option first, before they saw the answer.
        numbers: a number of each seed that has one, in increasing order, with their median.
        having: the share of seeds with a number. None if the question has options.
        curves: the drawn curves, the last one first.
        measured: the measured curve if it is known and the same for all, else ().
        held: whether the teacher holds its result back.
        waits: whether the board shows only how many have answered, whatever it shows of others.
    """

    question: Question
    people: int
    settings: int
    at: float
    counts: tuple[int, ...]
    first: tuple[int, ...]
    numbers: Interval
    having: Share | None
    curves: tuple[tuple[int, ...], ...] = ()
    measured: tuple[int, ...] = ()
    held: bool = False
    waits: bool = False

    @property
    def median(self) -> float | None:
        """The median over all seeds. Without a number, a seed counts as above all numbers."""
        if not self.people:
            return None
        middle = median([*self.numbers.values, *[inf] * (self.settings - self.numbers.n)])
        return middle if isfinite(middle) else None


@dataclass(frozen=True)
class Board:
    """What a room has answered.

    Attributes:
        code: of the room.
        version: grows with each change.
        people: students in the room.
        shows: what the class sees.
        tallies: those of the teacher's page come first, and those that wait last. Else the last
            question that was answered comes first.
    """

    code: str
    version: int
    people: int
    shows: Shows
    tallies: tuple[Tally, ...]


def tallies(
    connection: Connection, code: str, asked: Mapping[str, Question], held: Container[str] = ()
) -> Iterator[Tally]:
    """Yield the tally of each question of a room, the last one first.

    Args:
        asked: id -> question.
        held: the ids of those whose results are held back.
    """
    last, first = (
        _counts(connection, code, ENTRIES.c.value),
        _counts(connection, code, ENTRIES.c.first),
    )
    right = _right(connection, code)
    about = func.count(distinct(ENTRIES.c.about)).label("settings")
    people, at = func.count().label("people"), func.max(ENTRIES.c.at).label("at")
    rows = select(ENTRIES.c.question, people, about, at).where(ENTRIES.c.room == code)
    rows = rows.group_by(ENTRIES.c.question).order_by(at.desc())
    for row in connection.execute(rows):
        if row.question not in asked:  # it is newer than ``asked``
            continue
        question, values = asked[row.question], last[row.question]
        places = range(len(question.options))
        numbers = () if question.options else _numbers(connection, code, row.question)
        yield Tally(
            replace(question, right=right.get(row.question)),
            row.people,
            row.settings,
            row.at,
            tuple(values.get(place, 0) for place in places),
            tuple(first[row.question].get(place, 0) for place in places),
            _interval(numbers),
            None if question.options else share(len(numbers), row.settings),
            *(_curves(connection, code, row.question) if question.drawn else ((), ())),
            row.question in held,
        )


def _curves(
    connection: Connection, code: str, question: str
) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Return the drawn curves of a question, and the measured one if it is the same for all."""
    rows = select(ENTRIES.c.curve, ENTRIES.c.about).order_by(ENTRIES.c.at.desc())
    rows = rows.where(ENTRIES.c.room == code, ENTRIES.c.question == question)
    known: defaultdict[str, set[tuple[int, ...]]] = defaultdict(set)
    lines = []
    for text, about in connection.execute(rows):
        curve = curve_from(text)
        lines.append(curve.heights)
        known[about].add(curve.right)
    found = set().union(*(lines_ - {()} or {()} for lines_ in known.values()))
    return tuple(lines), next(iter(found)) if len(found) == 1 else ()


def _numbers(connection: Connection, code: str, question: str) -> tuple[float, ...]:
    """Return the first number of each seed that has one, in increasing order."""
    rows = select(ENTRIES.c.about, ENTRIES.c.value).order_by(ENTRIES.c.at.desc())
    rows = rows.where(ENTRIES.c.room == code, ENTRIES.c.question == question)
    of_seeds = {row.about: row.value for row in connection.execute(rows)}
    return tuple(sorted(value for value in of_seeds.values() if value is not None))


def _counts(
    connection: Connection, code: str, column: Column[float]
) -> Mapping[str, Mapping[float | None, int]]:
    """Return id of a question -> answer -> how many people gave it."""
    found: defaultdict[str, dict[float | None, int]] = defaultdict(dict)
    rows = select(ENTRIES.c.question, column.label("answer"), func.count().label("people"))
    rows = rows.where(ENTRIES.c.room == code).group_by(ENTRIES.c.question, column)
    for question, answer, people in connection.execute(rows):
        found[question][answer] = people
    return found


def _right(connection: Connection, code: str) -> dict[str, int | None]:
    """Return id of a question -> its right option if all settings have this one, or None.

    With the same settings, one answer that knows it is enough.
    """
    low, high = func.min(ENTRIES.c.correct), func.max(ENTRIES.c.correct)
    rows = select(ENTRIES.c.question, low, high).where(ENTRIES.c.room == code)
    known: defaultdict[str, set[int | None]] = defaultdict(set)
    for question, *ends in connection.execute(rows.group_by(ENTRIES.c.question, ENTRIES.c.about)):
        known[question].update(ends)
    return {
        question: next(iter(found)) if len(found) == 1 else None
        for question, found in known.items()
    }


@lru_cache(maxsize=1_000)
def _interval(values: tuple[float, ...]) -> Interval:
    return interval(values)

"""Everything that a room collected, as rows of a table."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from gatesviz.rooms.curves import Curve
from gatesviz.rooms.question import Question

COLUMNS = (
    *("person", "kind", "question", "first answer", "last answer", "unit", "right answer"),
    *("settings", "seed", "time (UTC)"),
)
_SEED = "seed "


class Answer(NamedTuple):
    """An answer of a room.

    Attributes:
        question: what was asked, with the right answer of the settings of this answer.
        person: the id of who answered.
        first, last: the first answer and the last one.
        at: the time of the last one, in seconds since 1970.
        about: a text that differs between settings.
        settings: the settings in words, or "".
    """

    question: Question
    person: str
    first: float | None
    last: float | Curve | None
    at: float
    about: str
    settings: str = ""


def rows(answers: Iterable[Answer]) -> Iterator[tuple[object, ...]]:
    """Yield a row of `COLUMNS` for each answer, with texts, numbers and None.

    People are numbered in the order of their first row. Their ids stay out of the table.

    Args:
        answers: as `Rooms.answers` yields them.
    """
    numbers: dict[str, int] = {}
    for question, person, first, last, at, about, settings in answers:
        right = None if question.right is None else question.options[question.right]
        yield (
            numbers.setdefault(person, len(numbers) + 1),
            question.kind,
            question.title,
            _told(question, first),
            _told(question, last),
            question.unit or None,
            right,
            settings or None,
            int(about.removeprefix(_SEED)) if about.startswith(_SEED) else None,
            datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds"),
        )


def about_seed(seed: int) -> str:
    """Return what a room stores as the settings of a run that differs by its seed alone."""
    return f"{_SEED}{seed}"


def _told(question: Question, value: float | Curve | None) -> object:
    if isinstance(value, Curve):
        return value.as_text()
    if question.drawn:  # the first curve isn't stored
        return None
    if question.options and value is not None:
        return question.options[int(value)]
    return question.without or None if value is None else value

"""What a room asks and stores: questions with options or numbers, and who answers."""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from gatesviz.limits import ROOM_OPTIONS

Kind = Literal["guess", "check", "progress", "run", "challenge", "curve"]
TITLE, OPTION = 600, 400
"""The most characters of a question and of an option."""
SETTINGS = 600
"""The most characters of the settings that an answer was made for."""


class NoRoomError(ValueError):
    """There is no such room, or it has ended."""


class UnavailableError(RuntimeError):
    """The database of the rooms can't be read or written."""


@dataclass(frozen=True)
class Member:
    """A person in a room.

    Attributes:
        code: of the room.
        person: a random id that belongs to this room only.
        teacher: whether they opened the room or have its secret link.
    """

    code: str
    person: str
    teacher: bool = False


@dataclass(frozen=True)
class Question:
    """A question to a class. Its texts come from the app, never from a person.

    Attributes:
        kind: "guess" on a page, "check" of a lesson, "progress" in a lesson, "run" of a model,
            try at a "challenge", "curve" that is drawn as a guess.
        title: what is asked, as plain text.
        options: the possible answers. Empty if the answer is a number. Of a curve, the labels of
            its axes: top, middle, bottom, left, right.
        right: index of the right option; None if it is not known. It is no part of `id`.
        unit: of a number, such as "updates" or "%".
        without: what it means if there is no number: "not solved in 600 updates". It
            counts as larger than every number.

    Raises:
        ValueError: if there are too many options.
    """

    kind: Kind
    title: str
    options: tuple[str, ...] = ()
    right: int | None = None
    unit: str = ""
    without: str = ""

    def __post_init__(self) -> None:
        ROOM_OPTIONS.check(len(self.options))
        object.__setattr__(self, "title", self.title[:TITLE])
        object.__setattr__(self, "options", tuple(one[:OPTION] for one in self.options))

    @property
    def id(self) -> str:
        """The same text for the same question, on every server."""
        told = json.dumps([self.kind, self.title, self.options, self.unit, self.without])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def can_be_held(self) -> bool:
        """Whether a teacher can hold its result back."""
        return self.kind in ("guess", "check", "curve")

    @property
    def is_run(self) -> bool:
        """Whether the answer is a number of a finished run."""
        return self.kind == "run"

    @property
    def drawn(self) -> bool:
        """Whether the answer is a curve."""
        return self.kind == "curve"

    def check(self, value: float | None) -> float | None:
        """Return an answer that is no curve as it is stored.

        Raises:
            ValueError: if it is neither one of the options nor, without options, a finite number
                or None.
        """
        if value is None:
            if self.options:
                raise ValueError("answer: expected an option, got none")
            return None
        number = float(value)
        if self.options:
            if number not in range(len(self.options)):
                raise ValueError(f"answer: expected an option's index, got {value!r}")
        elif not abs(number) <= 1e300:
            raise ValueError(f"answer: expected a finite number, got {value!r}")
        return number

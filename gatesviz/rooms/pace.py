"""The pace of a class: free, following the teacher's page, or a pause."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from gatesviz.limits import PAUSE_TEXT, ROOM_ADDRESS

PAUSES = (
    "Look at the screen.",
    "Stop here and listen.",
    "Discuss your guess with your neighbour.",
)
"""What a teacher can say in a pause without typing."""


@dataclass(frozen=True)
class Pace:
    """What the teacher asks of all screens.

    Attributes:
        follow: whether screens follow the teacher's page, lesson step and settings.
        address: the teacher's page with its settings, relative to the app: "feed?cell=GRU".
        lock: whether a screen goes back there when a student changes its page or settings.
        pause: a message that covers the screens, or "".

    Raises:
        ValueError: if a text is too long, or the message has a character that can't be shown.
    """

    follow: bool = False
    address: str = ""
    lock: bool = False
    pause: str = ""

    def __post_init__(self) -> None:
        ROOM_ADDRESS.check(len(self.address))
        PAUSE_TEXT.check(len(self.pause))
        if not (self.address + self.pause).isprintable():
            raise ValueError("message: expected characters that can be shown")

    def to_json(self) -> str:
        """Return the pace as JSON."""
        return json.dumps(asdict(self))


def pace_from(data: Any) -> Pace:
    """Return the pace that JSON data says.

    Raises:
        ValueError: if a field is missing, unknown, or of another type.
    """
    usual = asdict(Pace())
    if not isinstance(data, dict) or data.keys() != usual.keys():
        raise ValueError(f"pace: expected {', '.join(usual)}")
    for name, value in usual.items():
        if type(data[name]) is not type(value):
            raise ValueError(f"pace: {name} is no {type(value).__name__}")
    return Pace(**data)

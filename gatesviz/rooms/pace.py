"""The pace of a class: free, following the teacher's page, or a pause."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from gatesviz.limits import PAUSE_TEXT, ROOM_ADDRESS, ROOM_PLAYER

PAUSES = (
    "Look at the screen.",
    "Stop here and listen.",
    "Discuss your guess with your neighbour.",
)
"""What a teacher can say in a pause without typing."""
HERE = 45.0
"""Seconds for which a student counts as here after their last page was closed."""
JOINER = "\u200d"
"""Joins several signs into one, such as a person and a tool. It has no picture of its own."""


@dataclass(frozen=True)
class Pace:
    """What the teacher asks of all screens.

    Attributes:
        follow: whether screens follow the teacher's page, lesson step and settings.
        address: the teacher's page with its settings, relative to the app: "feed?cell=GRU".
        lock: whether a screen goes back there when a student changes its page or settings.
        pause: a message that covers the screens, or "".
        hold: whether the results of new guesses are held back.
        shown: how often the teacher has shown held results.
        mirror: whether the players of the class show what the teacher's player shows.
        player: what that is: its step, unit, lane and edits, as JSON; "" before it has said so.

    Raises:
        ValueError: if a text is too long, or the message has a character that can't be shown.
    """

    follow: bool = False
    address: str = ""
    lock: bool = False
    pause: str = ""
    hold: bool = False
    shown: int = 0
    mirror: bool = False
    player: str = ""

    def __post_init__(self) -> None:
        ROOM_ADDRESS.check(len(self.address))
        ROOM_PLAYER.check(len(self.player))
        PAUSE_TEXT.check(len(self.pause))
        if not (self.address + self.pause.replace(JOINER, "") + self.player).isprintable():
            raise ValueError("message: expected characters that can be shown")

    def to_json(self) -> str:
        """Return the pace as JSON."""
        return json.dumps(asdict(self))


def pace_from(data: Any) -> Pace:
    """Return the pace that JSON data says. A field that it lacks has its usual value.

    Raises:
        ValueError: if a field is unknown or of another type.
    """
    usual = asdict(Pace())
    if not isinstance(data, dict) or not data.keys() <= usual.keys():
        raise ValueError(f"pace: expected {', '.join(usual)}")
    if isinstance(pause := data.get("pause"), str):
        data = data | {"pause": " ".join(pause.split())}  # some keyboards type other spaces
    for name, value in data.items():
        if type(value) is not type(usual[name]):
            raise ValueError(f"pace: {name} is no {type(usual[name]).__name__}")
    return Pace(**data)

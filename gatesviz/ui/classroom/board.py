"""The board of a class, as data that the browser draws."""

from typing import TYPE_CHECKING, Any

from gatesviz.rooms import NoRoomError
from gatesviz.rooms.curves import middle
from gatesviz.strict_json import to_json
from gatesviz.ui.classroom.membership import stored_rooms

if TYPE_CHECKING:
    from gatesviz.rooms.tally import Shows, Tally

MOST_CURVES = 100
"""Curves that are drawn, the last ones. The median is that of all."""
MOST = 40
"""Questions on a board, the last ones answered. The table of the room has all."""


def board_text(code: str) -> str | None:
    """Return the board of a room as JSON, or None if the room has ended."""
    try:
        board = stored_rooms().board(code)
    except NoRoomError:
        return None
    return to_json(
        {
            "code": board.code,
            "version": board.version,
            "people": board.people,
            "shows": board.shows,
            "questions": [drawn(one, board.shows) for one in board.tallies[:MOST]],
            "more": max(0, len(board.tallies) - MOST),
        }
    )


def drawn(tally: "Tally", shows: "Shows") -> dict[str, Any]:
    """Return one question with its answers, as far as the class may see them."""
    question = tally.question
    one: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "title": question.title,
        "people": tally.people,
        "settings": tally.settings,
        "note": describe_settings(tally, shows),
    }
    if question.drawn:
        return one | _curves(tally, shows)
    if not question.options:
        return one | _numbers(tally)
    open_ = question.kind in ("progress", "challenge") or shows != "people"
    changed = question.kind in ("guess", "check") and tally.first != tally.counts
    return one | {
        "options": list(question.options),
        "counts": list(tally.counts) if open_ else None,
        "first": list(tally.first) if open_ and changed else None,
        "right": question.right if shows == "right" else None,
    }


def _curves(tally: "Tally", shows: "Shows") -> dict[str, Any]:
    open_ = shows != "people"
    return {
        "axes": list(tally.question.options),
        "curves": tally.curves[:MOST_CURVES] if open_ else None,
        "middle": middle(tally.curves) if open_ else (),
        "measured": tally.measured if shows == "right" else (),
        "caption": describe_curves(tally, shows) if open_ else "",
    }


def describe_curves(tally: "Tally", shows: "Shows") -> str:
    """Return what the lines in the picture of all curves are."""
    some = f" The last {MOST_CURVES} are drawn." if tally.people > MOST_CURVES else ""
    thick = f" Thick: the median at each point{', of all students' if some else ''}."
    dashed = " Dashed: the measured curve." if shows == "right" and tally.measured else ""
    return f"Thin: one student each.{some}{thick}{dashed}"


def describe_settings(tally: "Tally", shows: "Shows") -> str:
    """Return a warning that the answers are for different settings, or ""."""
    kind = tally.question.kind
    if tally.settings < 2 or kind not in ("guess", "check", "curve"):
        return ""
    what = "measured curve" if kind == "curve" else "right answer"
    known = bool(tally.measured) if kind == "curve" else tally.question.right is not None
    ends = f", so the {what} may differ."
    if shows == "right" and known:
        ends = f". The {what} is the same for all."
    return f"Students used {tally.settings} different settings{ends}"


def _numbers(tally: "Tally") -> dict[str, Any]:
    question, found = tally.question, tally.numbers
    every = found.n == tally.people
    return {
        "unit": question.unit,
        "values": list(found.values),
        "median": tally.median,
        "low": found.low if every and found.known else None,
        "high": found.high if every and found.known else None,
        "lacking": "" if every else question.without,
        "having": "" if every else str(tally.having),
    }

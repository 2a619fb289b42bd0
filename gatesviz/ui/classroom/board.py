"""The board of a class, as data that the browser draws."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from gatesviz.rooms import NoRoomError
from gatesviz.rooms.curves import middle
from gatesviz.strict_json import to_json
from gatesviz.ui.classroom.membership import stored_rooms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatesviz.experiments.statistics import Share
    from gatesviz.rooms import Question
    from gatesviz.rooms.tally import Shows, Tally

HELD_BACK = "The result is held back until the teacher presses Show results."
WAITING = "These guesses aren’t on the board yet."
ONLY_COUNTED = "The board shows only how many have guessed."
RUNS_COUNTED = "Runs are only counted until the teacher presses Show results."
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
    axes = shared_axes(board.tallies[:MOST])
    return to_json(
        {
            "code": board.code,
            "version": board.version,
            "people": board.people,
            "shows": board.shows,
            "questions": [
                drawn(one, board.shows, axes.get(_compared(one))) for one in board.tallies[:MOST]
            ],
            "more": max(0, len(board.tallies) - MOST),
        }
    )


def shared_axes(tallies: "Sequence[Tally]") -> dict[tuple[str, ...], tuple[float, float]]:
    """Return the ends of one axis for all cells that are compared, so that eyes can compare them.

    They are the smallest and the largest number of all runs of a task with the same measure.
    """
    values: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
    for tally in tallies:
        values[_compared(tally)] += tally.numbers.values
    return {key: (min(found), max(found)) for key, found in values.items() if found}


def _compared(tally: "Tally") -> tuple[str, ...]:
    """Return task, measure and unit of a run: "Recall: LSTM, 8 units: accuracy" names the cell."""
    question = tally.question
    parts = question.title.split(": ")
    return (parts[0], parts[-1], question.unit)


def drawn(
    tally: "Tally", shows: "Shows", axis: tuple[float, float] | None = None
) -> dict[str, Any]:
    """Return one question with its answers, as far as the class may see them.

    Args:
        axis: the ends of the axis of numbers. By default those of its own.
    """
    question = tally.question
    one: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "title": question.title,
        "people": tally.people,
        "settings": tally.settings,
        "note": describe_held(tally, shows) or describe_settings(tally, shows),
        "waits": tally.waits and (shows != "people" or question.is_run),
        "hidden": describe_hidden(tally),
    }
    if question.drawn:
        return one | _curves(tally, shows)
    if not question.options:
        counted = question.is_run and (tally.held or tally.waits)
        return one | ({"values": None} if counted else _numbers(tally) | {"axis": axis})
    open_ = question.kind in ("progress", "challenge") or _is_open(tally, shows)
    changed = question.kind in ("guess", "check") and tally.first != tally.counts
    return one | {
        "options": list(question.options),
        "counts": list(tally.counts) if open_ else None,
        "first": list(tally.first) if open_ and changed else None,
        "right": question.right if _shows_right(tally, shows) else None,
    }


def describe_hidden(tally: "Tally") -> str:
    """Return what stands in place of the answers where the board only counts them."""
    if tally.question.is_run:
        return RUNS_COUNTED
    return WAITING if tally.waits else ONLY_COUNTED


def _curves(tally: "Tally", shows: "Shows") -> dict[str, Any]:
    open_ = _is_open(tally, shows)
    return {
        "axes": list(tally.question.options),
        "curves": tally.curves[:MOST_CURVES] if open_ else None,
        "middle": middle(tally.curves) if open_ else (),
        "measured": tally.measured if _shows_right(tally, shows) else (),
        "caption": describe_curves(tally, shows) if open_ else "",
    }


def describe_curves(tally: "Tally", shows: "Shows") -> str:
    """Return what the lines in the picture of all curves are."""
    some = f" The last {MOST_CURVES} are drawn." if tally.people > MOST_CURVES else ""
    thick = f" Thick: the median at each point{', of all students' if some else ''}."
    is_dashed = tally.measured and _shows_right(tally, shows)
    dashed = " Dashed: the measured curve." if is_dashed else ""
    return f"Thin: one student each.{some}{thick}{dashed}"


def _is_open(tally: "Tally", shows: "Shows") -> bool:
    return shows != "people" and not tally.waits


def _shows_right(tally: "Tally", shows: "Shows") -> bool:
    return shows == "right" and not tally.held and not tally.waits


def describe_held(tally: "Tally", shows: "Shows") -> str:
    """Return why the board doesn't show the right answer although it should, or ""."""
    return HELD_BACK if shows == "right" and tally.held and not tally.waits else ""


def describe_settings(tally: "Tally", shows: "Shows") -> str:
    """Return a warning that settings differ or that seeds are the same, or ""."""
    kind = tally.question.kind
    if kind == "run" and tally.settings < tally.people:
        return describe_seeds(tally.people, tally.settings)
    if tally.settings < 2 or kind not in ("guess", "check", "curve"):
        return ""
    what = "measured curve" if kind == "curve" else "right answer"
    known = bool(tally.measured) if kind == "curve" else tally.question.right is not None
    ends = f", so the {what} may differ."
    if shows == "right" and known:
        ends = f". The {what} is the same for all."
    return f"Students used {tally.settings} different settings or seeds{ends}"


def describe_seeds(people: int, seeds: int) -> str:
    """Return a sentence on students who ran the same seed."""
    from gatesviz.experiments.statistics import FEWEST  # loads NumPy, as reading a board does

    if seeds == 1:
        return (
            f"{people} students ran the same seed, so this is one run."
            f" An interval needs at least {FEWEST} seeds."
        )
    return f"{people} students ran {seeds} different seeds. Each seed counts once."


def _numbers(tally: "Tally") -> dict[str, Any]:
    question, found = tally.question, tally.numbers
    every = found.n == tally.settings
    interval = every and found.known
    return {
        "unit": question.unit,
        "values": list(found.values),
        "median": tally.median,
        "low": found.low if interval else None,
        "high": found.high if interval else None,
        "remark": describe_interval(tally),
        "solved": "" if every or tally.having is None else describe_solved(tally.having, question),
    }


def describe_interval(tally: "Tally") -> str:
    """Return why the numbers have no interval, or why it has no width, as a sentence, or ""."""
    found = tally.numbers
    if not found.n or tally.settings == 1 < tally.people:  # `describe_seeds` says it
        return ""
    if found.n < tally.settings:
        return "There is no interval, because not every run has a number."
    return f"{found.note[0].upper()}{found.note[1:]}." if found.note else ""


def describe_solved(having: "Share", question: "Question") -> str:
    """Return how many runs solved a task, with the interval of this share."""
    within = question.without.removeprefix("not solved").replace(" in ", " within ", 1)
    runs = "run" if having.of == 1 else "runs"
    return (
        f"{having.count} of {having.of} {runs} solved it{within} (95 % interval:"
        f" {having.low * 100:.0f} % to {having.high * 100:.0f} %)."
    )

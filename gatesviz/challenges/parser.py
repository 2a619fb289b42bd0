"""Read a challenge from its text file, and say what is wrong with it in one sentence.

The file begins with TOML between two lines ``+++``: title, goal, hint, and the machine that says
what is right. The text of the task follows. `gatesviz/challenges/texts/1_latch.md` has the usual
parts, `6_forget-bias.md` a bias to make small, `7_fewest-units.md` a task to learn.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from gatesviz.cells import CELLS
from gatesviz.challenges.challenge import Challenge, Fewest, Machine, Smallest
from gatesviz.lessons.markup import blocks
from gatesviz.lessons.parser import FRONT, expect_keys
from gatesviz.limits import HAND_INPUT, HAND_STEPS, UPDATES_AT_ONCE
from gatesviz.tasks import TASKS
from gatesviz.tiny_cell import FARTHEST, Row

_MACHINE = {"start": str, "on": list, "moves": dict}
_OPTIONS = {"noise": float, "begins": float, "steps": int}


class ChallengeError(ValueError):
    """A fault in a challenge's file. The message names the file."""


def read_challenge(name: str, source: str) -> Challenge:
    """Return the challenge in ``source``.

    Args:
        name: its name in links, which is also part of every message.
        source: the text of the file.

    Raises:
        ChallengeError: if the file has a fault.
    """
    found = FRONT.fullmatch(source)
    if found is None:
        raise ChallengeError(f"{name}: expected TOML between two lines +++ at the top")
    try:
        front = tomllib.loads(found[1])
        texts = dict.fromkeys(("title", "goal", "hint"), str)
        tables = dict.fromkeys(("machine", "smallest", "fewest"), dict)
        expect_keys(front, {**texts, **tables}, tuple(texts))
        if ("machine" in front) == ("fewest" in front):
            raise ValueError("expected either a machine or the table fewest")
        text = found[2].strip()
        if not blocks(text):
            raise ValueError("expected a text after the second +++")
        parts: dict[str, Any] = {
            key: read(front[key])
            for key, read in (("machine", _machine), ("smallest", _smallest), ("fewest", _fewest))
            if key in front
        }
    except ValueError as error:
        raise ChallengeError(f"{name}: {error}") from None
    return Challenge(name, front["title"], front["goal"], text, front["hint"], **parts)


def _machine(block: Mapping[str, Any]) -> Machine:
    expect_keys(block, _MACHINE | _OPTIONS, tuple(_MACHINE), "machine")
    moves = {
        state: {_mark(text): after for text, after in row.items()}
        for state, row in block["moves"].items()
    }
    named = {
        block["start"],
        *block["on"],
        *(after for row in moves.values() for after in row.values()),
    }
    if unknown := sorted(named - moves.keys()):
        raise ValueError(f"machine.moves: expected a row for the state {unknown[0]!r}")
    options = {key: block[key] for key in _OPTIONS if key in block}
    if not 1 <= options.get("steps", 1) <= HAND_STEPS.high:
        raise ValueError(f"machine.steps = {block['steps']}: expected 1 to {HAND_STEPS.high}")
    marks = {mark for row in moves.values() for mark in row}
    if any(abs(mark) <= options.get("noise", 0.0) for mark in marks):
        raise ValueError("machine.noise: expected less than the size of every mark")
    begins = options.get("begins")
    if begins is not None and begins not in moves[block["start"]]:
        raise ValueError(f"machine.begins = {begins:g}: expected a mark of the first state")
    return Machine(block["start"], frozenset(block["on"]), moves, **options)


def _mark(text: str) -> float:
    return HAND_INPUT.check(float(text))


def _smallest(block: Mapping[str, Any]) -> Smallest:
    kinds = {"cell": str, "gate": str, "step": float, "rows": dict}
    expect_keys(block, kinds, tuple(kinds), "smallest")
    if block["cell"] not in CELLS or block["gate"] not in CELLS[block["cell"]].blocks:
        raise ValueError("smallest: expected a cell and one of its gates")
    rows = {
        gate: Row(**{key: float(value) for key, value in row.items()})
        for gate, row in block["rows"].items()
    }
    if any(abs(value) > FARTHEST for row in rows.values() for value in row):
        raise ValueError(f"smallest.rows: expected numbers from −{FARTHEST:g} to {FARTHEST:g}")
    return Smallest(block["cell"], block["gate"], block["step"], rows)


def _fewest(block: Mapping[str, Any]) -> Fewest:
    kinds = {"task": str, "cell": str, "updates": int}
    expect_keys(block, kinds, tuple(kinds), "fewest")
    if block["task"] not in TASKS or block["cell"] not in CELLS:
        raise ValueError("fewest: expected a task and a cell")
    return Fewest(block["task"], block["cell"], UPDATES_AT_ONCE.check(block["updates"]))

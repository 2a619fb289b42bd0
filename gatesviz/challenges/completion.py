"""The code of a solved challenge: which one, with which cell, and a check sum.

    >>> read_challenge_code(challenge_code("latch", "lstm", 1)).cell    # doctest: +SKIP
    'lstm'

A course page can ask for it. It finds typing errors. It is no proof of who solved it: anyone can
run this function.
"""

import re
from dataclasses import dataclass

from gatesviz.cells import CELLS
from gatesviz.lessons.completion import check_sum

_CODE = re.compile(r"challenge-([a-z-]{1,40})-([a-z_]{1,40})-(\d{1,2})-([A-Z2-7]{5})")


@dataclass(frozen=True)
class Solved:
    """What a code says: the challenge's name, a key of `gatesviz.cells.CELLS`, hidden units."""

    challenge: str
    cell: str
    units: int


def challenge_code(name: str, cell: str, units: int) -> str:
    """Return the code of the challenge ``name``, solved with ``units`` units of a cell."""
    text = f"challenge-{name}-{cell}-{units}"
    return f"{text}-{check_sum(text)}"


def read_challenge_code(code: str) -> Solved:
    """Decode the ``code`` of a challenge.

    Raises:
        ValueError: if it is not a code, its checksum is wrong, or there is no such challenge.
    """
    from gatesviz.challenges import challenge

    found = _CODE.fullmatch(code.strip())
    if found is None:
        raise ValueError(
            f"{code[:60]!r} is no code; expected one such as challenge-latch-lstm-1-ABCDE"
        )
    solved = Solved(found[1], found[2], int(found[3]))
    if challenge_code(solved.challenge, solved.cell, solved.units) != code.strip():
        raise ValueError(f"{code[:60]!r}: the check sum is wrong; copy the whole code again")
    challenge(solved.challenge)
    if solved.cell not in CELLS:
        raise ValueError(f"{code[:60]!r}: there is no cell {solved.cell!r}")
    return solved

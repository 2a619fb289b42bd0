"""A text as few sequences: read in one go, or cut where no bracket and no quotation is open."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective.properties import bracket_depth, inside_quotes
from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import READ_IN_ONE_GO

LINE = "\n"
STRETCH, SHORT = 60, 10
"""The most steps of a part with a score of its own, and the fewest for an interval.

Such a part is a stretch of a sequence, or a sequence that is cut from a longer one.
"""
CUT = (
    "Each sequence begins in the middle of the text. Position, brackets and quotations are counted"
    " from its first step."
)
LINES = "Each line is a sequence of its own."
BY_SCORE = "Each line is a sequence of its own, since your model has one answer for each sequence."
CUT_NUMBERS = "The numbers are cut into sequences, and position is counted anew in each."

MORE_TEXT = (
    f"For a score, the text is cut into stretches of {SHORT} {{0}} or more. Type a text of at least"
    f" {FEWEST * SHORT} {{0}}."
)
MORE_CELLS = (
    f"For a score, the rows are cut into stretches of {SHORT} {{0}} or more. Use a table with at"
    f" least {FEWEST * SHORT} {{0}}."
)
MORE_LINES = f"Each line of the text is one sequence. Type at least {FEWEST} lines."
MORE_NAMED = f"Use a table with at least {FEWEST} sequences."
MORE_ROWS = (
    f"For a score, the rows are cut into sequences of {SHORT} or more. Use at least"
    f" {FEWEST * SHORT} rows."
)


def cut_text(symbols: Sequence[str], most: int = READ_IN_ONE_GO.high) -> list[int]:
    """Return where each sequence of a text begins, and the end of the last one.

    A text of up to ``most`` symbols is one sequence. A longer one is cut after a line break at
    which no bracket and no quotation is open. Where there is none within ``most`` symbols, it is
    cut at the last other place where nothing is open, and without any after ``most`` symbols.

    Args:
        symbols: characters or words, two or more.
        most: steps of the longest sequence.
    """
    places, count = [0], len(symbols)
    while count - places[-1] > most:
        begin = places[-1]
        end = begin + min(most, count - begin - 2)  # two are left for the last sequence
        part = list(symbols[begin:end])
        nothing_open = (bracket_depth(part) == 0) & ~inside_quotes(part)
        breaks = np.array([symbol == LINE for symbol in part], bool)
        found = _last(nothing_open & breaks) or _last(nothing_open) or len(part)
        places.append(begin + found)
    return [*places, count]


def where_counts_begin(
    symbols: Sequence[str], places: Sequence[int], *, table: bool = False
) -> str:
    """Return where a property of the text, or table, begins anew, as a sentence; "" if nowhere."""
    ends = np.array(places[1:-1], int) - 1
    if not len(ends):
        return ""
    nothing_open = ~inside_quotes(list(symbols)) & (bracket_depth(list(symbols)) == 0)
    what = "table" if table else "text"
    if nothing_open[ends].all():
        return (
            f"The {what} is too long to read in one go. Each sequence begins where no bracket and"
            " no quotation is open, and position and memory begin anew there."
        )
    return (
        f"The {what} is too long to read in one go, and {int((~nothing_open[ends]).sum()):,} of its"
        f" {len(ends):,} cuts are inside brackets or a quotation. Position, brackets, quotations"
        " and memory begin anew at each cut."
    )


def stretch_of(steps: int) -> int:
    """Return the steps of a stretch that gets a score of its own, for a text of ``steps``.

    There are enough stretches for an interval if each can have `SHORT` steps.
    """
    return max(SHORT, min(STRETCH, steps // FEWEST))


def _last(flags: NDArray[np.bool_]) -> int:
    """Return how many steps end with the last true one of two or more; 0 if there is none."""
    found = np.flatnonzero(flags[1:])
    return int(found[-1]) + 2 if len(found) else 0

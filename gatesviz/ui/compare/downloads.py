"""What the reader takes home from this page."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from gatesviz.experiments.known import Outcome

COLUMNS = (
    "card", "known result", "source", "setting", "row", "expected", "number", "value",
    "row came to", "card came to", "not covered", "measured", "machine",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(outcomes: Sequence[Outcome]) -> str:
    """Return every value of every card, a line each; a row without any has one line.

    Every cell is quoted, and a text that a spreadsheet would take for a formula begins with an
    apostrophe. Values are written so that reading them gives the same float64.
    """
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for outcome in outcomes:
        writer.writerows(_lines(outcome))
    return out.getvalue()


def _lines(outcome: Outcome) -> Iterator[list[str]]:
    card = outcome.card
    machines = "; ".join(map(str, outcome.machines))
    for row in outcome.rows:
        for number, value in enumerate(map(repr, row.values or ("",))):
            texts = [card.key, card.title, card.source, card.setting, row.band.row, str(row.band)]
            ends = [row.status, outcome.status, card.not_covered, outcome.measured, machines]
            yield [*map(safe, texts), str(number), value.strip("'"), *map(safe, ends)]


def safe(text: str) -> str:
    """Return ``text`` so that no spreadsheet computes it."""
    return f"'{text}" if text.startswith(FORMULA) else text

"""Every value of the cards, as a table that the reader takes home."""

from collections.abc import Iterator, Sequence

from gatesviz.experiments.known import Outcome
from gatesviz.ui.downloads import table

COLUMNS = (
    "card", "known result", "source", "setting", "row", "expected", "number", "value",
    "row came to", "card came to", "not covered", "measured", "machine",
)  # fmt: skip


def as_csv(outcomes: Sequence[Outcome]) -> str:
    """Return every value of every card, a line each; a row without any has one line."""
    return table(COLUMNS, (line for outcome in outcomes for line in _lines(outcome)))


def _lines(outcome: Outcome) -> Iterator[tuple[object, ...]]:
    card = outcome.card
    machines = "; ".join(map(str, outcome.machines))
    ends = (outcome.status, card.not_covered, outcome.measured, machines)
    for row in outcome.rows:
        begins = (card.key, card.title, card.source, card.setting, row.band.row, str(row.band))
        for number, value in enumerate(row.values or (None,)):
            yield (*begins, number, value, row.status, *ends)

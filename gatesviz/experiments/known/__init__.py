"""Known results as cards: what papers found, what is expected here, and what we measure.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.known import CARDS
    >>> CARDS["X4"].outcome().status                                      # doctest: +SKIP
    >>> run = begin(CARDS["T1"].experiments[0])                           # doctest: +SKIP
    >>> CARDS["T1"].outcome(run.results).rows                             # doctest: +SKIP

`card` defines a card and `trained` its experiments. `equality`, `decay`, `bounds`, `learning`,
`generalisation` and `edited` hold the cards by topic. `table` prints them. We never change an
expected range to fit a result.
"""

from collections.abc import Mapping

from gatesviz.experiments.known import bounds, decay, edited, equality, generalisation, learning
from gatesviz.experiments.known.card import Band, Card, Outcome, Row

__all__ = ["CARDS", "Band", "Card", "Outcome", "Row"]


def _order(card: Card) -> tuple[str, int, str]:
    number = "".join(filter(str.isdigit, card.key))
    return {"X": "0", "T": "1"}[card.key[0]], int(number), card.key


CARDS: Mapping[str, Card] = {
    card.key: card
    for card in sorted(
        (
            *equality.CARDS,
            *decay.CARDS,
            *bounds.CARDS,
            *learning.CARDS,
            *generalisation.CARDS,
            *edited.CARDS,
        ),
        key=_order,
    )
}
"""Key -> card: the exact cards first, then those that need training."""

"""Known results as cards: what papers found, what must come out here, and what does.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.known import CARDS
    >>> CARDS["X4"].outcome().status                                      # doctest: +SKIP
    >>> asking = begin(CARDS["T1"].experiments[0])                        # doctest: +SKIP
    >>> CARDS["T1"].outcome(asking.results).rows                          # doctest: +SKIP

`card` is what a card is; `trained` says what is run; `equality`, `decay`, `bounds`, `learning` and
`generalising` hold the cards by idea; `table` writes them down. A band is never moved so that a
result fits it.
"""

from collections.abc import Mapping

from gatesviz.experiments.known import bounds, decay, equality, generalisation, learning
from gatesviz.experiments.known.card import Band, Card, Outcome, Row

__all__ = ["CARDS", "Band", "Card", "Outcome", "Row"]


def _place(card: Card) -> tuple[str, int, str]:
    number = "".join(filter(str.isdigit, card.key))
    return {"X": "0", "T": "1"}[card.key[0]], int(number), card.key


CARDS: Mapping[str, Card] = {
    card.key: card
    for card in sorted(
        (*equality.CARDS, *decay.CARDS, *bounds.CARDS, *learning.CARDS, *generalisation.CARDS),
        key=_place,
    )
}
"""Key -> card: what is exact first, then what is trained."""

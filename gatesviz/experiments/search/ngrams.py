"""An interpolated n-gram model that predicts the next character by counting."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ORDERS = (1, 2, 3, 4, 5, 6)
"""Lengths of the n-grams, with the predicted character."""
HELD_BACK = 10
"""The order is chosen on the last tenth of the training part."""


class NGrams:
    """Probabilities of the next character, counted in a text.

    The probabilities after k characters are interpolated with those after k − 1. The weight is the
    number of different characters that followed (Witten & Bell 1991). The shortest are
    interpolated with equal probabilities. So no character is impossible, and nothing is tuned.

    Args:
        known: the text, as indices below ``size``.
        order: length of the longest n-gram.
        size: number of different characters.
    """

    def __init__(self, known: Sequence[int], order: int, size: int) -> None:
        self.order, self._size = order, size
        text = bytes(known)
        self._counts: list[dict[bytes, Counter[int]]] = []
        for back in range(order):
            counts: dict[bytes, Counter[int]] = defaultdict(Counter)
            for place in range(back, len(text)):
                counts[text[place - back : place]][text[place]] += 1
            self._counts.append(dict(counts))

    def bits(self, text: Sequence[int], start: int) -> NDArray[np.float64]:
        """Return the surprise of each character from ``start`` on, in bits, (N − start,).

        Characters before ``start`` are read, not scored.
        """
        characters = bytes(text)
        return np.array([self._bits(characters, k) for k in range(start, len(characters))])

    def _bits(self, text: bytes, place: int) -> float:
        probability = 1 / self._size
        for back in range(min(self.order, place + 1)):
            after = self._counts[back].get(text[place - back : place])
            if after is None:
                break  # a longer context was not seen either
            total, kinds = after.total(), len(after)
            probability = (after[text[place]] + kinds * probability) / (total + kinds)
        return float(-np.log2(probability))


def choose_order(known: Sequence[int], size: int) -> int:
    """Return the order of `ORDERS` with the fewest bits on the end of ``known``.

    Args:
        known: the training part alone.
        size: number of different characters.
    """
    cut = len(known) - max(1, len(known) // HELD_BACK)
    bits = {o: NGrams(known[:cut], o, size).bits(known, cut).mean() for o in ORDERS}
    return min(bits, key=lambda order: bits[order])

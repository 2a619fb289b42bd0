"""An interpolated n-gram model of characters: what counting alone can say of the next one."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ORDERS = (1, 2, 3, 4, 5, 6)
"""Characters that are looked at, the guessed one among them."""
HELD_BACK = 10
"""The order is chosen on the last tenth of the training part."""


class NGrams:
    """Probabilities of the next character, counted in a text.

    Those after k characters are drawn towards those after k − 1 by as many counts as different
    characters followed (Witten & Bell 1991); those after none, towards even ones. So nothing is
    impossible, and nothing has to be tuned.

    Args:
        known: the text, as indices below ``size``.
        order: the longest n-gram that is counted.
        size: how many characters there are.
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
        told = bytes(text)
        return np.array([self._bits(told, place) for place in range(start, len(told))])

    def _bits(self, text: bytes, place: int) -> float:
        probability = 1 / self._size
        for back in range(min(self.order, place + 1)):
            after = self._counts[back].get(text[place - back : place])
            if after is None:
                break  # what is longer has not been seen either
            total, kinds = after.total(), len(after)
            probability = (after[text[place]] + kinds * probability) / (total + kinds)
        return float(-np.log2(probability))


def choose_order(known: Sequence[int], size: int) -> int:
    """Return the order of `ORDERS` with the fewest bits on the end of ``known``.

    Args:
        known: the training part alone.
        size: how many characters there are.
    """
    cut = len(known) - max(1, len(known) // HELD_BACK)
    bits = {o: NGrams(known[:cut], o, size).bits(known, cut).mean() for o in ORDERS}
    return min(bits, key=lambda order: bits[order])

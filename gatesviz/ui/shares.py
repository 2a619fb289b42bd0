"""Shares in percent, written as the player's `formatShare` writes them."""

import math

_TINY = 1e-9


def probability(value: float, least: int = 1) -> str:
    """Return the probability of an answer as `percent` does.

    A softmax or a sigmoid never gives 0 or 1. Where its float32 number is one of these, the true
    one was rounded.
    """
    return percent(min(max(float(value), _TINY), 1 - _TINY), least) if value == value else "–"


def percent(share: float | None, least: int = 1) -> str:
    """Return a share as a percentage with ``least`` decimals; a dash where there is no number.

    It never rounds to a false 0 or 100 %. Near these it has up to two decimals, or says on which
    side it is: 0.04 %, under 0.01 %, over 99.99 %.
    """
    if share is None or not math.isfinite(share):
        return "–"
    exact = share in (-1, 0, 1)
    for decimals in range(least, 3):
        text = f"{100 * share + 0.0:.{decimals}f}"  # + 0.0: no minus before a zero
        if exact or abs(float(text)) not in (0, 100):
            return f"{text} %".replace("-", "−")
    if 0 < share < 1:
        return "under 0.01 %" if share < 0.5 else "over 99.99 %"
    nearest = round(share)
    side = "over" if share > nearest else "under"
    return f"just {side} {100 * nearest} %".replace("-", "−")

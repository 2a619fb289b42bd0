"""How far back a gradient reaches, from its norms.

All three functions take norms (T + 1, …) whose last row belongs to the last state.
"""

from numbers import Real

import numpy as np
from numpy.typing import NDArray

from gatesviz.traces import Array


def half_life(norms: Array) -> Array:
    """Return how many steps back the norm first falls to half of its last value, (…).

    Between two steps, the norm decays exponentially, so that f^lag gives exactly ln ½ / ln f.
    Steps are counted from the last norm that is not 0: the step of the loss, if there is only one.

    Args:
        norms: (T + 1, …), the last state comes last.

    Returns:
        (…): steps; inf if the norm never halves. NaN if any norm is NaN or infinite, or if all
        are 0.
    """
    by_lag, known = _by_lag(norms)
    with np.errstate(all="ignore"):
        digits, exponent = np.frexp(by_lag)  # a quotient could leave the range of float64
        share = np.log2(digits) - np.log2(digits[0]) + (exponent - exponent[0])
        low = share <= -1
        lag = low.argmax(0)
        before = np.maximum(lag - 1, 0)
        now, then = (np.take_along_axis(share, k[None], 0)[0] for k in (lag, before))
        part = np.where(np.isinf(now), 0, (now + 1) / (now - then))  # 0 at the next step: there
    steps = np.where(low.any(0), lag - part, np.inf)
    return np.where(known, steps, np.nan)


def reach(norms: Array, share: float = 0.01) -> Array:
    """Return the furthest lag at which the norm is at least ``share`` of its last value, (…).

    Args:
        norms: (T + 1, …), the last state comes last. Steps are counted as in `half_life`.
        share: a share of that value, above 0.

    Returns:
        (…): whole steps from 0 to T. NaN if any norm is NaN or infinite, or if all are 0.

    Raises:
        TypeError: if ``share`` is not a number.
        ValueError: if ``share`` is not above 0.
    """
    if not isinstance(share, Real):
        raise TypeError(f"share: expected a number above 0, got {share!r}")
    if not share > 0:
        raise ValueError(f"share: expected a number above 0, got {share!r}")
    by_lag, known = _by_lag(norms)
    lags = np.arange(len(by_lag)).reshape(-1, *[1] * (by_lag.ndim - 1))
    with np.errstate(all="ignore"):
        relative = np.ldexp(by_lag, -np.frexp(by_lag[0])[1])  # share · 1e-310 would lose digits
        furthest = np.where(relative >= share * relative[0], lags, 0).max(0)
    return np.where(known, furthest, np.nan)


def overflow(norms: Array) -> NDArray[np.int64]:
    """Return how many steps back the norm is first NaN or infinite, (…).

    Args:
        norms: (T + 1, …), the last state comes last.

    Returns:
        (…): whole steps from 0 (the last row) to T; -1 if every norm is finite.
    """
    lost = ~np.isfinite(np.asarray(norms))[::-1]
    found: NDArray[np.int64] = np.where(lost.any(0), lost.argmax(0), -1)
    return found


def _by_lag(norms: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the norms by lag, and which of them are usable.

    Row k of the first array (T + 1, …) is k steps before the last norm above 0; it is NaN beyond
    the first state. The second array (…) is false if a norm is not finite or none is above 0.
    """
    rows = np.asarray(norms, np.float64)[::-1]
    first = (rows > 0).argmax(0)
    index = np.arange(len(rows)).reshape(-1, *[1] * (rows.ndim - 1)) + first
    moved = np.take_along_axis(rows, np.minimum(index, len(rows) - 1), 0)
    moved = np.where(index < len(rows), moved, np.nan)
    known = np.asarray(np.isfinite(rows).all(0) & (rows > 0).any(0))
    return moved, known

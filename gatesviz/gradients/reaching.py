"""How far back a gradient reaches, measured on its norms."""

import numpy as np

from gatesviz.traces import Array


def half_life(norms: Array) -> Array:
    """Return how many steps back the norm first falls to half of its last value, (…).

    Between two steps the norm is taken to decay exponentially, so that f^lag gives
    ln ½ / ln f exactly. Counted from the last row that is not 0 or NaN, which is where
    the loss is when it looks at one step only.

    Args:
        norms: (T + 1, …), the last row read comes last.

    Returns:
        (…): steps; inf where the norm never halves, NaN where all of it is 0 or NaN.
    """
    by_lag = _by_lag(norms)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log2(by_lag / by_lag[0])  # (T + 1, …): 0 at lag 0, −1 where it has halved
    low = share <= -1
    lag = low.argmax(0)
    now, before = (np.take_along_axis(share, k[None], 0)[0] for k in (lag, np.maximum(lag - 1, 0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(np.isinf(now), 0, (now + 1) / (now - before))  # 0 at the next step: there
    steps = np.where(low.any(0), lag - part, np.inf)
    return np.where(np.isnan(by_lag[0]), np.nan, steps)


def reach(norms: Array, share: float = 0.01) -> Array:
    """Return the furthest lag at which the norm is at least ``share`` of its last value, (…).

    Args:
        norms: (T + 1, …), the last row read comes last; counted from as in `half_life`.
        share: of that value, above 0.

    Returns:
        (…): whole steps from 0 to T; NaN where all of it is 0 or NaN.

    Raises:
        ValueError: if ``share`` is not above 0.
    """
    if not share > 0:
        raise ValueError(f"share is {share!r}, a number above 0 is wanted")
    by_lag = _by_lag(norms)
    lags = np.arange(len(by_lag)).reshape(-1, *[1] * (by_lag.ndim - 1))
    furthest = np.where(by_lag >= share * by_lag[0], lags, 0).max(0)
    return np.where(np.isnan(by_lag[0]), np.nan, furthest)


def _by_lag(norms: Array) -> Array:
    """Return (T + 1, …): row k is k steps before the last norm above 0; NaN beyond the first."""
    rows = np.asarray(norms, np.float64)[::-1]
    first = (rows > 0).argmax(0)
    index = np.arange(len(rows)).reshape(-1, *[1] * (rows.ndim - 1)) + first
    moved = np.take_along_axis(rows, np.minimum(index, len(rows) - 1), 0)
    moved = np.where(index < len(rows), moved, np.nan)
    moved[:, ...] = np.where((rows > 0).any(0), moved, np.nan)
    return moved

"""Bootstrap intervals over seeds and held-out steps together, on two levels."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.statistics import LEVEL, Interval

Reals = NDArray[np.float64]

RESAMPLES = 1_999
FEWEST_STEPS = 8
"""With fewer steps, no correlation of neighbours is estimated."""
TOGETHER = 64
"""Number of resamples averaged at a time."""


def block_length(series: Iterable[Reals]) -> int:
    """Return the mean length of blocks that keeps the correlations within each series (n,).

    This is the longest length that `arch.bootstrap.optimal_block_length` returns for the
    stationary bootstrap (Politis & White 2004; Patton, Politis & White 2009), rounded up.
    """
    from arch.bootstrap import optimal_block_length

    lengths = [1.0]
    for each in series:
        if len(each) >= FEWEST_STEPS and np.ptp(each) > 0:
            with np.errstate(all="ignore"):
                found = float(optimal_block_length(each)["stationary"].iloc[0])
            lengths.append(found if math.isfinite(found) else 1.0)
    return math.ceil(max(lengths))


def resampled_means(costs: Reals, block: int, resamples: int = RESAMPLES) -> Reals:
    """Return the means of ``costs`` (M, n) over resampled steps, (resamples, M).

    Uses the stationary bootstrap (Politis & Romano 1994) of `arch`. Blocks of random length, on
    average ``block``, follow each other. All M rows are resampled at the same steps.
    """
    from arch.bootstrap import StationaryBootstrap

    n = costs.shape[1]
    drawn = StationaryBootstrap(block, np.arange(n), seed=np.random.default_rng(0))
    means, counts = np.empty((resamples, len(costs))), np.empty((TOGETHER, n))
    for r, (places, _) in enumerate(drawn.bootstrap(resamples)):
        counts[r % TOGETHER] = np.bincount(places[0], minlength=n)
        if (r + 1) % TOGETHER == 0 or r + 1 == resamples:
            made = r % TOGETHER + 1
            means[r + 1 - made : r + 1] = counts[:made] @ costs.T / n
    return means


def two_level(values: Reals, resampled: Reals, blocks: float = math.inf) -> Interval:
    """Return the mean over seeds with its interval for other seeds and other held-out steps.

    Each resample of the steps comes with a resample of the seeds. There are few seeds S, so their
    differences are widened by √(S/(S − 1)) · t/z, where t and z are the quantiles of Student's and
    of the normal distribution. If only seeds varied, the interval would be as wide as Student's.
    The differences between resampled steps are widened likewise, with ``blocks`` instead of S.

    It is slightly too narrow. In 1,000 simulations each, with 6 seeds and 200 steps, the 95 %
    interval contained the true mean in 92 to 96 % of cases if neighbouring steps correlate by 0.5,
    and in 84 to 96 % if they correlate by 0.9. The lowest shares are for seeds that hardly differ.
    Without the wider steps, they were 90 and 77 %. With errors instead of costs that correlate by
    0.9, the interval of a root mean square contained it in 82 to 86 %.

    Args:
        values: (S,), one for each seed.
        resampled: (R, S), the same values on resampled steps.
        blocks: number of held-out steps, divided by the mean length of the blocks.
    """
    S, tail = len(values), (1 + LEVEL) / 2
    picks = np.random.default_rng(1).integers(S, size=resampled.shape)
    whole = resampled.mean(1)
    picked = np.take_along_axis(resampled, picks, 1).mean(1)
    steps = whole.mean() + _widening(max(blocks, 2)) * (whole - whole.mean())
    low, high = np.quantile(steps + _widening(S) * (picked - whole), [1 - tail, tail])
    return Interval(tuple(values.tolist()), float(values.mean()), float(low), float(high))


def _widening(n: float) -> float:
    """Return how much wider Student's interval is than a bootstrap's for the mean of n values."""
    from scipy.stats import norm, t

    if math.isinf(n):
        return 1.0
    tail = (1 + LEVEL) / 2
    return float(math.sqrt(n / (n - 1)) * t.ppf(tail, n - 1) / norm.ppf(tail))

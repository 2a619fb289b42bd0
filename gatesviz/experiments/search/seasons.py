"""The season of a series: the number of steps after which the training part repeats itself."""

import numpy as np
from numpy.typing import NDArray

CALENDAR = (4, 7, 12, 24, 30, 48, 52, 60, 96, 144, 168, 288, 336, 365, 672, 1_008, 1_440, 2_016)
"""Quarters, weekdays, months, hours, weeks and the like: seasons of clocks and calendars."""
CYCLES = 3
"""Number of whole seasons that the training part must contain."""
CLEAR = 4.0
"""Standard errors of the autocorrelation of noise, 1/√n, above which a lag counts."""
PROMINENT = 0.2
"""Height of a peak of the autocorrelation, above 0 and above its surroundings."""
AS_GOOD = 2.0
"""A shorter season is preferred if its error is larger by at most this many times 1/√n."""


def season(values: NDArray[np.float64]) -> int | None:
    """Return the season of ``values`` (n,) in steps; None if no lag repeats the pattern.

    Candidates are the peaks of the autocorrelation (by `statsmodels` and
    `scipy.signal.find_peaks`) and the lags of `CALENDAR`. A lag counts if the differences of the
    series are clearly correlated there. A peak of the series itself counts also if repeating the
    value of that lag beats repeating the last one. Of these, the season is the lag whose seasonal
    naive forecast has the lowest error on ``values``. A shorter lag that does as well is preferred.

    Args:
        values: the training part, never the part on which forecasts are scored.
    """
    longest = len(values) // CYCLES
    if longest < 2 or np.ptp(values) == 0:
        return None
    clear, slow = _candidates(values, longest)
    if not clear and not slow:
        return None
    # Every candidate is scored on the same steps, those that the longest one can forecast.
    first = max(clear | slow)
    errors = {
        lag: float(np.sqrt(np.mean((values[first:] - values[first - lag : -lag]) ** 2)))
        for lag in sorted({1} | clear | slow)
    }
    last = errors.pop(1)
    counting = {lag: e for lag, e in errors.items() if lag in clear or e < last}
    if not counting:
        return None
    most = min(counting.values()) * (1 + AS_GOOD / np.sqrt(len(values) - first)) + 1e-12
    return next(lag for lag, error in counting.items() if error <= most)


def _candidates(values: NDArray[np.float64], longest: int) -> tuple[set[int], set[int]]:
    """Return the lags of clearly correlated differences, and the peaks of the series itself."""
    from scipy.signal import detrend, find_peaks

    level = _correlations(detrend(values), longest)
    changes = _correlations(np.diff(values), longest)
    least = CLEAR / np.sqrt(len(values))
    slow, quick = (
        {
            int(lag)
            for lag in find_peaks(each, height=max(least, PROMINENT), prominence=PROMINENT)[0]
        }
        for each in (level, changes)
    )
    quick |= {lag for lag in CALENDAR if lag < len(changes) and changes[lag] > least}
    return {lag for lag in quick if 2 <= lag <= longest}, {x for x in slow if 2 <= x <= longest}


def _correlations(values: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Return the autocorrelation at lags 0 to ``longest`` + 1, as far as there are values."""
    from statsmodels.tsa.stattools import acf

    if np.ptp(values) <= 1e-12:  # a straight line is constant without its trend
        return np.zeros(1)
    return np.asarray(acf(values, nlags=min(longest + 1, len(values) - 1), fft=True), np.float64)

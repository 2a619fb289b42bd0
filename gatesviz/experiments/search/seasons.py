"""The season of a series: the number of steps after which the training part repeats itself."""

from collections.abc import Iterable, Mapping

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
STRONG = 0.64
"""Strength above which a season counts although the last value forecasts as well: the threshold of
Wang, Smith and Hyndman (2006), as used to decide on seasonal differences."""
AS_GOOD, NEGLIGIBLE = 2.0, 0.01
"""A lag is as good as the strongest if it leaves at most this many standard errors more of the
variance unexplained, or at most this share of the variance."""
REFINED = 6
"""Number of candidates whose neighbours are tried, too."""
PARTS = 8
"""A strong season may be up to this many times the season that is looked for."""
PART = 0.5
"""A part of a season must have more than this share of its strength. In much noise, many lags
forecast nearly as well as the season, but their strength is near 0."""
NEAR, TRIED = 0.03, 20
"""How far a peak may be from the season, as a share of it, and the most lags tried on each side."""


def season(values: NDArray[np.float64]) -> int | None:
    """Return the season of ``values`` (n,) in steps; None if no lag repeats the pattern.

    Candidates are the peaks of the autocorrelation (by `statsmodels` and
    `scipy.signal.find_peaks`) and the lags of `CALENDAR`. A lag counts if the differences of the
    series are clearly correlated there. A peak of the series without its linear trend also counts
    if repeating the value of that lag beats repeating the last one, or if its `strength` is above
    `STRONG`. Of these lags and their neighbours, the season is the strongest. A shorter one that
    is as good is preferred, and so is a neighbour in `CALENDAR`.

    Args:
        values: the training part, never the part on which forecasts are scored.
    """
    from scipy.signal import detrend

    longest = len(values) // CYCLES
    if longest < 2 or np.ptp(values) == 0:
        return None
    flat = np.asarray(detrend(values), np.float64)
    clear, slow = _candidates(values, flat, longest)
    last = _error(values, 1)
    counting = {
        lag: found
        for lag in clear | slow
        for found in [strength(flat, lag)]
        if lag in clear or found > STRONG or _error(values, lag) < last
    }
    if not counting:
        return None
    return _once(flat, _shortest(flat, counting, longest), slow)


def _shortest(values: NDArray[np.float64], counting: Mapping[int, float], longest: int) -> int:
    """Return the shortest season that is as good as the strongest.

    Args:
        values: the series without its linear trend.
        counting: lags -> their `strength`.
        longest: the longest season.
    """
    best = sorted(counting, key=lambda lag: -counting[lag])[:REFINED]
    refined = {_refined(values, lag, longest) for lag in best}
    parts = {lag // k + more for lag in refined for k in range(2, 8) for more in (0, 1)}
    near = {each for each in CALENDAR if any(abs(each - lag) <= NEAR * lag for lag in refined)}
    tried = {lag for lag in refined | parts | near | {*counting} if 2 <= lag <= longest}
    strengths = {lag: strength(values, lag) for lag in tried}
    strongest = max(strengths, key=lambda lag: strengths[lag])
    unexplained, left = 1 - strengths[strongest], max(1, len(values) - 2 * strongest)
    less = max(unexplained * AS_GOOD * np.sqrt(2 / left), NEGLIGIBLE)
    least = max(strengths[strongest] - less, PART * strengths[strongest])
    fitting = {lag: found for lag, found in strengths.items() if found >= least}
    shortest = [lag for lag in fitting if lag <= (1 + NEAR) * min(fitting) + 1]
    return max(shortest, key=lambda lag: (lag in CALENDAR, fitting[lag]))


def _once(values: NDArray[np.float64], period: int, lags: Iterable[int]) -> int:
    """Return the first of the ``lags`` of which ``period`` is several, if it forecasts as well.

    A year has 52.18 weeks, so in many years 261 weeks fit best. But 52 weeks forecast as well.
    With much noise a season may be no peak among the ``lags``, so parts of ``period`` are tried.
    A part must forecast as well, too, and have more than `PART` of the strength.
    """
    most = _error(values, period) * (1 + AS_GOOD / np.sqrt(len(values)))
    for lag in sorted(lags):
        off = abs(period - lag * round(period / lag)) / max(1, round(period / lag))
        if 2 * lag <= period + 1 and off <= 1 and _error(values, lag) <= most:
            period = lag
            break
    least = PART * strength(values, period)
    for parts in range(PARTS, 1, -1):
        near = [lag for lag in (period // parts, period // parts + 1) if lag >= 2]
        near = [lag for lag in near if abs(period - parts * lag) <= NEAR * period]
        errors = {lag: _error(values, lag) for lag in near if _dips(values, lag)}
        errors = {lag: error for lag, error in errors.items() if strength(values, lag) > least}
        fitting = [lag for lag, error in errors.items() if error <= most]
        if fitting:
            return min(fitting, key=lambda lag: (lag not in CALENDAR, errors[lag]))
    return period


def _dips(values: NDArray[np.float64], lag: int) -> bool:
    """Return whether a lag forecasts better than half of it, and than one and a half of it."""
    return all(_error(values, lag) < _error(values, each) for each in (lag // 2, lag + lag // 2))


def strength(values: NDArray[np.float64], period: int) -> float:
    """Return how strong a season of ``period`` steps is: 0 for none, 1 for nothing else.

    The series without its moving average over one period is split into the mean of each step of
    the season and a rest. The strength is 1 − Var(rest) / Var(both), with unbiased variances.
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    level = (sums[period:] - sums[:-period]) / period
    both = values[period // 2 :][: len(level)] - level
    phase = np.arange(len(both)) % period
    totals, counts = np.bincount(phase, both, period), np.bincount(phase, minlength=period)
    everything = float(both @ both - both.sum() ** 2 / len(both)) / (len(both) - 1)
    rest = float(both @ both - (totals**2 / counts).sum()) / (len(both) - period)
    return max(0.0, 1 - rest / everything) if everything > 1e-20 else 0.0


def _refined(values: NDArray[np.float64], lag: int, longest: int) -> int:
    """Return the strongest season within `NEAR` of a lag."""
    reach = max(1, round(NEAR * lag))
    step = max(1, reach // TRIED)
    while True:
        near = range(max(2, lag - reach), min(longest, lag + reach) + 1, step)
        lag = max(near, key=lambda each: strength(values, each))
        if step == 1:
            return lag
        reach, step = step, 1


def _error(values: NDArray[np.float64], lag: int) -> float:
    return float(np.sqrt(np.mean((values[lag:] - values[:-lag]) ** 2)))


def _candidates(
    values: NDArray[np.float64], flat: NDArray[np.float64], longest: int
) -> tuple[set[int], set[int]]:
    """Return the lags of clearly correlated differences, and the peaks of the series itself.

    Args:
        values: the series.
        flat: the series without its linear trend.
        longest: the longest season.
    """
    from scipy.signal import find_peaks

    level = _correlations(flat, longest)
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

"""Bootstrap statistics over seeds.

Medians, paired differences and ratios get intervals; shares get exact intervals. Fewer than
`FEWEST` seeds give no interval, and the verdict is "cannot tell". Cells are compared seed by seed
(`paired`), because a seed fixes the samples for every cell.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
FEWEST = 6
"""The fewest seeds for an interval. Five coins all agree with probability 1/16, which is above
1 − `LEVEL`; six agree with probability 1/32 (two-sided sign test)."""
RESAMPLES = 4_999
Answer = Literal["yes", "no", "cannot tell"]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A median or mean over seeds, with its interval.

    Attributes:
        values: one value for each seed, in order of the seeds.
        estimate: the median, or the mean if the function that returns the interval says so. NaN
            without values.
        low, high: the interval at `LEVEL`; −inf and inf if there are too few seeds.
        note: a remark about the interval, as a sentence, or "".
        unit: what each value belongs to, such as "seed" or "round".
    """

    values: tuple[float, ...]
    estimate: float
    low: float
    high: float
    note: str = ""
    unit: str = "seed"

    @property
    def n(self) -> int:
        """The number of values."""
        return len(self.values)

    @property
    def known(self) -> bool:
        """Whether there are enough values for an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def __str__(self) -> str:
        if not self.n:
            return f"no {self.unit} yet"
        seeds = f"{self.n} {self.unit}{'' if self.n == 1 else 's'}"
        if not self.known:
            return f"{self.estimate:.3g} ({seeds}, no interval)"
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}] ({seeds})"


@dataclass(frozen=True)
class Share:
    """A share, such as 5 of 6 runs, with its exact interval.

    Attributes:
        count, of: the share is ``count`` / ``of``.
        low, high: the exact interval of Clopper & Pearson at `LEVEL`; 0 and 1 if ``of`` is 0.
    """

    count: int
    of: int
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.count} of {self.of} [{self.low:.0%}, {self.high:.0%}]"


@dataclass(frozen=True)
class Verdict:
    """An answer and the numbers behind it.

    Attributes:
        answer: "yes", "no" or "cannot tell".
        sentence: the numbers, as a sentence.
    """

    answer: Answer
    sentence: str


def interval(
    values: ArrayLike, unit: str = "seed", *, of: Literal["median", "mean"] = "median"
) -> Interval:
    """Return the median or mean of ``values`` (n,), one for each seed, with a bootstrap interval.

    The interval is the percentile bootstrap of `scipy.stats.bootstrap`, which makes no assumption
    about the distribution. It is slightly too narrow for few seeds. In simulations it covered the
    true median in 87 % of cases with 7 seeds, 92 to 94 % with 6, 8 and 10, and 95 % with 20.

    Raises:
        ValueError: if a value is not finite.
    """
    array = _finite(values)
    numbers, n = tuple(array.tolist()), len(array)
    statistic = np.median if of == "median" else np.mean
    estimate = float(statistic(array)) if n else math.nan
    if n < FEWEST:
        note = f"a 95 % interval needs at least {FEWEST} {unit}s"
        return Interval(numbers, estimate, -math.inf, math.inf, note, unit)
    if np.ptp(array) == 0:
        note = f"all {n} {unit}s gave the same number, so the interval has no width"
        return Interval(numbers, estimate, estimate, estimate, note, unit)
    from scipy.stats import bootstrap

    limits = bootstrap(
        (array,),
        statistic,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(numbers, estimate, float(limits.low), float(limits.high), unit=unit)


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Interval:
    """Return the median of ``first`` − ``second`` over the seeds that both contain.

    Args:
        first, second: seed -> value.
    """
    seeds = sorted(first.keys() & second.keys())
    return interval([first[seed] - second[seed] for seed in seeds])


def paired_ratio(
    first: Mapping[int, float], second: Mapping[int, float], unit: str = "seed"
) -> Interval:
    """Return the median of ``first`` / ``second`` over the seeds that both contain.

    Args:
        first, second: seed -> value above 0.
        unit: what the keys are, such as "seed" or "round".

    Raises:
        ValueError: if a value is not above 0.
    """
    seeds = sorted(first.keys() & second.keys())
    pairs = [(first[seed], second[seed]) for seed in seeds]
    for value in (value for pair in pairs for value in pair):
        if value <= 0:
            raise ValueError(f"a ratio needs numbers above 0, got {value:g}")
    return interval([one / other for one, other in pairs], unit)


def share(count: int, of: int) -> Share:
    """Return the share ``count`` / ``of`` with its exact interval (Clopper & Pearson 1934).

    Raises:
        ValueError: if ``count`` is not 0 to ``of``.
    """
    if not 0 <= count <= of:
        raise ValueError(f"expected a count from 0 to {of}, got {count}")
    if not of:
        return Share(0, 0, 0.0, 1.0)
    from scipy.stats import binomtest

    limits = binomtest(count, of).proportion_ci(LEVEL, method="exact")
    return Share(count, of, float(limits.low), float(limits.high))


def above(measured: Interval, threshold: float, what: str) -> Verdict:
    """Judge whether ``measured`` is above ``threshold``.

    The answer is "yes" if the whole interval is above, "no" if it is below, else "cannot tell".

    Args:
        what: the name of the number, with a capital letter. The sentence begins with it.
    """
    if not measured.known:
        return _too_few(measured, what)
    answer: Answer = "cannot tell"
    if measured.low > threshold:
        answer = "yes"
    elif measured.high < threshold:
        answer = "no"
    return Verdict(answer, f"{what}: {measured}, compared with {threshold:g}.{_note(measured)}")


def below(measured: Interval, threshold: float, what: str) -> Verdict:
    """Judge whether ``measured`` is below ``threshold``: the opposite of `above`."""
    verdict = above(measured, threshold, what)
    opposite: dict[Answer, Answer] = {"yes": "no", "no": "yes", "cannot tell": "cannot tell"}
    return Verdict(opposite[verdict.answer], verdict.sentence)


def alike(measured: Interval, low: float, high: float, what: str) -> Verdict:
    """Judge whether ``measured`` is within ``low`` to ``high``.

    The answer is "yes" if the whole interval is inside, "no" if it is outside, else "cannot tell".
    Not seeing a difference does not show that two cells are equal. That needs a narrow interval.
    """
    if not measured.known:
        return _too_few(measured, what)
    answer: Answer = "cannot tell"
    if low <= measured.low and measured.high <= high:
        answer = "yes"
    elif measured.high < low or measured.low > high:
        answer = "no"
    sentence = f"{what}: {measured}. Equal means {low:g} to {high:g}.{_note(measured)}"
    return Verdict(answer, sentence)


def _too_few(measured: Interval, what: str) -> Verdict:
    sentence = f"{what}: {measured}. A verdict needs at least {FEWEST} {measured.unit}s."
    return Verdict("cannot tell", sentence)


def _note(measured: Interval) -> str:
    return f" {measured.note[0].upper()}{measured.note[1:]}." if measured.note else ""


def _finite(values: ArrayLike) -> Reals:
    array = np.asarray(values, np.float64).reshape(-1)
    if not np.isfinite(array).all():
        raise ValueError("a value is not finite, so it has no interval")
    return array


def by_seed(values: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Return seed -> value without the values that are not finite."""
    return {seed: value for seed, value in values if math.isfinite(value)}

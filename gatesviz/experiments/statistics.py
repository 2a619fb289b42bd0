"""Bootstrap statistics over seeds.

Medians, paired differences, ratios and differences of means get intervals; shares get exact
intervals. Fewer than `FEWEST` seeds give no interval, and the verdict is "cannot tell". Cells are
compared seed by seed (`paired`), because a seed fixes the samples for every cell.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
    """A median over seeds or a difference of means, with its interval.

    Attributes:
        values: one value for each seed, in order of the seeds.
        estimate: the median, or what the function that returns the interval says. NaN without
            values.
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
        seeds = counted(self.n, self.unit)
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
        return f"{self.count} of {self.of} [{100 * self.low:.0f} %, {100 * self.high:.0f} %]"


@dataclass(frozen=True)
class Verdict:
    """An answer and the numbers behind it.

    Attributes:
        answer: "yes", "no" or "cannot tell".
        sentence: the numbers, as a sentence.
    """

    answer: Answer
    sentence: str


def counted(count: int, unit: str) -> str:
    """Return such as "1 seed", "2 seeds" or "6 stretches"."""
    return f"{count} {unit}" + ("" if count == 1 else "es" if unit.endswith("ch") else "s")


def interval(values: ArrayLike, unit: str = "seed") -> Interval:
    """Return the median of ``values`` (n,), one for each seed, with a bootstrap interval.

    The interval is the percentile bootstrap of `scipy.stats.bootstrap`, which makes no assumption
    about the distribution. It is slightly too narrow for few seeds. In simulations it covered the
    true median in 87 % of cases with 7 seeds, 92 to 94 % with 6, 8 and 10, and 95 % with 20.

    Raises:
        ValueError: if a value is not finite.
    """
    array = _finite(values)
    estimate = float(np.median(array)) if len(array) else math.nan
    if (known := _without_bootstrap(array, estimate, unit)) is not None:
        return known
    return _bootstrapped((array,), np.median, array, estimate, unit)


def difference_of_means(
    first: ArrayLike,
    second: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    power: int = 1,
    unit: str = "sequence",
) -> Interval:
    """Return M(``first``) − M(``second``) with a bootstrap interval; values are the differences.

    M is the weighted power mean (Σ wᵢ·sᵢᵖ / Σ wᵢ)^(1/p), so 2 gives the root mean square. The
    bootstrap draws sequences, each with both of its scores and its weight (see `interval`).

    Args:
        first, second: (n,), two scores of each sequence.
        weights: (n,), above 0; None for equal ones.
        power: p, 1 or more.
        unit: what each score belongs to.

    Raises:
        ValueError: if a score is not finite.
    """
    one, other = _finite(first), _finite(second)
    heavy = np.ones(len(one)) if weights is None else _finite(weights)
    pairs = heavy * one**power, heavy * other**power, heavy

    def difference(one: Reals, other: Reals, heavy: Reals, axis: int = -1) -> Reals:
        total = heavy.sum(axis)
        means = one.sum(axis) / total, other.sum(axis) / total
        found: Reals = np.subtract(*(mean ** (1 / power) for mean in means))
        return found

    each = one - other
    estimate = float(difference(*pairs)) if len(each) else math.nan
    # equal differences of root mean squares differ between draws, unless they are 0
    same = power == 1 or not each.any()
    if (known := _without_bootstrap(each, estimate, unit, same=same)) is not None:
        return known
    return _bootstrapped(pairs, difference, each, estimate, unit)


def _without_bootstrap(
    values: Reals, estimate: float, unit: str, *, same: bool = True
) -> Interval | None:
    """Return the interval of too few values, or of equal ones if ``same``; None for others."""
    numbers, n = tuple(values.tolist()), len(values)
    if n < FEWEST:
        note = f"a 95 % interval needs at least {counted(FEWEST, unit)}"
        return Interval(numbers, estimate, -math.inf, math.inf, note, unit)
    if same and np.ptp(values) == 0:
        note = f"all {counted(n, unit)} gave the same number, so the interval has no width"
        return Interval(numbers, estimate, estimate, estimate, note, unit)
    return None


def _bootstrapped(
    samples: tuple[Reals, ...],
    statistic: Callable[..., Any],
    values: Reals,
    estimate: float,
    unit: str,
) -> Interval:
    """Return the percentile bootstrap of a statistic of ``samples`` (n,), drawn together."""
    from scipy.stats import bootstrap

    limits = bootstrap(
        samples,
        statistic,
        paired=len(samples) > 1,
        confidence_level=LEVEL,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    numbers = tuple(values.tolist())
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
    place = f"The interval contains {threshold:g}"
    if measured.low > threshold:
        answer, place = "yes", f"The whole interval is above {threshold:g}"
    elif measured.high < threshold:
        answer, place = "no", f"The whole interval is below {threshold:g}"
    return Verdict(answer, f"{what}: {measured}. {place}.{_note(measured)}")


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
    place = "Only a part of the interval is inside"
    if low <= measured.low and measured.high <= high:
        answer, place = "yes", "The whole interval is inside"
    elif measured.high < low or measured.low > high:
        answer, place = "no", "The whole interval is outside"
    sentence = f"{what}: {measured}. Equal means {low:g} to {high:g}. {place}.{_note(measured)}"
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

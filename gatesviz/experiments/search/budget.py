"""The minutes of a search: what is spent, what is left, and what would still fit."""

import time
from collections.abc import Iterable, Mapping

from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.search.pilots import Pilot
from gatesviz.experiments.search.plans import A_STEP, SCORING, START, Plan, together
from gatesviz.limits import SEEDS

MARGIN = 1.3
"""What fits must fit even if it takes so much longer than estimated."""
SLOWEST, QUICKEST = 20.0, 0.5
"""How far the pace that is measured may lie from the pilot's."""


class Budget:
    """The time of one search.

    A run that was kept from an earlier search is charged as if it had been trained now, so that
    the same search comes to about the same plan when it is asked for again.

    Args:
        minutes: for everything, from now on.
        workers: processes that train.
    """

    def __init__(self, minutes: int, workers: int) -> None:
        self.minutes, self._together = minutes, together(workers)
        self._paid: set[Trial] = set()
        self._kept = 0
        self._charged = self._estimate = 0.0
        self._trained_from: float | None = None
        self.renew()

    def renew(self) -> None:
        """Begin the minutes anew."""
        self._began = time.monotonic()
        self._charged = 0.0

    @property
    def spent(self) -> float:
        """Seconds since the minutes began."""
        return time.monotonic() - self._began

    @property
    def over(self) -> bool:
        """Whether they are used up."""
        return self.spent > 60 * self.minutes

    def left(self, known: Pilot, models: int) -> float:
        """Return the seconds left for training, less those to score ``models``."""
        steps = sum(len(errors) for errors in list(known.baselines.errors.values())[:1])
        scoring = known.load * (SCORING + A_STEP * steps * models)
        return 60 * self.minutes - self.spent - self._charged - scoring

    def charge(self, known: Pilot, kept: Iterable[Trial]) -> None:
        """Charge for runs whose results were ``kept`` from before this search."""
        new = set(kept) - self._paid
        self._paid |= new
        self._kept += len(new)
        self._charged += self._cost(known, new) / self._together

    def pay(self, known: Pilot, finished: Mapping[Trial, object]) -> None:
        """Take note of runs that this search has made, to learn how long they take."""
        if self._trained_from is None:
            self._trained_from = time.monotonic()
        new = finished.keys() - self._paid
        self._paid |= new
        self._estimate += self._cost(known, new)

    def seconds(self, known: Pilot, trials: Iterable[Trial]) -> float:
        """Return how long ``trials`` will take that are not made yet, at the pace so far."""
        return self._pace(known) * self._cost(known, set(trials) - self._paid) / self._together

    def _pace(self, known: Pilot) -> float:
        if self._trained_from is None or self._estimate < 1.0:
            return MARGIN * known.load
        passed = time.monotonic() - self._trained_from
        pace = passed * self._together / self._estimate
        return MARGIN * min(max(pace, QUICKEST), SLOWEST)

    def _cost(self, known: Pilot, trials: Iterable[Trial]) -> float:
        seconds = known.seconds
        return sum(
            trial.updates * seconds[trial.spec.cell, trial.spec.hidden_size] + START
            for trial in trials
        )

    def report(self, planned: Plan, reason: str, fixed: bool) -> tuple[str, ...]:
        """Return how much was searched, how long it took, and why no more, in sentences.

        Args:
            planned: what was searched and tested.
            reason: why it was no more.
            fixed: whether the plan was given, so that time had no say.
        """
        units = ", ".join(map(str, planned.sizes))
        rates = ", ".join(f"{rate:g}" for rate in planned.rates)
        searched = (
            f"Searched for each cell: {planned.tried} settings (units {units}; learning rates"
            f" {rates}), {planned.updates:,} updates a run. The best was trained with"
            f" {planned.seeds} new seeds for the test."
        )
        kept = f" {self._kept} runs were kept from before." if self._kept else ""
        if fixed:
            return (searched, f"This is the plan that was asked for.{kept}")
        took = f"That took {self.spent:,.0f} seconds of {minutes_of(self.minutes)}."
        if planned.seeds == SEEDS.high:
            reason += f" The test has the most seeds that are allowed, {SEEDS.high}."
        return searched, " ".join(filter(None, [f"{took}{kept}", reason]))


def minutes_of(minutes: int) -> str:
    """Return the minutes that were given, as a sentence names them."""
    return "the minute" if minutes == 1 else f"the {minutes} minutes"

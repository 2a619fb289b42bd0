"""The time of a search: what is spent, what is left, and what still fits."""

import time
from collections.abc import Iterable, Mapping

from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.search.pilots import Pilot
from gatesviz.experiments.search.plans import A_STEP, SCORING, START, Plan, together
from gatesviz.limits import SEEDS

MARGIN = 1.3
"""A plan fits if it fits even when it takes this many times as long as estimated."""
SLOWEST, QUICKEST = 20.0, 0.5
"""The largest and smallest ratio of the measured pace to the pilot's."""


class Budget:
    """The time of one search.

    A saved run of an earlier search is charged as if it were trained now. So a repeated search
    reaches about the same plan.

    Args:
        minutes: for the whole search, from now on.
        workers: number of processes that train.
    """

    def __init__(self, minutes: int, workers: int) -> None:
        self.minutes, self._together = minutes, together(workers)
        self._paid: set[Trial] = set()
        self._saved = 0
        self._charged = self._estimate = 0.0
        self._trained_from: float | None = None
        self.renew()

    def renew(self) -> None:
        """Start the minutes again."""
        self._began = time.monotonic()
        self._charged = 0.0

    @property
    def spent(self) -> float:
        """Seconds since the minutes began."""
        return time.monotonic() - self._began

    @property
    def over(self) -> bool:
        """Whether the minutes are used up."""
        return self.spent > 60 * self.minutes

    def left(self, known: Pilot, models: int) -> float:
        """Return the seconds left for training, minus the time to score ``models`` models."""
        return 60 * self.minutes - self.spent - self._charged - self._scoring(known, models)

    def describe_left(self, known: Pilot, models: int) -> str:
        """Return a sentence on the seconds left for training now, whose numbers add up."""
        seconds = 60 * self.minutes
        spent, scoring = round(self.spent), round(self._scoring(known, models))
        parts = [f"{spent:,} s were spent", f"{scoring:,} s are kept to score the test"]
        if charged := round(self._charged):
            parts.insert(1, f"{charged:,} s are counted for saved runs")
        left = seconds - spent - charged - scoring
        if left < 0:
            rest = max(0, seconds - spent - charged)
            took = f"{' and '.join(parts[:-1])}, so {rest:,} of {seconds:,} s were left."
            return f"At that point, {took} Scoring the test may take {scoring:,} s."
        listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
        return f"At that point, {listed}, so {left:,} of {seconds:,} s were left for training."

    def _scoring(self, known: Pilot, models: int) -> float:
        """Return the seconds that scoring ``models`` models in the test takes."""
        steps = sum(len(errors) for errors in list(known.baselines.errors.values())[:1])
        return self._load(known) * (SCORING + A_STEP * steps * models)

    def charge(self, known: Pilot, saved: Iterable[Trial]) -> None:
        """Charge for runs that were ``saved`` before this search."""
        new = set(saved) - self._paid
        self._paid |= new
        self._saved += len(new)
        self._charged += self._cost(known, new) / self._together

    def pay(self, known: Pilot, finished: Mapping[Trial, object]) -> None:
        """Record runs that this search has finished, to estimate how long they take."""
        if self._trained_from is None:
            self._trained_from = time.monotonic()
        new = finished.keys() - self._paid
        self._paid |= new
        self._estimate += self._cost(known, new)

    def seconds(self, known: Pilot, trials: Iterable[Trial]) -> float:
        """Return the seconds that the unfinished ``trials`` will take at the pace so far."""
        return self._pace(known) * self._cost(known, set(trials) - self._paid) / self._together

    def _pace(self, known: Pilot) -> float:
        pace = self._measured_pace()
        return MARGIN * (known.load if pace is None else min(max(pace, QUICKEST), SLOWEST))

    def _load(self, known: Pilot) -> float:
        """Return the load of the machine: the pilot's, or less where runs were faster since."""
        pace = self._measured_pace()
        return known.load if pace is None else min(known.load, max(1.0, pace))

    def _measured_pace(self) -> float | None:
        """Return the seconds of training for each second that was estimated; None at first."""
        if self._trained_from is None or self._estimate < 1.0:
            return None
        return (time.monotonic() - self._trained_from) * self._together / self._estimate

    def _cost(self, known: Pilot, trials: Iterable[Trial]) -> float:
        seconds = known.seconds
        return sum(
            trial.updates * seconds[trial.spec.cell, trial.spec.hidden_size] + START
            for trial in trials
        )

    def report(self, planned: Plan, reason: str, fixed: bool) -> tuple[str, ...]:
        """Return sentences on how much was searched, how long it took, and why not more.

        Args:
            planned: the plan that was searched and tested.
            reason: why it was not larger.
            fixed: whether the plan was given, so that the time did not limit it.
        """
        units = ", ".join(map(str, planned.sizes))
        rates = ", ".join(f"{rate:g}" for rate in planned.rates)
        searched = (
            f"Searched for each cell: {planned.tried} settings (hidden units {units}; learning"
            f" rates {rates}), {planned.updates:,} updates a run. The best was trained with"
            f" {planned.seeds} new seeds for the test."
        )
        saved = f" {self._saved} runs were saved before." if self._saved else ""
        if fixed:
            return (searched, f"The plan was given.{saved}")
        took = f"This took {self.spent:,.0f} s of {minutes_of(self.minutes)}."
        if planned.seeds == SEEDS.high:
            reason += f" The test has the maximum of {SEEDS.high} seeds."
        return searched, " ".join(filter(None, [f"{took}{saved}", reason]))


def minutes_of(minutes: int) -> str:
    """Return "the minute" or "the 5 minutes"."""
    return "the minute" if minutes == 1 else f"the {minutes} minutes"

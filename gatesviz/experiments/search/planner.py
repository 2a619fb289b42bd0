"""Decide what a search tries next: its first plan, a larger one, or more seeds in the test."""

from collections.abc import Mapping
from dataclasses import replace

from gatesviz.experiments.search.budget import Budget
from gatesviz.experiments.search.pilots import Pilot
from gatesviz.experiments.search.plans import (
    SCORING,
    Plan,
    estimated,
    fits,
    larger,
    minutes_for,
    plan,
    smaller,
)
from gatesviz.experiments.search.progress import busy, count
from gatesviz.experiments.search.trials import (
    ORDER,
    Choice,
    choices,
    final_experiment,
    search_experiment,
    unfinished,
)
from gatesviz.experiments.store import Store
from gatesviz.limits import SEEDS
from gatesviz.training import OwnData

ALL_TRIED = (
    "Every setting of the largest search was tried, and no cell's best score came in the second"
    " half of its updates."
)
NOT_TIMED = (
    "More hidden units were not tried, because this machine was too busy to time them, or they are"
    " too many for this data."
)


class Planner:
    """The plans that fit into the time of one search.

    Args:
        data: the data to learn.
        store: the saved runs, which take no more time.
        budget: the time of the search.
        workers: number of processes that train at the same time.
    """

    def __init__(self, data: OwnData, store: Store, budget: Budget, workers: int) -> None:
        self._data, self._store, self._budget, self._workers = data, store, budget, workers

    def first(self, known: Pilot) -> tuple[Plan, str]:
        """Return the plan to begin with, and a warning if the minutes are too few for it.

        A plan that an earlier search began and did not finish comes before a larger one.
        """
        spent = self._budget.spent
        planned = most = plan(known, self._budget.minutes, self._workers, spent)
        for each in smaller(most):
            timed = known.timed(each.sizes)
            partly = unfinished(self._data, each, self._store) if timed else None
            if partly is not None:
                planned = estimated(known, each, self._workers) if partly else most
                break
        seconds = self.seconds(planned, known)
        if fits(seconds, self._budget.minutes, spent):
            return planned, ""
        return planned, (
            f"This search needs about {count(minutes_for(seconds, spent))} on this"
            f" machine{busy(known)}, but has {count(self._budget.minutes)}. Finished runs"
            " are saved, so the next search continues from there."
        )

    def seconds(self, planned: Plan, known: Pilot) -> float:
        """Return the seconds that the unfinished runs of a plan and the scoring will take."""
        search = search_experiment(self._data, planned)
        seen = self._store.get_all(search.trials)
        largest = {
            cell: Choice(cell, max(planned.sizes), planned.rates[0], planned.updates, 0.0, 0)
            for cell in ORDER
        }
        final = final_experiment(self._data, largest | choices(search, seen), planned.seeds)
        open_trials = {*search.trials, *final.trials} - {*seen, *self._store.get_all(final.trials)}
        return self._budget.seconds(known, open_trials) + known.load * SCORING

    def leaves_a_test(self, planned: Plan, chosen: Mapping[str, Choice], known: Pilot) -> bool:
        """Return whether the time left is enough to test the choices of ``planned``."""
        test = final_experiment(self._data, chosen, planned.seeds).trials
        return self._budget.left(known, len(test)) > self._budget.seconds(known, test)

    def larger(
        self, searched: Plan, chosen: Mapping[str, Choice], known: Pilot
    ) -> tuple[Plan, str]:
        """Return a larger plan that fits, or the plan ``searched`` and why no larger one fits."""
        improving = any(2 * choice.updates > searched.updates for choice in chosen.values())
        following = list(larger(searched, improving))
        needed: dict[float, int] = {}  # seconds of a plan and its test -> models to score
        for each in filter(lambda one: known.timed(one.sizes), following):
            most = {
                cell: replace(choice, hidden_size=max(each.sizes), updates=each.updates)
                for cell, choice in chosen.items()
            }
            test = final_experiment(self._data, most, each.seeds).trials
            trials = (*search_experiment(self._data, each).trials, *test)
            seconds = self._budget.seconds(known, trials)
            if seconds < self._budget.left(known, len(test)):
                return each, ""
            needed[seconds] = len(test)
        if not needed:
            return searched, NOT_TIMED if following else ALL_TRIED
        least = min(needed)
        return searched, (
            f"A larger search needs at least {least:,.0f} s more of training."
            f" {self._budget.describe_left(known, needed[least])}"
        )

    def seeds(self, planned: Plan, chosen: Mapping[str, Choice], known: Pilot) -> int:
        """Return how many seeds of the test the time left allows."""
        for seeds in range(SEEDS.high, planned.seeds, -1):
            trials = final_experiment(self._data, chosen, seeds).trials
            if self._budget.seconds(known, trials) < self._budget.left(known, len(trials)):
                return seeds
        return planned.seeds

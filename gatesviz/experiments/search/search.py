"""A search on its way: the pilot, the search, the test and its scores, within the minutes given."""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from gatesviz.engine import Engine, engine
from gatesviz.engine.background import BackgroundCalls, run_in_process
from gatesviz.engine.processes import workers
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Result
from gatesviz.experiments.runner import ExperimentRun, Progress
from gatesviz.experiments.search.advice import Advice, advise
from gatesviz.experiments.search.budget import Budget, minutes_of
from gatesviz.experiments.search.held_out import HeldOut, measure
from gatesviz.experiments.search.pilots import PILOTS, Pilot, begin_pilot
from gatesviz.experiments.search.plans import Plan, larger, plan
from gatesviz.experiments.search.setting import searched
from gatesviz.experiments.search.trials import (
    Choice,
    FinalTest,
    choices,
    final_experiment,
    final_models,
    search_experiment,
)
from gatesviz.experiments.store import Store, results_store
from gatesviz.limits import SEARCH_MINUTES, SEEDS
from gatesviz.training import OwnData

PATIENCE = 300.0  # seconds
Stage = Literal[
    "waiting until something else is measured",
    "measuring the time of an update",
    "searching",
    "testing",
    "forecasting the held-out part",
    "done",
    "failed",
]
TESTS: BackgroundCalls[HeldOut] = BackgroundCalls(32)
"""What is tested -> what this process found on the held-out part."""
GIVEN_UP = "A larger search was given up, because it left too little time for the test."
ALL_TRIED = (
    "Every setting of the largest search was tried, and no cell's best score came in the second"
    " half of its updates."
)


@dataclass(frozen=True, eq=False)
class SearchProgress:
    """How far a search is.

    Attributes:
        stage: what is under way; "failed" where it cannot go on, see `messages`.
        running: whether more is to come by itself.
        done, of: finished runs of the stage, and all of it.
        seconds_left: of the stage, at most; None until known.
        known: what the pilot measured; None until then.
        plan: what is tried; None until the pilot is there.
        choices: cell -> its best setting, of cells that are searched.
        advice: what the test says; None until every model has forecast the held-out part.
        results: every run so far.
        searched: how much was searched, and why no more; empty until the search has ended.
        messages: a sentence for each thing that went wrong.
    """

    stage: Stage
    running: bool
    done: int = 0
    of: int = 0
    seconds_left: float | None = None
    known: Pilot | None = None
    plan: Plan | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    advice: Advice | None = None
    results: Mapping[Trial, Result] = field(default_factory=dict)
    searched: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


FINISHED: BackgroundCalls[SearchProgress] = BackgroundCalls(8)
"""(digest, minutes, folder of the results) -> a search that was gone through, as it ended."""


class Search:
    """A search on its way; `poll` moves it on, and every method but `wait` returns at once.

    Only the first `poll` of a process may take a second, in which processes are started. The search
    begins with what surely fits into the minutes. While time is left it tries more: longer runs,
    more units, more learning rates, then more seeds in the test. When the minutes are used up it
    stops, with what it has; `go_on` gives it as many again.

    Args:
        data: what is to be learnt.
        minutes: for everything, see `plan`.
        results, runs: as in `gatesviz.experiments.begin`.
        count: processes that train at the same time.
        planned: what to try, and nothing more; unless given, what fits into the minutes.

    Raises:
        ValueError: if ``minutes`` is not allowed, or the data is too little to set a part aside.
    """

    def __init__(
        self,
        data: OwnData,
        minutes: int,
        results: Store | None = None,
        runs: Callable[[], Engine] = engine,
        count: int | None = None,
        planned: Plan | None = None,
    ) -> None:
        self.data, self.minutes = data, SEARCH_MINUTES.check(minutes)
        searched(data)
        self._store, self._engine = results or results_store(), runs
        self._count, self._plan, self._fixed = count or workers(), planned, planned is not None
        self._budget = Budget(minutes, self._count)
        self._whole: Plan | None = None  # the last plan that was searched as a whole
        self._reason = ""  # why no larger plan is searched; "" as long as one may be
        self._seeds: int | None = None  # of the test; None until the first ones are through
        self._seen: dict[Trial, Result] = {}
        self._asking: dict[Experiment, ExperimentRun] = {}
        self._test: Hashable = None
        self._stopped, self._over = False, False

    def poll(self) -> SearchProgress:
        """Take in what has finished, begin what comes next, and tell how far it is."""
        if not self._fixed and (last := FINISHED.found(_key(self.data, self.minutes, self._store))):
            return last
        try:
            known = self._known()
            if known is None:
                return self._waiting()
            spent = self._budget.spent
            self._plan = self._plan or plan(known, self.minutes, self._count, spent)
            while self._whole != self._plan:
                if (standing := self._searched(self._plan, known)) is not None:
                    return standing
                if not self._fixed and not self._reason:
                    self._plan, self._reason = self._larger(known)
            return self._tested(self._plan, known)
        except ValueError as error:
            known = PILOTS.found(self.data.digest)
            return SearchProgress("failed", False, known=known, messages=(str(error),))

    def stop(self) -> None:
        """Cancel what runs; finished runs are kept."""
        self._stopped = True
        PILOTS.stop(self.data.digest)
        TESTS.stop(self._test, self.data.digest)
        for asking in self._asking.values():
            asking.stop()

    def go_on(self) -> None:
        """Go on after a stop, with as many minutes again."""
        self._stopped, self._over = False, False
        self._budget.renew()
        self._asking.clear()
        PILOTS.forgive(self.data.digest)
        TESTS.forgive(self._test)

    def wait(self, every: float = 0.1) -> SearchProgress:
        """Poll until nothing is to come; for scripts."""
        while (standing := self.poll()).running:
            time.sleep(every)
        return standing

    def _waiting(self) -> SearchProgress:
        """Tell what is waited for; the minutes begin with one's own turn."""
        turn = PILOTS.under_way()
        if turn is not None and turn.key != self.data.digest:
            self._budget.renew()
            return SearchProgress("waiting until something else is measured", not self._stopped)
        return SearchProgress("measuring the time of an update", not self._stopped)

    def _known(self) -> Pilot | None:
        """Return the pilot when it is there; has it made where nobody else does.

        Raises:
            ValueError: if it could not be made.
        """
        key = self.data.digest
        PILOTS.under_way()
        if problem := PILOTS.problem(key):
            raise ValueError(f"the time of an update could not be measured: {problem}")
        if PILOTS.found(key) is None and not self._stopped:
            begin_pilot(self.data)
        return PILOTS.found(key)

    def _measured(
        self, experiment: Experiment, known: Pilot
    ) -> tuple[Mapping[Trial, Result], Progress]:
        """Return the results so far; asks for the rest unless it is stopped."""
        if experiment not in self._asking:
            asking = self._asking[experiment] = ExperimentRun(experiment, self._store, self._engine)
            self._budget.charge(known, asking.results)
        asking = self._asking[experiment]
        complete = len(asking.results) == len(experiment.trials)
        if not complete and not self._stopped and self._budget.over:
            self._over = True
            self.stop()
        progress = asking.stop() if self._stopped else asking.poll()
        self._budget.pay(known, asking.results)
        self._seen.update(asking.results)
        return asking.results, progress

    def _chosen(self, planned: Plan) -> dict[str, Choice]:
        """Return each cell's choice of a plan that was searched as a whole.

        Raises:
            ValueError: if there is none.
        """
        chosen = choices(search_experiment(self.data, planned), self._seen)
        if not chosen:
            raise ValueError("no run came to a finite score, so there is nothing to choose from")
        return chosen

    def _searched(self, planned: Plan, known: Pilot) -> SearchProgress | None:
        """Search a plan; None once it is through, or given up for the one before."""
        search = search_experiment(self.data, planned)
        found, progress = self._measured(search, known)
        if len(found) == len(search.trials):
            self._whole = planned
        elif self._whole is None:
            return self._standing("searching", known, progress, choices(search, found))
        elif self._leaves_a_test(self._whole, known):
            return self._standing("searching", known, progress, self._chosen(self._whole))
        else:
            self._asking.pop(search).stop()
            self._plan, self._reason = self._whole, GIVEN_UP
        return None

    def _leaves_a_test(self, planned: Plan, known: Pilot) -> bool:
        """Return whether there is still the time to test what ``planned`` came to."""
        test = final_experiment(self.data, self._chosen(planned), planned.seeds).trials
        return self._budget.left(known, len(test)) > self._budget.seconds(known, test)

    def _larger(self, known: Pilot) -> tuple[Plan, str]:
        """Return a larger plan that fits, or the last one and why there is none."""
        assert self._whole is not None
        chosen = self._chosen(self._whole)
        improving = any(2 * choice.updates > self._whole.updates for choice in chosen.values())
        left, needed = 0.0, []
        for each in larger(self._whole, improving):
            most = {
                cell: replace(choice, hidden_size=max(each.sizes), updates=each.updates)
                for cell, choice in chosen.items()
            }
            test = final_experiment(self.data, most, each.seeds).trials
            trials = (*search_experiment(self.data, each).trials, *test)
            needed.append(self._budget.seconds(known, trials))
            left = self._budget.left(known, len(test))
            if needed[-1] < left:
                return each, ""
        if not needed:
            return self._whole, ALL_TRIED
        return self._whole, (
            f"A larger search and its test would have taken at least {min(needed):,.0f} more"
            f" seconds, with {max(left, 0):,.0f} seconds left at that point."
        )

    def _tested(self, planned: Plan, known: Pilot) -> SearchProgress:
        """Test every cell's choice; then, while time is left, with more seeds."""
        chosen = self._chosen(planned)
        seeds = self._seeds or planned.seeds
        final = final_experiment(self.data, chosen, seeds)
        if seeds > planned.seeds and self._budget.over:  # take the seeds that are through
            if final in self._asking:
                self._asking.pop(final).stop()
            made = [trial in self._seen for trial in final.trials]
            seeds = self._seeds = max(planned.seeds, ([*made, False]).index(False) // len(chosen))
            final = final_experiment(self.data, chosen, seeds)
        found, progress = self._measured(final, known)
        if len(found) < len(final.trials):
            return self._standing("testing", known, progress, chosen)
        if self._seeds is None:
            self._seeds = seeds if self._fixed else self._affordable(planned, chosen, known)
            if self._seeds > seeds:
                return self._tested(planned, known)
        return self._told(final, chosen, known, progress)

    def _affordable(self, planned: Plan, chosen: Mapping[str, Choice], known: Pilot) -> int:
        """Return how many seeds the time that is left allows."""
        for seeds in range(SEEDS.high, planned.seeds, -1):
            trials = final_experiment(self.data, chosen, seeds).trials
            if self._budget.seconds(known, trials) < self._budget.left(known, len(trials)):
                return seeds
        return planned.seeds

    def _told(
        self, final: FinalTest, chosen: Mapping[str, Choice], known: Pilot, progress: Progress
    ) -> SearchProgress:
        """Have the held-out part forecast in a process of its own; return the advice after that.

        Raises:
            ValueError: if that went wrong.
        """
        assert self._plan is not None
        key = self._test = (self.data.digest, *(trial.key for trial in final.trials))
        TESTS.under_way()
        if problem := TESTS.problem(key):
            raise ValueError(f"the held-out part could not be forecast: {problem}")
        test = TESTS.found(key)
        if test is None:
            if not self._stopped:
                models = final_models(final, self._seen)
                call = partial(
                    run_in_process, PATIENCE, measure, self.data, models, known.baselines
                )
                TESTS.begin(key, call, self.data.digest)
            standing = self._standing("forecasting the held-out part", known, progress, chosen)
            return replace(standing, running=not self._stopped, done=0, of=0)
        planned = self._plan = replace(self._plan, seeds=self._seeds or self._plan.seeds)
        self._whole = planned
        seeds = range(1, planned.seeds + 1)
        advice = advise(self.data.task, chosen, test, known.seconds, planned, seeds)
        took = self._budget.report(planned, self._reason, self._fixed)
        standing = self._standing("done", known, progress, chosen)
        standing = replace(standing, running=False, advice=advice, searched=took)
        if not self._fixed:
            FINISHED.keep(_key(self.data, self.minutes, self._store), standing)
        return standing

    def _standing(
        self, stage: Stage, known: Pilot, progress: Progress, chosen: Mapping[str, Choice]
    ) -> SearchProgress:
        over = (f"{minutes_of(self.minutes)} are used up, so the search has stopped",)
        if self.minutes == 1:
            over = ("the minute is used up, so the search has stopped",)
        return SearchProgress(
            stage=stage,
            running=progress.running and not self._stopped,
            done=progress.done,
            of=progress.of,
            seconds_left=progress.seconds_left,
            known=known,
            plan=self._plan,
            choices=chosen,
            results=dict(self._seen),
            messages=(*(over if self._over else ()), *progress.messages),
        )


def finished(data: OwnData, minutes: int, results: Store | None = None) -> SearchProgress | None:
    """Return a search that this process has gone through before; None if it has not."""
    return FINISHED.found(_key(data, minutes, results or results_store()))


def _key(data: OwnData, minutes: int, store: Store) -> Hashable:
    return data.digest, minutes, store.folder

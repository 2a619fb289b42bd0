"""Run a search within its minutes: the pilot, the search, the test and its scores."""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial

from gatesviz.engine import Engine, engine
from gatesviz.engine.background import BackgroundCalls, run_in_process
from gatesviz.engine.processes import workers
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Result
from gatesviz.experiments.runner import ExperimentRun, Progress
from gatesviz.experiments.search.advice import advise
from gatesviz.experiments.search.budget import Budget, minutes_of
from gatesviz.experiments.search.held_out import HeldOut, measure
from gatesviz.experiments.search.pilots import PILOTS, SIZES, Pilot, begin_pilot
from gatesviz.experiments.search.planner import Planner
from gatesviz.experiments.search.plans import Plan, minutes_for
from gatesviz.experiments.search.progress import (
    PartialResult,
    SearchProgress,
    Stage,
    partial_result,
)
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
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.training import OwnData

PATIENCE = 300.0  # seconds
TESTS: BackgroundCalls[HeldOut] = BackgroundCalls(32)
"""Keys of the data and runs -> this process's scores on the held-out part."""
GIVEN_UP = "A larger search was stopped, because it left too little time for the test."
FINISHED: BackgroundCalls[SearchProgress] = BackgroundCalls(8)
"""(digest, minutes, folder of the results) -> the end of a finished search."""


class Search:
    """A running search. `poll` advances it, and every method except `wait` returns at once.

    Only the first `poll` of a process can take a second, because it starts processes. The search
    begins with a small plan that should fit into the minutes; if none fits, with the smallest.
    While time is left it tries longer runs, more hidden units, more learning rates, and then more
    seeds in the test. It stops when the minutes are used up; `go_on` gives it the same minutes
    again.

    Args:
        data: the data to learn.
        minutes: for the whole search, see `plan`.
        results, runs: as in `gatesviz.experiments.begin`.
        count: number of processes that train at the same time.
        planned: the only plan to search; None searches what fits into the minutes.
        person, address: as in `gatesviz.experiments.begin`.

    Raises:
        ValueError: if ``minutes`` is not allowed, or there is too little data to hold a part out.
    """

    def __init__(
        self,
        data: OwnData,
        minutes: int,
        results: Store | None = None,
        runs: Callable[[], Engine] = engine,
        count: int | None = None,
        planned: Plan | None = None,
        person: str = "",
        address: str = "",
    ) -> None:
        self.data, self.minutes = data, SEARCH_MINUTES.check(minutes)
        searched(data)
        self._store, self._engine = results or results_store(), runs
        self._person, self._address = person, address
        self._plan, self._fixed = planned, planned is not None
        self._budget = Budget(minutes, count or workers())
        self._planner = Planner(data, self._store, self._budget, count or workers())
        self._searched_plan: Plan | None = None  # the last plan that was searched completely
        self._reason = ""  # why no larger plan is searched; "" while one may be
        self._seeds: int | None = None  # of the test; None until its first seeds are finished
        self._seen: dict[Trial, Result] = {}
        self._running: dict[Experiment, ExperimentRun] = {}
        self._test: Hashable = None
        self._warning, self._measuring = "", 0.0  # seconds of the measurement
        self._partial: PartialResult | None = None
        self._stopped, self._over = False, False

    def poll(self) -> SearchProgress:
        """Collect finished runs, start what comes next, and return the progress."""
        if not self._fixed and (last := FINISHED.found(_key(self.data, self.minutes, self._store))):
            return last
        try:
            known = self._known()
            if known is None:
                return self._waiting()
            if self._plan is None:
                self._measuring = self._budget.spent
                self._plan, self._warning = self._planner.first(known)
            while self._searched_plan != self._plan:
                if (now := self._searched(self._plan, known)) is not None:
                    return now
                if not self._fixed and not self._reason:
                    chosen = self._chosen(self._plan)
                    self._plan, self._reason = self._planner.larger(self._plan, chosen, known)
            return self._tested(self._plan, known)
        except ValueError as error:
            known = PILOTS.found(self.data.digest)
            return SearchProgress("failed", False, known=known, messages=(str(error),))

    def stop(self) -> None:
        """Cancel all runs. Finished ones are saved."""
        self._stopped = True
        PILOTS.stop(self.data.digest)
        TESTS.stop(self._test, self.data.digest)
        for run in self._running.values():
            run.stop()

    def go_on(self) -> None:
        """Continue after a stop, with the same minutes again."""
        self._stopped, self._over, self._partial = False, False, None
        self._budget.renew()
        self._running.clear()
        PILOTS.forgive(self.data.digest)
        TESTS.forgive(self._test)

    def wait(self, every: float = 0.1) -> SearchProgress:
        """Poll until the search ends; for scripts."""
        while (now := self.poll()).running:
            time.sleep(every)
        return now

    def _waiting(self) -> SearchProgress:
        """Return the progress before the pilot is finished; the minutes start with its turn."""
        turn = PILOTS.under_way()
        if turn is not None and turn.key != self.data.digest:
            self._budget.renew()
            return SearchProgress("waiting for another measurement", not self._stopped)
        return SearchProgress("measuring the time of an update", not self._stopped)

    def _known(self) -> Pilot | None:
        """Return the pilot once it is finished; start it unless another session does.

        Raises:
            ValueError: if it failed.
        """
        key = self.data.digest
        PILOTS.under_way()
        if problem := PILOTS.problem(key):
            raise ValueError(f"the time of an update can't be measured: {problem}")
        known = PILOTS.found(key)
        if self._plan is not None and known is not None and not known.timed(self._plan.sizes):
            known = None  # it was measured for a smaller search
        if known is None and not self._stopped:
            begin_pilot(self.data, self._plan.sizes if self._plan else SIZES[:1], self._person)
        return known

    def _measured(
        self, experiment: Experiment, known: Pilot
    ) -> tuple[Mapping[Trial, Result], Progress]:
        """Return the results so far; train the rest unless the search is stopped."""
        if experiment not in self._running:
            run = self._running[experiment] = ExperimentRun(
                experiment, self._store, self._engine, self._person, self._address
            )
            self._budget.charge(known, run.results)
        run = self._running[experiment]
        complete = len(run.results) == len(experiment.trials)
        if not complete and not self._stopped and self._budget.over:
            self._over = True
            self.stop()
        progress = run.stop() if self._stopped else run.poll()
        self._budget.pay(known, run.results)
        self._seen.update(run.results)
        return run.results, progress

    def _chosen(self, planned: Plan) -> dict[str, Choice]:
        """Return each cell's choice in a plan that was searched completely.

        Raises:
            ValueError: if no cell has one.
        """
        chosen = choices(search_experiment(self.data, planned), self._seen)
        if not chosen:
            raise ValueError("no run has a finite score, so there is nothing to choose from")
        return chosen

    def _searched(self, planned: Plan, known: Pilot) -> SearchProgress | None:
        """Search a plan; None once it is finished, or stopped in favour of the plan before."""
        search = search_experiment(self.data, planned)
        found, progress = self._measured(search, known)
        if len(found) == len(search.trials):
            self._searched_plan = planned
        elif self._searched_plan is None:
            return self._progress("searching", known, progress, choices(search, found))
        elif self._planner.leaves_a_test(
            self._searched_plan, chosen := self._chosen(self._searched_plan), known
        ):
            return self._progress("searching", known, progress, chosen)
        else:
            self._running.pop(search).stop()
            self._plan, self._reason = self._searched_plan, GIVEN_UP
        return None

    def _tested(self, planned: Plan, known: Pilot) -> SearchProgress:
        """Test every cell's choice, then test with more seeds while time is left."""
        chosen = self._chosen(planned)
        seeds = self._seeds or planned.seeds
        final = final_experiment(self.data, chosen, seeds)
        if seeds > planned.seeds and self._budget.over:  # use the seeds that are finished
            if final in self._running:
                self._running.pop(final).stop()
            made = [trial in self._seen for trial in final.trials]
            seeds = self._seeds = max(planned.seeds, ([*made, False]).index(False) // len(chosen))
            final = final_experiment(self.data, chosen, seeds)
        found, progress = self._measured(final, known)
        if len(found) < len(final.trials):
            return self._progress("testing", known, progress, chosen)
        if self._seeds is None:
            self._seeds = seeds if self._fixed else self._planner.seeds(planned, chosen, known)
            if self._seeds > seeds:
                return self._tested(planned, known)
        return self._finished(final, chosen, known, progress)

    def _finished(
        self, final: FinalTest, chosen: Mapping[str, Choice], known: Pilot, progress: Progress
    ) -> SearchProgress:
        """Forecast the held-out part in another process; return the advice when it is finished.

        Raises:
            ValueError: if that failed.
        """
        assert self._plan is not None
        key = self._test = (self.data.digest, *(trial.key for trial in final.trials))
        TESTS.under_way()
        if problem := TESTS.problem(key):
            raise ValueError(f"the held-out part can't be forecast: {problem}")
        test = TESTS.found(key)
        if test is None:
            if not self._stopped:
                models = final_models(final, self._seen)
                call = partial(
                    run_in_process, PATIENCE, measure, self.data, models, known.baselines
                )
                TESTS.begin(key, call, self.data.digest, self._person)
            now = self._progress("forecasting the held-out part", known, progress, chosen)
            return replace(now, running=not self._stopped, done=0, of=0)
        planned = self._plan = replace(self._plan, seeds=self._seeds or self._plan.seeds)
        self._searched_plan = planned
        seeds = range(1, planned.seeds + 1)
        advice = advise(self.data.task, chosen, test, known.seconds, planned, seeds)
        took = self._budget.report(planned, self._reason, self._fixed)
        now = self._progress("done", known, progress, chosen)
        now = replace(now, running=False, advice=advice, searched=took)
        if not self._fixed:
            FINISHED.keep(_key(self.data, self.minutes, self._store), now)
        return now

    def _progress(
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
            partial=self._partial_result(stage, known, chosen) if self._stopped else None,
            warning=self._warning,
        )

    def _partial_result(
        self, stage: Stage, known: Pilot, chosen: Mapping[str, Choice]
    ) -> PartialResult:
        """Return what is known of a search that has stopped in ``stage``."""
        if self._partial is None:
            assert self._plan is not None
            experiment: Experiment = search_experiment(self.data, self._plan)
            if stage != "searching":
                experiment = final_experiment(self.data, chosen, self._plan.seeds)
            seconds = self._measuring + self._planner.seconds(self._plan, known)
            needed = minutes_for(seconds, 0.0)
            self._partial = partial_result(
                self.data, known, stage, experiment.trials, self._seen, needed
            )
        return self._partial


def finished(data: OwnData, minutes: int, results: Store | None = None) -> SearchProgress | None:
    """Return the end of a search that this process has finished; None if there is none."""
    return FINISHED.found(_key(data, minutes, results or results_store()))


def _key(data: OwnData, minutes: int, store: Store) -> Hashable:
    return data.digest, minutes, store.folder

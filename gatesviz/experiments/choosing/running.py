"""A search on its way: the pilot, then the search, then the test, within the minutes given."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatesviz.engine import Engine, engine
from gatesviz.engine.processes import workers
from gatesviz.experiments.asking import Asking, Progress
from gatesviz.experiments.choosing.advice import Advice, advise
from gatesviz.experiments.choosing.piloting import PILOTS, Pilot, begin_pilot
from gatesviz.experiments.choosing.planning import Plan, plan
from gatesviz.experiments.choosing.search import (
    Choice,
    choices,
    final_experiment,
    final_scores,
    search_experiment,
)
from gatesviz.experiments.choosing.setting import searched
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.result import Result
from gatesviz.experiments.store import Store, results_store
from gatesviz.experiments.trial import Trial
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.training import OwnData

Stage = Literal[
    "waiting until something else is measured",
    "measuring the time of an update",
    "searching",
    "testing",
    "done",
    "failed",
]


@dataclass(frozen=True)
class Standing:
    """How far a search is.

    Attributes:
        stage: what is under way; "failed" where it cannot go on, see `messages`.
        running: whether more is to come by itself.
        done, of: finished runs of the stage, and all of it.
        seconds_left: of the stage, at most; None until known.
        known: what the pilot measured; None until then.
        plan: what is tried; None until the pilot is there.
        choices: cell -> its best setting, of cells that are searched.
        advice: what the test tells so far; None until it has begun.
        results: every run so far.
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
    messages: tuple[str, ...] = ()


class Choosing:
    """A search on its way; `poll` moves it on, and every method but `wait` returns at once.

    Only the first `poll` of a process may take a second, in which processes are started. When the
    minutes are used up it stops, with what it has; `go_on` gives it as many again.

    Args:
        data: what is to be learnt.
        minutes: for everything, see `plan`.
        results, runs: as in `gatesviz.experiments.begin`.
        count: processes that train at the same time.
        planned: what to try; unless given, what fits into the minutes.

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
        self._count, self._plan = count or workers(), planned
        self._final: Experiment | None = None
        self._advice: tuple[int, Advice] | None = None
        self._asking: dict[Experiment, Asking] = {}
        self._end = time.monotonic() + 60 * minutes
        self._stopped, self._over = False, False

    def poll(self) -> Standing:
        """Take in what has finished, begin what comes next, and tell how far it is."""
        try:
            known = self._known()
            if known is None:
                return self._waiting()
            planned = self._plan = self._plan or plan(known, self.minutes, self._count)
            search = search_experiment(self.data, planned)
            found, progress = self._measured(search)
            chosen = choices(search, found)
            if len(found) == len(search.trials):
                return self._tested(known, planned, chosen, found)
            return self._standing("searching", known, planned, progress, chosen, found)
        except ValueError as error:
            known = PILOTS.found(self.data.digest)
            return Standing("failed", False, known=known, messages=(str(error),))

    def stop(self) -> None:
        """Cancel what runs; finished runs are kept."""
        self._stopped = True
        PILOTS.stop(self.data.digest)
        for asking in self._asking.values():
            asking.stop()

    def go_on(self) -> None:
        """Go on after a stop, with as many minutes again."""
        self._stopped, self._over = False, False
        self._end = time.monotonic() + 60 * self.minutes
        self._asking.clear()
        PILOTS.forgive(self.data.digest)

    def wait(self, every: float = 0.1) -> Standing:
        """Poll until nothing is to come; for scripts."""
        while (standing := self.poll()).running:
            time.sleep(every)
        return standing

    def _waiting(self) -> Standing:
        """Tell what is waited for; the minutes begin with one's own turn."""
        turn = PILOTS.under_way()
        if turn is not None and turn.key != self.data.digest:
            self._end = time.monotonic() + 60 * self.minutes
            return Standing("waiting until something else is measured", not self._stopped)
        return Standing("measuring the time of an update", not self._stopped)

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

    def _measured(self, experiment: Experiment) -> tuple[Mapping[Trial, Result], Progress]:
        """Return the results so far; asks for the rest unless it is stopped."""
        if experiment not in self._asking:
            self._asking[experiment] = Asking(experiment, self._store, self._engine)
        asking = self._asking[experiment]
        complete = len(asking.results) == len(experiment.trials)
        if not complete and not self._stopped and time.monotonic() > self._end:
            self._over = True
            self.stop()
        progress = asking.stop() if self._stopped else asking.poll()
        return asking.results, progress

    def _tested(
        self,
        known: Pilot,
        planned: Plan,
        chosen: Mapping[str, Choice],
        seen: Mapping[Trial, Result],
    ) -> Standing:
        if not chosen:
            raise ValueError("no run came to a finite score, so there is nothing to choose from")
        final = self._final = self._final or final_experiment(self.data, chosen)
        found, progress = self._measured(final)
        if self._advice is None or self._advice[0] != len(found):  # asked again and again
            scores = {cell: final_scores(final, found, choice) for cell, choice in chosen.items()}
            told = advise(self.data.task, chosen, scores, known, planned)
            self._advice = len(found), told
        advice = self._advice[1]
        stage: Stage = "done" if len(found) == len(final.trials) else "testing"
        results = {**seen, **found}
        return self._standing(stage, known, planned, progress, chosen, results, advice)

    def _standing(
        self,
        stage: Stage,
        known: Pilot,
        planned: Plan,
        progress: Progress,
        chosen: Mapping[str, Choice],
        found: Mapping[Trial, Result],
        advice: Advice | None = None,
    ) -> Standing:
        given = "the minute is" if self.minutes == 1 else f"the {self.minutes} minutes are"
        over = (f"{given} used up, so the search has stopped",) if self._over else ()
        return Standing(
            stage=stage,
            running=progress.running and not self._stopped,
            done=progress.done,
            of=progress.of,
            seconds_left=progress.seconds_left,
            known=known,
            plan=planned,
            choices=chosen,
            advice=advice,
            results=found,
            messages=(*over, *progress.messages),
        )


def finished(data: OwnData, minutes: int, results: Store | None = None) -> Standing | None:
    """Return a search that this process has gone through before; None if some of it is missing.

    Raises:
        ValueError: as `Choosing`.
    """
    if PILOTS.found(data.digest) is None:
        return None
    choosing = Choosing(data, minutes, results)
    choosing.stop()
    standing = choosing.poll()
    return standing if standing.stage == "done" else None

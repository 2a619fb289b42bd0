"""A search on its way: the pilot, then the search, then the test, within the minutes given."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from gatesviz.engine import Engine, engine
from gatesviz.engine.processes import workers
from gatesviz.experiments.asking import Asking, Progress
from gatesviz.experiments.choosing.advice import Advice, advise
from gatesviz.experiments.choosing.piloting import Pilot, begin_pilot
from gatesviz.experiments.choosing.planning import Plan, plan
from gatesviz.experiments.choosing.search import (
    Choice,
    choices,
    final_experiment,
    final_scores,
    search_experiment,
    searched,
)
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.result import Result
from gatesviz.experiments.store import Store, results_store
from gatesviz.experiments.trial import Trial
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.training import OwnData

Stage = Literal["measuring the time of an update", "searching", "testing", "done", "failed"]
_PILOTS: dict[str, Pilot] = {}
"""Digest of the data -> what this process measured of it."""
PILOTS = 32


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
    done: int
    of: int
    seconds_left: float | None
    known: Pilot | None
    plan: Plan | None
    choices: Mapping[str, Choice]
    advice: Advice | None
    results: Mapping[Trial, Result]
    messages: tuple[str, ...]


class Choosing:
    """A search on its way; `poll` moves it on, and every method but `wait` returns at once.

    When the minutes are used up it stops, with what it has; `go_on` gives it as many again.

    Args:
        data: what is to be learnt.
        minutes: for everything, see `plan`.
        results, runs: as in `gatesviz.experiments.begin`.
        count: processes that train at the same time.

    Raises:
        ValueError: if ``minutes`` is not allowed, or the data is too little to set a part aside.
        UnreachableError: if the system grants no process.
    """

    def __init__(
        self,
        data: OwnData,
        minutes: int,
        results: Store | None = None,
        runs: Callable[[], Engine] = engine,
        count: int | None = None,
    ) -> None:
        self.data, self.minutes = data, SEARCH_MINUTES.check(minutes)
        searched(data)
        self._store, self._engine = results or results_store(), runs
        self._count = count or workers()
        self._pilot = _PILOTS.get(data.digest) or begin_pilot(data)
        self._search: Experiment | None = None
        self._final: Experiment | None = None
        self._asking: dict[Experiment, Asking] = {}
        self._end = time.monotonic() + 60 * minutes
        self._stopped, self._told = False, ""

    def poll(self) -> Standing:
        """Take in what has finished, begin what comes next, and tell how far it is."""
        known = self._known()
        if known is None:
            return self._standing("failed" if self._told else "measuring the time of an update")
        try:
            planned = plan(known, self.minutes, self._count)
            search = self._search = self._search or search_experiment(self.data, planned)
            found, progress = self._measured(search)
            chosen = choices(search, found)
            if len(found) < len(search.trials):
                return self._standing("searching", planned, progress, chosen, found)
            return self._tested(known, planned, chosen, found)
        except ValueError as error:
            self._told = str(error)
            return self._standing("failed")

    def stop(self) -> None:
        """Cancel what runs; finished runs are kept."""
        self._stopped = True
        if isinstance(self._pilot, Future):
            self._pilot.cancel()
        for asking in self._asking.values():
            asking.stop()

    def go_on(self) -> None:
        """Go on after a stop, with as many minutes again."""
        self._stopped, self._told = False, ""
        self._end = time.monotonic() + 60 * self.minutes
        self._asking.clear()
        if isinstance(self._pilot, Future) and self._pilot.done():  # cancelled, or failed
            self._pilot = begin_pilot(self.data)

    def wait(self, every: float = 0.1) -> Standing:
        """Poll until nothing is to come; for scripts."""
        while (standing := self.poll()).running:
            time.sleep(every)
        return standing

    def _known(self) -> Pilot | None:
        """Return the pilot when it is there."""
        if isinstance(self._pilot, Pilot):
            return self._pilot
        if self._pilot.cancelled() or not self._pilot.done():
            return None
        if error := self._pilot.exception():
            self._told = f"the time of an update could not be measured: {error}"
            return None
        self._pilot = _PILOTS[self.data.digest] = self._pilot.result()
        while len(_PILOTS) > PILOTS:
            _PILOTS.pop(next(iter(_PILOTS)), None)
        return self._pilot

    def _measured(self, experiment: Experiment) -> tuple[Mapping[Trial, Result], Progress]:
        """Return the results so far; asks for the rest unless it is stopped."""
        if experiment not in self._asking:
            self._asking[experiment] = Asking(experiment, self._store, self._engine)
        asking = self._asking[experiment]
        complete = len(asking.results) == len(experiment.trials)
        if not complete and not self._stopped and time.monotonic() > self._end:
            time_given = "the minute is" if self.minutes == 1 else f"the {self.minutes} minutes are"
            self._told = f"{time_given} used up, so the search has stopped"
            self.stop()
        progress = asking.stop() if self._stopped else asking.poll()
        return asking.results, progress

    def _tested(
        self,
        known: Pilot,
        planned: Plan,
        chosen: Mapping[str, Choice],
        searched_: Mapping[Trial, Result],
    ) -> Standing:
        if not chosen:
            raise ValueError("no run came to a finite score, so there is nothing to choose from")
        final = self._final = self._final or final_experiment(self.data, planned, chosen)
        found, progress = self._measured(final)
        scores = {cell: final_scores(final, found, choice) for cell, choice in chosen.items()}
        advice = advise(self.data.task, chosen, scores, known, planned.updates)
        stage: Stage = "done" if len(found) == len(final.trials) else "testing"
        return self._standing(stage, planned, progress, chosen, {**searched_, **found}, advice)

    def _standing(
        self,
        stage: Stage,
        planned: Plan | None = None,
        progress: Progress | None = None,
        chosen: Mapping[str, Choice] | None = None,
        found: Mapping[Trial, Result] | None = None,
        advice: Advice | None = None,
    ) -> Standing:
        pilot = stage == "measuring the time of an update" and not self._stopped
        told = [self._told, *(progress.messages if progress else ())]
        return Standing(
            stage=stage,
            running=pilot or bool(progress and progress.running and not self._stopped),
            done=progress.done if progress else 0,
            of=progress.of if progress else 0,
            seconds_left=progress.seconds_left if progress else None,
            known=self._known(),
            plan=planned,
            choices=chosen or {},
            advice=advice,
            results=found or {},
            messages=tuple(dict.fromkeys(message for message in told if message)),
        )


def finished(data: OwnData, minutes: int, results: Store | None = None) -> Standing | None:
    """Return a search that this process has gone through before; None if some of it is missing.

    Raises:
        ValueError: as `Choosing`.
    """
    if data.digest not in _PILOTS:
        return None
    choosing = Choosing(data, minutes, results)
    choosing.stop()
    standing = choosing.poll()
    return standing if standing.stage == "done" else None

"""An experiment on its way: what is known, what runs, what is still to be submitted."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import RLock
from uuid import uuid4

from gatesviz.engine import Engine, View, engine
from gatesviz.engine.run import Run
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Result, result_of
from gatesviz.experiments.store import Store, results_store
from gatesviz.limits import RUN_TOGETHER

AGAIN = 3  # how often a run that rests or is gone is started again


@dataclass(frozen=True)
class Progress:
    """How far an experiment is.

    Attributes:
        done, of: trials with a result, and all of them.
        found: how many of `done` were known before.
        running: whether something is still to come; a page's timer may end when it is False.
        updates: made so far in the trials that run now.
        seconds_left: at most, at the pace so far; None until known.
        messages: a sentence for each thing that went wrong, without repetition.
    """

    done: int
    of: int
    found: int
    running: bool
    updates: int
    seconds_left: float | None
    messages: tuple[str, ...]


class ExperimentRun:
    """An experiment on its way. Made by `begin`; every method but `wait` returns at once.

    Results known from before are there from the beginning. The rest goes to the engine a few runs
    at a time. A trial that someone else in this process measures is waited for, not repeated.
    What is finished is on disk: a new `ExperimentRun` of the same experiment goes on from there.

    Attributes:
        experiment: that is asked.
        results: trial -> result, so far.
    """

    def __init__(self, experiment: Experiment, results: Store, runs: Callable[[], Engine]) -> None:
        self.experiment = experiment
        self._store, self._engine = results, runs
        self._owner = f"experiment {uuid4().hex}"
        self._lock = RLock()
        self._stopped = False
        self._runs: dict[Trial, str] = {}
        self._again: Counter[Trial] = Counter()
        self._failed: dict[Trial, str] = {}
        self._began, self._made = time.monotonic(), 0
        self._refused = ""
        self.results = results.known(experiment.trials)
        self._found = len(self.results)

    def of(self) -> Mapping[object, Result]:
        """Return spec -> result, so far."""
        with self._lock:
            return {trial.spec: result for trial, result in self.results.items()}

    def poll(self) -> Progress:
        """Take in what has finished, submit what there is room for, and tell how far it is.

        To be called by a page's timer: a run whose asker is silent for a minute and a half rests.
        """
        with self._lock:
            views: dict[Trial, View] = {}
            if not self._stopped and len(self.results) < len(self.experiment.trials):
                self._engine().seen(self._owner)
                for trial in tuple(self._runs):
                    self._look_at(trial, views)
                self._submit()
            return self._progress(views)

    def stop(self) -> Progress:
        """Cancel what runs; results so far are kept."""
        with self._lock:
            self._stopped = True
            for trial in tuple(self._runs):
                self._let_go(trial)
            return self._progress({})

    def wait(self, seconds: float | None = None, every: float = 0.1) -> Progress:
        """Poll until nothing is to come, or ``seconds`` have passed; for scripts."""
        end = time.monotonic() + (float("inf") if seconds is None else seconds)
        while (progress := self.poll()).running and time.monotonic() < end:
            time.sleep(every)
        return progress

    def _look_at(self, trial: Trial, views: dict[Trial, View]) -> None:
        run = self._run(trial)
        if run is None:  # it made room for another, or its engine was started anew
            self._let_go(trial)
            self._try_again(trial, "a run was ended before it was finished")
            return
        self._store.claim(trial, self._owner)
        view = views[trial] = run.view()
        if result := result_of(trial, view):
            self._store.put(result)
            self.results[trial] = result
            self._made += result.updates * trial.spec.length
            self._let_go(trial)
        elif view.ended:
            self._let_go(trial)
            self._failed[trial] = view.message or f"a run was {view.status}"
        elif view.status == "paused" and self._try_again(trial, view.message):
            run.go()

    def _try_again(self, trial: Trial, message: str) -> bool:
        self._again[trial] += 1
        if self._again[trial] > AGAIN:
            self._let_go(trial)
            self._failed[trial] = message
        return trial not in self._failed

    def _submit(self) -> None:
        self._refused = ""
        for trial in self._open():
            if len(self._runs) >= RUN_TOGETHER.high:
                return
            if not self._store.claim(trial, self._owner):
                continue
            if known := self._store.get(trial):  # someone else has measured it meanwhile
                self.results[trial] = known
                self._store.release(trial, self._owner)
                continue
            try:
                self._runs[trial] = self._engine().submit(trial.spec, self._owner, trial.updates)
            except ValueError as error:  # the engine is full: the next poll tries again
                self._store.release(trial, self._owner)
                self._refused = str(error)
                return

    def _open(self) -> tuple[Trial, ...]:
        known = {*self.results, *self._runs, *self._failed}
        return tuple(trial for trial in self.experiment.trials if trial not in known)

    def _run(self, trial: Trial) -> Run | None:
        try:
            run = self._engine().run(self._runs[trial])
        except ValueError:
            return None
        return None if run.status == "cancelled" else run

    def _let_go(self, trial: Trial) -> None:
        if trial in self._runs:
            run = self._run(trial)
            if run is not None:
                run.cancel()
            del self._runs[trial]
        self._store.release(trial, self._owner)

    def _progress(self, views: Mapping[Trial, View]) -> Progress:
        now = {trial: views[trial].updates for trial in self._runs if trial in views}
        told = [*self._failed.values(), self._refused, self._store.problem]
        told += [view.message for trial, view in views.items() if trial in self._runs]
        left = {*self._open(), *self._runs}
        return Progress(
            done=len(self.results),
            of=len(self.experiment.trials),
            found=self._found,
            running=bool(left) and not self._stopped,
            updates=sum(now.values()),
            seconds_left=self._seconds_left(now, left),
            messages=tuple(dict.fromkeys(message for message in told if message)),
        )

    def _seconds_left(self, now: Mapping[Trial, int], left: set[Trial]) -> float | None:
        """Return an upper bound: time goes with updates times steps, and none is solved early."""
        made = self._made + sum(made * trial.spec.length for trial, made in now.items())
        if self._stopped or not left or not made:
            return None if left else 0.0
        still = sum((trial.updates - now.get(trial, 0)) * trial.spec.length for trial in left)
        return still * (time.monotonic() - self._began) / made


def begin(
    experiment: Experiment, results: Store | None = None, runs: Callable[[], Engine] = engine
) -> ExperimentRun:
    """Begin to measure ``experiment``, or go on where it was left.

    Args:
        experiment: what is asked.
        results: where results are kept; this process's `results_store` unless given.
        runs: what returns the engine; this process's unless given.
    """
    asking = ExperimentRun(experiment, results or results_store(), runs)
    asking.poll()
    return asking

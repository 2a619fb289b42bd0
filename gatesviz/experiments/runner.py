"""Run an experiment: reuse saved results, submit the other trials, collect their results."""

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

RETRIES = 3  # restarts of a run that paused or disappeared


@dataclass(frozen=True)
class Progress:
    """The progress of an experiment.

    Attributes:
        done, of: trials with a result, and all trials.
        reused: trials of `done` whose result was already saved.
        running: whether results are still to come. A page stops its timer when this is False.
        updates: updates so far in the trials that are running.
        seconds_left: an upper bound at the present speed; None until it is known.
        messages: a sentence for each problem, without repetition.
    """

    done: int
    of: int
    reused: int
    running: bool
    updates: int
    seconds_left: float | None
    messages: tuple[str, ...]


class ExperimentRun:
    """A running experiment, as `begin` returns it. Every method but `wait` returns at once.

    Saved results are available from the start. The other trials go to the engine a few at a time.
    A trial that another `ExperimentRun` of this process is running is not repeated. Finished
    trials are saved, so a new `ExperimentRun` of the same experiment continues from there.

    Attributes:
        experiment: the experiment.
        results: trial -> result of each finished trial.
    """

    def __init__(
        self,
        experiment: Experiment,
        store: Store,
        engine: Callable[[], Engine],
        person: str = "",
        address: str = "",
    ) -> None:
        self.experiment = experiment
        self._store, self._engine, self._person = store, engine, person
        self._address = address
        self._owner = f"experiment {uuid4().hex}"
        self._lock = RLock()
        self._stopped = False
        self._runs: dict[Trial, str] = {}
        self._retries: Counter[Trial] = Counter()
        self._failed: dict[Trial, str] = {}
        self._began, self._steps = time.monotonic(), 0
        self._refused = ""
        self.results = store.get_all(experiment.trials)
        self._reused = len(self.results)

    def by_spec(self) -> Mapping[object, Result]:
        """Return spec -> result of each finished trial."""
        with self._lock:
            return {trial.spec: result for trial, result in self.results.items()}

    def poll(self) -> Progress:
        """Collect finished results, submit more trials if there is room, and return the progress.

        Call this from a timer. The engine pauses runs that are not polled for 90 seconds.
        """
        with self._lock:
            views: dict[Trial, View] = {}
            if not self._stopped and len(self.results) < len(self.experiment.trials):
                self._engine().watch(self._owner, self._person, address=self._address)
                for trial in tuple(self._runs):
                    self._collect(trial, views)
                self._submit()
            return self._progress(views)

    def stop(self) -> Progress:
        """Cancel the running trials and keep the finished results."""
        with self._lock:
            self._stopped = True
            for trial in tuple(self._runs):
                self._drop(trial)
            return self._progress({})

    def wait(self, seconds: float | None = None, every: float = 0.1) -> Progress:
        """Poll until every trial is finished or ``seconds`` have passed; for scripts."""
        end = time.monotonic() + (float("inf") if seconds is None else seconds)
        while (progress := self.poll()).running and time.monotonic() < end:
            time.sleep(every)
        return progress

    def _collect(self, trial: Trial, views: dict[Trial, View]) -> None:
        run = self._run(trial)
        if run is None:  # the engine dropped it or was restarted
            self._drop(trial)
            self._retry(trial, "a run ended before it was finished")
            return
        self._store.reserve(trial, self._owner)
        view = views[trial] = run.view()
        if result := result_of(trial, view):
            self._store.put(result)
            self.results[trial] = result
            self._steps += result.updates * trial.spec.length
            self._drop(trial)
        elif view.ended:
            self._drop(trial)
            self._failed[trial] = view.message or f"a run was {view.status}"
        elif view.status == "paused" and self._retry(trial, view.message):
            run.go()

    def _retry(self, trial: Trial, message: str) -> bool:
        self._retries[trial] += 1
        if self._retries[trial] > RETRIES:
            self._drop(trial)
            self._failed[trial] = message
        return trial not in self._failed

    def _submit(self) -> None:
        self._refused = ""
        for trial in self._open():
            if len(self._runs) >= RUN_TOGETHER.high:
                return
            if not self._store.reserve(trial, self._owner):
                continue
            if result := self._store.get(trial):  # another run has finished it
                self.results[trial] = result
                self._store.release(trial, self._owner)
                continue
            try:
                self._runs[trial] = self._engine().submit(trial.spec, self._owner, trial.updates)
            except ValueError as error:  # the engine is full, so the next poll tries again
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

    def _drop(self, trial: Trial) -> None:
        if trial in self._runs:
            run = self._run(trial)
            if run is not None:
                run.cancel()
            del self._runs[trial]
        self._store.release(trial, self._owner)

    def _progress(self, views: Mapping[Trial, View]) -> Progress:
        now = {trial: views[trial].updates for trial in self._runs if trial in views}
        messages = [*self._failed.values(), self._refused, self._store.problem]
        messages += [view.message for trial, view in views.items() if trial in self._runs]
        left = {*self._open(), *self._runs}
        return Progress(
            done=len(self.results),
            of=len(self.experiment.trials),
            reused=self._reused,
            running=bool(left) and not self._stopped,
            updates=sum(now.values()),
            seconds_left=self._seconds_left(now, left),
            messages=tuple(dict.fromkeys(message for message in messages if message)),
        )

    def _seconds_left(self, now: Mapping[Trial, int], left: set[Trial]) -> float | None:
        """Return an upper bound: time grows with updates × steps, and no run is solved early."""
        steps = self._steps + sum(updates * trial.spec.length for trial, updates in now.items())
        if self._stopped or not left or not steps:
            return None if left else 0.0
        steps_left = sum((trial.updates - now.get(trial, 0)) * trial.spec.length for trial in left)
        return steps_left * (time.monotonic() - self._began) / steps


def begin(
    experiment: Experiment,
    store: Store | None = None,
    get_engine: Callable[[], Engine] = engine,
    person: str = "",
    address: str = "",
) -> ExperimentRun:
    """Start ``experiment``, or continue it from its saved results.

    Args:
        experiment: the experiment to run.
        store: where results are saved; this process's `results_store` by default.
        get_engine: a function that returns the engine; this process's engine by default.
        person: who shares the workers with others; "" shares them as a person of its own.
        address: of that person's network, whose runs are bounded; "" has no bound.
    """
    run = ExperimentRun(experiment, store or results_store(), get_engine, person, address)
    run.poll()
    return run

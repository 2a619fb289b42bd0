"""Runs that differ in their seed alone, together: how often they solved the task, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from gatesviz.cells import CELLS
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Result
from gatesviz.experiments.statistics import Interval, Share, by_seed, interval, share
from gatesviz.training import TrainingSpec


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one kind.

    Attributes:
        label: what tells it from the experiment's other groups.
        spec: of all of them, but for the seed, which is 0 here.
        trials: seed -> trial.
        results: seed -> result, so far.
    """

    label: str
    spec: TrainingSpec
    trials: Mapping[int, Trial]
    results: Mapping[int, Result]

    @property
    def complete(self) -> bool:
        """Whether every seed has a result."""
        return len(self.results) == len(self.trials)

    @cached_property
    def solved(self) -> Share:
        """How many of the finished runs solved the task."""
        solved = sum(result.solved_at is not None for result in self.results.values())
        return share(solved, len(self.results))

    @cached_property
    def updates(self) -> dict[int, float]:
        """Seed -> updates until solved; the whole budget where it was not, a lower bound."""
        return {
            seed: float(result.solved_at or self.trials[seed].updates)
            for seed, result in self.results.items()
        }

    @cached_property
    def scores(self) -> dict[int, float]:
        """Seed -> last score; a run that came to no finite score has none."""
        return by_seed([(seed, result.score) for seed, result in self.results.items()])

    @cached_property
    def score(self) -> Interval:
        """The median of `scores`."""
        return interval(list(self.scores.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "label": self.label,
            "seeds": sorted(self.results),
            "of": len(self.trials),
            "solved": self.solved.count,
            "updates": [self.updates[seed] for seed in sorted(self.results)],
            "scores": [self.scores.get(seed) for seed in sorted(self.results)],
        }

    def __str__(self) -> str:
        if not self.results:
            return f"{self.label}: nothing yet"
        median = interval(list(self.updates.values())).estimate
        half = 2 * self.solved.count > self.solved.of  # else the median run did not solve it
        when = f", after {median:,.0f} updates in the median" if half else ""
        return f"{self.label}: solved {self.solved}{when}; score {self.score}"


def groups(experiment: Experiment, results: Mapping[Trial, Result]) -> tuple[Group, ...]:
    """Return the groups of ``experiment``, in its order, with the ``results`` so far."""
    together: dict[TrainingSpec, dict[int, Trial]] = {}
    for trial in experiment.trials:
        together.setdefault(replace(trial.spec, seed=0), {})[trial.spec.seed] = trial
    varied = _varied(list(together))
    return tuple(
        Group(
            _label(spec, varied),
            spec,
            trials,
            {seed: results[trial] for seed, trial in trials.items() if trial in results},
        )
        for spec, trials in together.items()
    )


def _varied(specs: list[TrainingSpec]) -> list[str]:
    names = [field.name for field in fields(TrainingSpec) if field.name != "cell"]
    return [name for name in names if len({getattr(spec, name) for spec in specs}) > 1]


def _label(spec: TrainingSpec, varied: list[str]) -> str:
    values = ((name.replace("_", " "), getattr(spec, name)) for name in varied)
    told = [
        name if value is True else f"{name} {value}"
        for name, value in values
        if value is not None and value is not False
    ]
    return ", ".join([CELLS[spec.cell].name, *told])

"""Groups of runs that differ only in their seed: how often and how soon they solve the task."""

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
    """Runs with the same settings and different seeds.

    Attributes:
        label: the cell and the settings that differ from the experiment's other groups.
        spec: the shared settings, with seed 0.
        trials: seed -> trial.
        results: seed -> result of each finished run.
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
        """The share of finished runs that solved the task."""
        solved = sum(result.solved_at is not None for result in self.results.values())
        return share(solved, len(self.results))

    @cached_property
    def updates(self) -> dict[int, float]:
        """Seed -> updates until solved; the whole budget, a lower bound, if it was not solved."""
        return {
            seed: float(result.solved_at or self.trials[seed].updates)
            for seed, result in self.results.items()
        }

    @cached_property
    def scores(self) -> dict[int, float]:
        """Seed -> last score, without runs whose score is not finite."""
        return by_seed([(seed, result.score) for seed, result in self.results.items()])

    @cached_property
    def score(self) -> Interval:
        """The median of `scores` with its bootstrap interval."""
        return interval(list(self.scores.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the group as a dictionary for JSON."""
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
            return f"{self.label}: no finished run yet"
        median = interval(list(self.updates.values())).estimate
        half = 2 * self.solved.count > self.solved.of  # else the median run is unsolved
        when = f" after a median of {median:,.0f} updates" if half else ""
        return f"{self.label}: solved {self.solved}{when}; score {self.score}"


def groups(experiment: Experiment, results: Mapping[Trial, Result]) -> tuple[Group, ...]:
    """Group the trials of ``experiment`` by everything but the seed, in its order.

    Args:
        results: trial -> result. Missing trials have no result yet.
    """
    by_settings: dict[TrainingSpec, dict[int, Trial]] = {}
    for trial in experiment.trials:
        by_settings.setdefault(replace(trial.spec, seed=0), {})[trial.spec.seed] = trial
    varied = _varied(list(by_settings))
    return tuple(
        Group(
            _label(spec, varied),
            spec,
            trials,
            {seed: results[trial] for seed, trial in trials.items() if trial in results},
        )
        for spec, trials in by_settings.items()
    )


def _varied(specs: list[TrainingSpec]) -> list[str]:
    names = [field.name for field in fields(TrainingSpec) if field.name != "cell"]
    return [name for name in names if len({getattr(spec, name) for spec in specs}) > 1]


def _label(spec: TrainingSpec, varied: list[str]) -> str:
    values = ((name.replace("_", " "), getattr(spec, name)) for name in varied)
    varying = [
        name if value is True else f"{name} {value}"
        for name, value in values
        if value is not None and value is not False
    ]
    return ", ".join([CELLS[spec.cell].name, *varying])

"""A question asked of many runs, as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from gatesviz.experiments.trial import Trial
from gatesviz.limits import EXPERIMENT_RUNS
from gatesviz.training import TrainingSpec


@dataclass(frozen=True)
class Experiment:
    """A question and the runs that answer it.

    Attributes:
        name: for files and commands.
        question: a sentence.
        specs: what is trained; each once, in the order of the answers.
        updates: of each run, at most.
        until_solved: whether a run ends at the first score that solves its task.

    Raises:
        ValueError: if there are no runs or too many, the same one twice, or too many updates.
    """

    name: str
    question: str
    specs: tuple[TrainingSpec, ...]
    updates: int
    until_solved: bool = True

    def __post_init__(self) -> None:
        EXPERIMENT_RUNS.check(len(self.specs))
        if len(set(self.specs)) < len(self.specs):
            raise ValueError(f"the experiment {self.name!r} asks for the same run twice")
        _ = self.trials

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """One for each of `specs`, in their order."""
        return tuple(Trial(spec, self.updates, self.until_solved) for spec in self.specs)


def grid(
    settings: Mapping[str, Any], *axes: Iterable[Mapping[str, Any]]
) -> tuple[TrainingSpec, ...]:
    """Return one spec for every way to take one choice of each axis; the last axis goes fastest.

    Args:
        settings: what all have in common.
        axes: each the choices along it; a choice sets one or several attributes of the spec.

    Raises:
        TypeError, ValueError: where `TrainingSpec` refuses a setting.
    """
    specs = []
    for choices in product(*axes):
        merged = dict(settings)
        for choice in choices:
            merged |= choice
        specs.append(TrainingSpec(**merged))
    return tuple(specs)

"""One run that an experiment asks for, and the name that its result is kept under."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields
from functools import cache, cached_property
from importlib.metadata import version
from itertools import product
from typing import Any

from gatesviz.limits import EXPERIMENT_RUNS, RUN_UPDATES
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.training.spec import REAL

FORMAT = 3
"""To be raised when the same spec comes to other numbers, the usual value of a setting changes, or
results are written otherwise."""


@dataclass(frozen=True)
class Trial:
    """A run of training and when it ends.

    Attributes:
        spec: what is trained.
        updates: how many at most.
        until_solved: whether it ends at the first score that solves its task.

    Raises:
        ValueError: if the number of updates is not allowed.
    """

    spec: TrainingSpec
    updates: int
    until_solved: bool = True

    def __post_init__(self) -> None:
        RUN_UPDATES.check(self.updates)

    @cached_property
    def told(self) -> dict[str, Any]:
        """All that its result depends on, as JSON can hold it.

        A setting at its usual value is left out: one that is new leaves earlier results alone. Of
        own data there is a hash alone, so that what is kept does not hold the data.
        """
        return {
            "format": FORMAT,
            "torch": torch_version(),
            "spec": {each.name: self._plain(each) for each in fields(self.spec) if self._set(each)},
            "updates": self.updates,
            "until_solved": self.until_solved,
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of `told`, in hexadecimal: equal trials have equal keys, in every process."""
        return hashlib.sha256(json.dumps(self.told, sort_keys=True).encode()).hexdigest()

    def _set(self, field: "Field[Any]") -> bool:
        return bool(getattr(self.spec, field.name) != field.default)

    def _plain(self, field: "Field[Any]") -> Any:
        value = getattr(self.spec, field.name)
        if isinstance(value, OwnData):
            return {"own": value.digest}
        # Specs with 1 and 1.0 are equal, so they are written alike.
        return float(value) if field.name in REAL and value is not None else value


@cache
def torch_version() -> str:
    """Return PyTorch's version, without loading it; it is looked up on the disk, hence once."""
    return version("torch")


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

"""An experiment as plain data: a question and the trials that answer it."""

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
"""Version of stored results. Raise it when the same spec gives other numbers, when the default of a
setting changes, or when the file format changes."""


@dataclass(frozen=True)
class Trial:
    """One training run and when it ends.

    Attributes:
        spec: the settings of the run.
        updates: the most updates it may take.
        until_solved: whether it ends at the first score that solves its task.

    Raises:
        ValueError: if the number of updates is outside its limit.
    """

    spec: TrainingSpec
    updates: int
    until_solved: bool = True

    def __post_init__(self) -> None:
        RUN_UPDATES.check(self.updates)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that the result depends on, ready for JSON.

        Settings at their default are left out, so a new setting leaves stored results valid. User
        data appears as a hash only, so the stored file does not contain the data.
        """
        return {
            "format": FORMAT,
            "torch": torch_version(),
            "spec": {
                each.name: self._json(each) for each in fields(self.spec) if self._changed(each)
            },
            "updates": self.updates,
            "until_solved": self.until_solved,
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of `to_dict` in hexadecimal: equal trials have equal keys in every process."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def _changed(self, field: "Field[Any]") -> bool:
        return bool(getattr(self.spec, field.name) != field.default)

    def _json(self, field: "Field[Any]") -> Any:
        value = getattr(self.spec, field.name)
        if isinstance(value, OwnData):
            return {"own": value.digest}
        # Specs with 1 and 1.0 are equal, so both become 1.0.
        return float(value) if field.name in REAL and value is not None else value


@cache
def torch_version() -> str:
    """Return PyTorch's version without importing torch. The first call reads the disk."""
    return version("torch")


@dataclass(frozen=True)
class Experiment:
    """A question and the runs that answer it.

    Attributes:
        name: a short name for files and commands.
        question: the question, as a sentence.
        specs: the settings of each run, without repetition, in the order of the results.
        updates: the most updates of a run.
        until_solved: whether a run ends at the first score that solves its task.

    Raises:
        ValueError: if there is no run, a run appears twice, or runs or updates exceed their limit.
    """

    name: str
    question: str
    specs: tuple[TrainingSpec, ...]
    updates: int
    until_solved: bool = True

    def __post_init__(self) -> None:
        EXPERIMENT_RUNS.check(len(self.specs))
        if len(set(self.specs)) < len(self.specs):
            raise ValueError(f"experiment {self.name!r}: the same run appears twice. Remove one.")
        _ = self.trials

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """One trial for each of `specs`, in the same order."""
        return tuple(Trial(spec, self.updates, self.until_solved) for spec in self.specs)


def grid(
    settings: Mapping[str, Any], *axes: Iterable[Mapping[str, Any]]
) -> tuple[TrainingSpec, ...]:
    """Return one spec for every combination of choices; the last axis varies fastest.

    Args:
        settings: settings that all specs share.
        axes: the choices along each axis. A choice sets one or more attributes of the spec.

    Raises:
        TypeError, ValueError: if `TrainingSpec` refuses a setting.
    """
    specs = []
    for choices in product(*axes):
        merged = dict(settings)
        for choice in choices:
            merged |= choice
        specs.append(TrainingSpec(**merged))
    return tuple(specs)

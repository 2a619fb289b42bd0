"""One run that an experiment asks for, and the name that its result is kept under."""

import hashlib
import json
from dataclasses import Field, dataclass, fields
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any

from gatesviz.limits import RUN_UPDATES
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

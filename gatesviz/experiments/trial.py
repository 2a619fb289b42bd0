"""One run that an experiment asks for, and the name that its result is kept under."""

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any

from gatesviz.limits import RUN_UPDATES
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.training.spec import REAL

FORMAT = 2
"""To be raised when the same spec comes to other numbers, or results are written otherwise."""


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
        """All that its result depends on, as JSON can hold it."""
        return {
            "format": FORMAT,
            "torch": torch_version(),
            "spec": {field.name: self._plain(field.name) for field in fields(self.spec)},
            "updates": self.updates,
            "until_solved": self.until_solved,
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of `told`, in hexadecimal: equal trials have equal keys, in every process."""
        return hashlib.sha256(json.dumps(self.told, sort_keys=True).encode()).hexdigest()

    def _plain(self, name: str) -> Any:
        value = getattr(self.spec, name)
        if isinstance(value, OwnData):
            return value.plain()
        # Specs with 1 and 1.0 are equal, so they are written alike.
        return float(value) if name in REAL and value is not None else value


@cache
def torch_version() -> str:
    """Return PyTorch's version, without loading it; it is looked up on the disk, hence once."""
    return version("torch")

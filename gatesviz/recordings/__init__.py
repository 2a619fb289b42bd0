"""Recordings: ``record(module, inputs) -> Recording``, and ``load(path)`` from a file.

module, inputs → `modules`, `inputs` (checked) → `layers` (one of the `scans` each, made by `tap`,
`loops` or `fused`) → `recorder` (tensors end) → `recording` → `files`, `frames`, the player

A file → `opening` (header and dtypes) → `soundness` (do its arrays fit?) → `files` → `recording`;
`replacing` writes one, whole or not at all.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatesviz.recordings import files
from gatesviz.recordings.recording import Recording

if TYPE_CHECKING:
    from gatesviz.recordings.recorder import record as record

__all__ = ["Recording", "load", "record"]


def load(path: str | Path) -> Recording:
    """Read what `Recording.save` wrote. Nothing in the file is executed.

    Raises:
        ValueError: if it is no recording, or a damaged one; the sentence says what is wrong.
        OSError: if it cannot be opened.
    """
    return Recording(*files.read(path))


def __getattr__(name: str) -> Any:
    """Load `record`, and torch with it, when it is first used: files are read without."""
    if name != "record":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gatesviz.recordings.recorder import record

    return record

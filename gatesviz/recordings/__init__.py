"""Recordings: ``record(module, inputs) -> Recording``, and ``load(path)`` from a file.

module, inputs → `modules` (its `behaviour`, its `weights`), `inputs` (checked; `refusals` say what
to pass instead) → `layers` (one of the `scans` each, made by `onednn`, `loops` or `fused`) →
`recorder` (tensors end) → `recording` → `files`, `frames`, the player

A whole model while it runs → `inside` (who called which of the `kernels`) → the same recordings

A file → `opening` (header and dtypes) → `soundness` (do its arrays fit?) → `files` → `recording`;
`replacing` writes one, whole or not at all.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatesviz.recordings import files
from gatesviz.recordings.recording import Recording

if TYPE_CHECKING:
    from gatesviz.recordings.inside import Recordings as Recordings
    from gatesviz.recordings.inside import record_inside as record_inside
    from gatesviz.recordings.recorder import record as record

__all__ = ["Recording", "Recordings", "load", "record", "record_inside"]
_HOME = {"Recordings": "inside", "record": "recorder", "record_inside": "inside"}


def load(path: str | Path) -> Recording:
    """Read what `Recording.save` wrote. Nothing in the file is executed.

    Raises:
        ValueError: if it is no recording, or a damaged one; the sentence says what is wrong.
        OSError: if it cannot be opened.
    """
    return Recording(*files.read(path))


def __getattr__(name: str) -> Any:
    """Load what computes with tensors, and torch with it, when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"gatesviz.recordings.{_HOME[name]}"), name)

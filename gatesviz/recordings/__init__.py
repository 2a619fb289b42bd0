"""Recordings: ``record(module, inputs) -> Recording``, and ``load(path)`` from a file.

module, inputs → `modules` (its `behaviour`, its `weights`), `inputs` (checked; `refusals` has the
errors) → `layers` (one of the `scans` each, by `onednn`, `loops` or `fused`) → `recorder` (tensors
become arrays) → `recording` → `files`, `frames`, the player

edits → `edits` (and `edit_places`; `edit_text` for links) → `edited` (the cell's equations, step by
step, in place of the scans)

a running model → `inside` (finds the calls of `kernels`) → recordings; those of a loop → `join`

a file → `safe_files` (header and dtypes) → `validation` (shapes) → `files` → `recording`;
`atomic_write` writes a file completely or not at all
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatesviz.recordings import files
from gatesviz.recordings.edits import Edit
from gatesviz.recordings.join import join
from gatesviz.recordings.recording import Recording

if TYPE_CHECKING:
    from gatesviz.recordings.inside import Recordings as Recordings
    from gatesviz.recordings.inside import record_inside as record_inside
    from gatesviz.recordings.recorder import record as record

__all__ = ["Edit", "Recording", "Recordings", "join", "load", "record", "record_inside"]
_HOME = {"Recordings": "inside", "record": "recorder", "record_inside": "inside"}


def load(path: str | Path) -> Recording:
    """Read a recording that `Recording.save` wrote. Nothing in the file is executed.

    Raises:
        ValueError: if it is not a recording, or damaged; the message says what is wrong.
        OSError: if it cannot be opened.
    """
    return Recording(*files.read(path))


def __getattr__(name: str) -> Any:
    """Load the modules that need torch at first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"gatesviz.recordings.{_HOME[name]}"), name)

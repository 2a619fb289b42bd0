"""The static pages, written once for all tests of a run: their numbers take seconds to measure."""

import fcntl
import os
from pathlib import Path

import pytest

from gatesviz.export import export_site


def exported(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the pages. Workers of one run share it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / "exported" / "new"
    with (root / "exported.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "index.html").exists():
            export_site(folder)
    return folder

"""Loaded once, where worker processes are forked from, so that each is ready in milliseconds."""

import os
import signal
import sys
from types import TracebackType

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that started this one
GONE = (FileNotFoundError, EOFError, ConnectionError)
"""Errors of a process whose starter ended before it was ready: semaphores and pipes are gone."""


def _report(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Print an error of a new process, unless only its starter has ended."""
    if not isinstance(error, GONE):
        sys.__excepthook__(kind, error, at)


sys.excepthook = _report
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded, so before it

from gatesviz.engine.slices import prepare  # noqa: E402, after what NumPy reads

prepare()  # loads torch, and what it loads at its first update

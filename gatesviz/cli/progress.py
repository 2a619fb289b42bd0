"""Runs of an experiment from a terminal: how far they are, and stopping them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatesviz.experiments import Experiment, ExperimentRun, Progress

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a second thread slows models this small
STOPPED = 130  # as a shell says that Ctrl+C ended a command


def measured(experiment: "Experiment") -> "ExperimentRun":
    """Return ``experiment`` when all its runs are finished; progress goes to the error stream."""
    from gatesviz.experiments import begin

    asking = begin(experiment)
    try:
        while (progress := asking.wait(1.0)).running:
            show_line(_line(experiment.name, progress))
    finally:
        asking.stop()
        show_line("")
    for message in progress.messages:
        print(message, file=sys.stderr)
    return asking


@contextmanager
def resumable() -> Iterator[None]:
    """End with a sentence on Ctrl+C, and end the workers in any case."""
    from gatesviz.engine import stop_engine

    try:
        yield
    except KeyboardInterrupt:
        told = "stopped; finished runs are kept, and the same command goes on from there"
        print(told, file=sys.stderr)
        sys.exit(STOPPED)
    finally:
        stop_engine()


def _line(name: str, progress: "Progress") -> str:
    left = progress.seconds_left
    most = "" if left is None else f", at most {max(left, 1):,.0f} s left"
    return f"{name}: {progress.done} of {progress.of} runs{most}"


def show_line(line: str) -> None:
    """Write over the last line, where somebody looks."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

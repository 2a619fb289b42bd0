"""Runs of an experiment in a terminal: progress and stopping."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatesviz.experiments import Experiment, ExperimentRun, Progress

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a second thread slows models this small
STOPPED = 130  # what a shell reports after Ctrl+C


def measured(experiment: "Experiment") -> "ExperimentRun":
    """Run ``experiment`` to its end, with progress on the error stream, and return the run."""
    from gatesviz.experiments import begin

    run = begin(experiment)
    try:
        while (progress := run.wait(1.0)).running:
            show_line(_line(experiment.name, progress))
    finally:
        run.stop()
        show_line("")
    for message in progress.messages:
        print(message, file=sys.stderr)
    return run


@contextmanager
def resumable() -> Iterator[None]:
    """Print a sentence on Ctrl+C, and stop the workers in any case."""
    from gatesviz.engine import stop_engine

    try:
        yield
    except KeyboardInterrupt:
        text = "Stopped. Finished runs are saved. Run the same command again to continue."
        print(text, file=sys.stderr)
        sys.exit(STOPPED)
    finally:
        stop_engine()


def _line(name: str, progress: "Progress") -> str:
    left = progress.seconds_left
    most = "" if left is None else f", at most {max(left, 1):,.0f} s left"
    return f"{name}: {progress.done} of {progress.of} runs{most}"


def show_line(line: str) -> None:
    """Overwrite the last line of the error stream if it is a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

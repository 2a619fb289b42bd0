"""Runs of an experiment in a terminal: progress and stopping."""

import os
import signal
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


class Terminated(KeyboardInterrupt):
    """The system asked this process to end, which is met like Ctrl+C.

    Attributes:
        status: what a shell reports then.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


@contextmanager
def resumable() -> Iterator[None]:
    """Print a sentence on Ctrl+C and on a request to end, and stop the workers in any case."""
    from gatesviz.engine import stop_engine

    try:
        with _requests_to_end():
            try:
                yield
            finally:
                stop_engine()
    except KeyboardInterrupt as stop:
        text = "Stopped. Finished runs are saved. Run the same command again to continue."
        print(text, file=sys.stderr)
        sys.exit(getattr(stop, "status", STOPPED))


@contextmanager
def _requests_to_end() -> Iterator[None]:
    """Raise `Terminated` once on SIGTERM and SIGHUP, so that workers and pipes are closed.

    Otherwise this process ends at once, and its helpers report what it left behind.
    """

    def end(number: int, _: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler is signal.SIG_DFL}
    for number in before:  # one that nohup ignores stays ignored
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _line(name: str, progress: "Progress") -> str:
    left = progress.seconds_left
    most = "" if left is None else f", at most {max(left, 1):,.0f} s left"
    return f"{name}: {progress.done} of {progress.of} runs{most}"


def show_line(line: str) -> None:
    """Overwrite the last line of the error stream if it is a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

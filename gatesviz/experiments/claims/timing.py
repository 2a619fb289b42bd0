"""Time of an update: measured here and now, the cells in turn, through the training loop."""

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from gatesviz.cells import CELLS
from gatesviz.engine.processes import PoolExecutor
from gatesviz.experiments.claims.claim import Comparison, Point, Said
from gatesviz.experiments.claims.settings import TASKS
from gatesviz.experiments.result import Machine, machine
from gatesviz.experiments.statistics import below, paired_ratio
from gatesviz.training import TrainingSpec

SENTENCE = "GRUs train faster: an update takes less time."
MEASURES = (
    "Processor time of an update through the same loop as all training here, one thread, the cells"
    " taking turns. Yes if the ratio GRU / LSTM lies below 1."
)
COMPARED = ("rnn_tanh", "gru", "lstm")
ROUNDS, UPDATES = 12, 8
PATIENCE = 120.0  # seconds


@dataclass(frozen=True)
class Times:
    """What was measured.

    Attributes:
        seconds: cell -> processor seconds of one update, one for each round.
        specs: cell -> what was trained.
        machine: on what.
    """

    seconds: Mapping[str, tuple[float, ...]]
    specs: Mapping[str, TrainingSpec]
    machine: Machine

    def said(self) -> Said:
        """Return the verdict: GRU against LSTM first, then each against the RNN."""
        pairs = (("gru", "lstm"), ("gru", "rnn_tanh"), ("lstm", "rnn_tanh"))
        points = tuple(
            Point(CELLS[cell].name, cell, None, turn, 1_000 * seconds)
            for cell, all_of_it in self.seconds.items()
            for turn, seconds in enumerate(all_of_it)
        )
        return Said(tuple(self._compared(*pair) for pair in pairs), points)

    def _compared(self, one: str, other: str) -> Comparison:
        first, second = (dict(enumerate(self.seconds[cell])) for cell in (one, other))
        label = f"time of an update, {CELLS[one].name} / {CELLS[other].name}"
        found = paired_ratio(first, second, "round")
        return Comparison(label, found, below(found, 1, label[0].upper() + label[1:]))


def times(task: str = "temporal_order", rounds: int = ROUNDS) -> Times:
    """Return the time of an update of each cell; takes a second or two, in this process.

    The cells take turns, so that a machine that becomes busy slows all of them.

    Raises:
        ValueError: if ``task`` is none of the claims'.
    """
    from gatesviz.training import advance, start

    if task not in TASKS:
        raise ValueError(f"task is {task!r}, one of {', '.join(TASKS)} is wanted")
    settings = TASKS[task][0]
    specs = {cell: TrainingSpec(**settings, cell=cell) for cell in COMPARED}
    states = {cell: advance(start(spec), 2)[0] for cell, spec in specs.items()}
    seconds: dict[str, list[float]] = {cell: [] for cell in COMPARED}
    for turn in range(rounds):
        for k in range(len(COMPARED)):
            cell = COMPARED[(turn + k) % len(COMPARED)]
            began = time.thread_time()
            advance(states[cell], UPDATES)
            seconds[cell].append((time.thread_time() - began) / UPDATES)
    return Times({cell: tuple(told) for cell, told in seconds.items()}, specs, machine())


def begin_times(task: str = "temporal_order") -> "Future[Times]":
    """Return `times`, to come from a process of its own: a page must not train in the server's."""
    pool = PoolExecutor(1, timeout=PATIENCE)
    try:
        return pool.submit(times, task)
    finally:
        pool.shutdown(wait=False)

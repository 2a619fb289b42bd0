"""Measurements before a search: the time of an update, and forecasts without a network."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median

from gatesviz.engine.background import BackgroundCalls, run_in_process
from gatesviz.experiments.claims.benchmarks import processor_times, seconds
from gatesviz.experiments.claims.settings import CELLS
from gatesviz.experiments.search.baselines import Baselines, baselines
from gatesviz.experiments.search.setting import searched, setting
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.training.snapshots import SCORED_EVERY
from gatesviz.training.threads import alone

SIZES = (8, 16, 32, 64)
BEFORE, UPDATES = 9, 4
"""Updates 10 to 13 are timed: none of them is followed by scoring."""
ROUNDS = 3
PATIENCE = 300.0  # seconds


@dataclass(frozen=True, eq=False)
class Pilot:
    """Measurements on the data before a search.

    Attributes:
        seconds: (cell, hidden units) -> processor seconds of an update with its share of scoring.
        baselines: forecasts without a network on the held-out part.
        load: seconds of real time for one processor second; above 1 on a busy machine.
    """

    seconds: Mapping[tuple[str, int], float]
    baselines: Baselines
    load: float = 1.0


@alone()
def pilot(data: OwnData) -> Pilot:
    """Time each cell with each number of hidden units in `SIZES`, and forecast without a network.

    Raises:
        ValueError: if an update of the largest model is too large.
    """
    length = searched(data).task.length
    specs = {
        f"{choice['cell']} {units}": setting(data, choice["cell"], units, length=length)
        for units in SIZES
        for choice in CELLS
    }
    began, spent = time.monotonic(), time.thread_time()
    times = processor_times({name: _updates(spec) for name, spec in specs.items()}, ROUNDS)
    found = {
        (spec.cell, spec.hidden_size): median(times[name]) / 1_000 / UPDATES + _score(spec)
        for name, spec in specs.items()
    }
    spent = time.thread_time() - spent
    load = max(1.0, (time.monotonic() - began) / spent)
    return Pilot(found, baselines(data), load)


def _updates(spec: TrainingSpec) -> Callable[[], object]:
    from gatesviz.training import advance, start

    return partial(advance, advance(start(spec), BEFORE)[0], UPDATES)


def _score(spec: TrainingSpec) -> float:
    """Return the time of scoring the held-out samples, divided by the updates between scores."""
    from gatesviz.training import start
    from gatesviz.training.samples import held_out

    model, batch = start(spec).model, held_out(spec)
    return seconds(lambda: spec.learned.score(model.outputs(batch.inputs), batch)) / SCORED_EVERY


PILOTS: BackgroundCalls[Pilot] = BackgroundCalls(32)
"""Digest of the data -> this process's measurements on it."""


def begin_pilot(data: OwnData) -> None:
    """Run `pilot` in its own process, unless another one is running."""
    PILOTS.begin(data.digest, partial(run_in_process, PATIENCE, pilot, data))

"""What is measured before a search: the time of an update, and what learning nothing scores."""

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from gatesviz.engine.processes import apart
from gatesviz.experiments.claims.settings import CELLS, OWN
from gatesviz.training import OwnData, TrainingSpec
from gatesviz.training.snapshots import SCORED_EVERY

SIZES = (8, 16, 32)
PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Pilot:
    """What is known of some data before anything is searched.

    Attributes:
        seconds: (cell, units) -> seconds of one update, with its share of the scores.
        references: name -> score of an answer that learns nothing, on what the data's task holds
            out.
    """

    seconds: Mapping[tuple[str, int], float]
    references: Mapping[str, float]


def setting(data: OwnData, cell: str, units: int, **more: object) -> TrainingSpec:
    """Return a run of a search.

    Raises:
        ValueError: if it is not allowed; an update may be too large.
    """
    return TrainingSpec(**{**OWN, "task": data, "cell": cell, "hidden_size": units, **more})


def pilot(data: OwnData) -> Pilot:
    """Measure, in this process: each cell with each of `SIZES` units makes eight updates.

    Raises:
        ValueError: if an update of the largest model is too large to take turns.
    """
    from gatesviz.training.samples import held_out

    cells = [choice["cell"] for choice in CELLS]
    specs = {(cell, units): setting(data, cell, units) for units in SIZES for cell in cells}
    seconds = {which: _seconds(spec) for which, spec in specs.items()}
    return Pilot(seconds, data.task.references(held_out(setting(data, cells[0], SIZES[0]))))


def begin_pilot(data: OwnData) -> "Future[Pilot]":
    """Return `pilot`, to come from a process of its own.

    Raises:
        UnreachableError: if the system grants no process.
    """
    return apart(PATIENCE, pilot, data)


def _seconds(spec: TrainingSpec) -> float:
    """Return the seconds of an update; after the first four, the next score is at the eighth."""
    from gatesviz.training import advance, start

    state, _ = advance(start(spec), 4)
    began = time.perf_counter()
    state, _ = advance(state, 3)
    plain = (time.perf_counter() - began) / 3
    began = time.perf_counter()
    advance(state, 1)
    score = max(0.0, time.perf_counter() - began - plain)
    return plain + score / SCORED_EVERY

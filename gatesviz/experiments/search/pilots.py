"""Measurements before a search: the time of an update, and forecasts without a network."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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

SIZES = (16, 32, 8, 64)
"""Hidden units to time, in this order: the smallest search needs the first."""
LONGEST = 10.0
"""Seconds after which no further size is timed: a search has minutes, and a machine may be busy."""
BEFORE, UPDATES = 9, 4
"""Updates 10 to 13 are timed: none of them is followed by scoring."""
ROUNDS = 3
PATIENCE = 300.0  # seconds


@dataclass(frozen=True, eq=False)
class Pilot:
    """Measurements on the data before a search.

    Attributes:
        seconds: (cell, hidden units) -> processor seconds of an update with its share of scoring,
            for the hidden units that were timed.
        baselines: forecasts without a network on the held-out part.
        load: seconds of real time for one processor second; above 1 on a busy machine.
    """

    seconds: Mapping[tuple[str, int], float]
    baselines: Baselines
    load: float = 1.0

    def timed(self, sizes: Iterable[int]) -> bool:
        """Return whether all ``sizes`` were timed."""
        return {*sizes} <= {size for _, size in self.seconds}


@alone()
def pilot(data: OwnData, needed: Sequence[int] = SIZES[:1]) -> Pilot:
    """Time each cell with the hidden units of `SIZES`, and forecast without a network.

    Sizes that are too large for the data are left out, and so are the last ones if the first take
    more than `LONGEST` seconds.

    Args:
        data: all the data.
        needed: sizes that are never left out.

    Raises:
        ValueError: if an update of a needed size is too large.
    """
    length = searched(data).task.length
    began, spent = time.monotonic(), time.thread_time()
    found: dict[tuple[str, int], float] = {}
    for units in dict.fromkeys((*needed, *SIZES)):
        if units not in needed and time.monotonic() - began > LONGEST:
            break
        try:
            found |= _timed(data, units, length)
        except ValueError:
            if units in needed:
                raise
    spent = time.thread_time() - spent
    load = max(1.0, (time.monotonic() - began) / spent)
    return Pilot(found, baselines(data), load)


def _timed(data: OwnData, units: int, length: int) -> dict[tuple[str, int], float]:
    """Return the seconds of an update of each cell with so many hidden units."""
    specs = {each["cell"]: setting(data, each["cell"], units, length=length) for each in CELLS}
    times = processor_times({cell: _updates(spec) for cell, spec in specs.items()}, ROUNDS)
    return {
        (cell, units): median(times[cell]) / 1_000 / UPDATES + _score(spec)
        for cell, spec in specs.items()
    }


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


def begin_pilot(data: OwnData, needed: Sequence[int] = SIZES[:1], person: str = "") -> None:
    """Run `pilot` in its own process, unless another one is running or comes first."""
    call = partial(run_in_process, PATIENCE, pilot, data, needed)
    PILOTS.begin(data.digest, call, person=person)

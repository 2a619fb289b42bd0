"""Plans of a search: the settings that fit into its minutes, the same for every cell."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from gatesviz.experiments.search.pilots import Pilot
from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import RUN_TOGETHER, SEARCH_MINUTES, SEEDS
from gatesviz.training.snapshots import SCORED_EVERY

RATES = (0.003, 0.01, 0.03)
LADDER: tuple[tuple[tuple[int, ...], int], ...] = (
    ((16,), 50),
    ((16,), 100),
    ((16,), 200),
    ((16, 32), 200),
    ((16, 32), 300),
    ((8, 16, 32), 300),
    ((8, 16, 32), 400),
    ((8, 16, 32), 600),
    ((8, 16, 32), 800),
    ((8, 16, 32), 1_200),
    ((8, 16, 32), 1_600),
    ((8, 16, 32), 2_400),
    ((8, 16, 32), 3_200),
)
"""Hidden units to try and updates of each run, from least to most. The steps are coarse, so that a
slightly faster or slower machine searches the same plan and finds its saved runs."""
MORE_SIZES = (16, 32, 8, 64)
MORE_RATES = (0.001, 0.1)
MOST_UPDATES = 12_800
"""If time is left, these hidden units and rates are added one by one, and runs get longer."""
START = 0.15  # seconds to begin and to end a run
FIRST = 0.6
"""Share of the minutes planned for the first search and its test. The rest allows for a slow
machine, or goes to a larger search and more seeds."""
BUSY = 1.5
"""A machine is called busy from this many seconds for one second of processor time."""
RESERVE = 0.85
"""Share of the minutes left after the measurement into which a search probably fits."""
SCORING, A_STEP = 8.0, 5e-5
"""Seconds to start the process that scores the models, and seconds for each step that it reads."""


@dataclass(frozen=True)
class Plan:
    """The settings of a search.

    Attributes:
        sizes: hidden units to try, each with every learning rate.
        updates: of every run.
        rates: learning rates to try.
        seeds: number of runs that test each cell's best setting; their seeds start at 1.
        seconds: estimated time; 0 before an estimate.
    """

    sizes: tuple[int, ...]
    updates: int
    rates: tuple[float, ...] = RATES
    seeds: int = FEWEST
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not FEWEST <= self.seeds <= SEEDS.high:
            raise ValueError(
                f"the plan tests {self.seeds} seeds, expected {FEWEST} to {SEEDS.high}"
            )

    @property
    def tried(self) -> int:
        """Number of settings for each cell."""
        return len(self.sizes) * len(self.rates)


def together(workers: int) -> int:
    """Return the number of runs that train at the same time."""
    return min(workers, RUN_TOGETHER.high)


def plan(known: Pilot, minutes: int, workers: int, spent: float = 0.0) -> Plan:
    """Return the first plan: the largest of `LADDER` that fits into `FIRST` of the minutes.

    If none fits, it is the smallest, which may take longer than the minutes: see `fits`.

    Args:
        known: the time of an update.
        minutes: for the whole search.
        workers: processes that train; an experiment trains at most `RUN_TOGETHER` runs at a time.
        spent: seconds that have passed.

    Raises:
        ValueError: if ``minutes`` is outside `SEARCH_MINUTES`.
    """
    SEARCH_MINUTES.check(minutes)
    plans = [
        estimated(known, Plan(sizes, updates), workers)
        for sizes, updates in LADDER
        if known.timed(sizes)
    ]
    fitting = [each for each in plans if each.seconds <= FIRST * (60 * minutes - spent)]
    return fitting[-1] if fitting else plans[0]


def fits(seconds: float, minutes: int, spent: float) -> bool:
    """Return whether ``seconds`` of work probably fit into what is left of the minutes."""
    return seconds <= RESERVE * (60 * minutes - spent)


def minutes_for(seconds: float, spent: float) -> int:
    """Return the fewest minutes into which ``seconds`` of work probably fit after ``spent``."""
    return max(1, ceil((spent + seconds / RESERVE) / 60))


def estimated(known: Pilot, planned: Plan, workers: int) -> Plan:
    """Return ``planned`` with the seconds that its search, test and scoring take."""
    cells = dict.fromkeys(cell for cell, _ in known.seconds)
    search = sum(
        len(planned.rates) * known.seconds[cell, size] for cell in cells for size in planned.sizes
    )
    test = sum(planned.seeds * known.seconds[cell, max(planned.sizes)] for cell in cells)
    runs = len(cells) * (planned.tried + planned.seeds)
    trained = planned.updates * (search + test) + runs * START
    return replace(planned, seconds=known.load * (trained / together(workers) + SCORING))


def smaller(planned: Plan) -> Iterator[Plan]:
    """Yield ``planned`` and the plans of `LADDER` below it, from most to least."""
    yield planned
    places = [place for place, (sizes, updates) in enumerate(LADDER)
              if (sizes, updates) == (planned.sizes, planned.updates)]  # fmt: skip
    for sizes, updates in reversed(LADDER[: places[0]] if places else ()):
        yield Plan(sizes, updates)


def larger(planned: Plan, improving: bool) -> Iterator[Plan]:
    """Yield plans that try everything in ``planned`` and more, the most useful first.

    Args:
        planned: the plan that was searched.
        improving: whether a cell's best score came in the second half of its updates, so that
            more updates may help.
    """
    if improving and planned.updates < MOST_UPDATES:
        half_more = 3 * planned.updates // 2 // SCORED_EVERY * SCORED_EVERY
        for updates in (2 * planned.updates, max(half_more, planned.updates + SCORED_EVERY)):
            yield replace(planned, updates=min(updates, MOST_UPDATES))
    for rate in [each for each in MORE_RATES if each not in planned.rates][:1]:
        yield replace(planned, rates=tuple(sorted({*planned.rates, rate})))
    for size in [each for each in MORE_SIZES if each not in planned.sizes][:1]:
        yield replace(planned, sizes=tuple(sorted({*planned.sizes, size})))

"""What a search tries in the minutes that it has: the same settings for every cell."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
"""Units that are tried and updates of every run, from the least to the most. There are few steps,
so that a machine that is a little faster or slower searches the same, and finds what is kept."""
MORE_SIZES = (16, 32, 8, 64)
MORE_RATES = (0.001, 0.1)
MOST_UPDATES = 12_800
"""Where time is left, these units and rates are added one by one, and runs are made longer."""
START = 0.15  # seconds to begin and to end a run
FIRST = 0.6
"""Share of the minutes that the first search and its test are planned for. What is left makes up
for a slow machine, or is used for a larger search and more seeds."""
RESERVE = 0.85
"""Share of the minutes that the smallest search must fit into."""
SCORING, A_STEP = 8.0, 5e-5
"""Seconds to start the process that scores the models, and for each step that a model reads."""


@dataclass(frozen=True)
class Plan:
    """A search.

    Attributes:
        sizes: units that are tried, with each of the learning rates.
        updates: of every run.
        rates: learning rates that are tried.
        seeds: how many runs test each cell's best setting; the test's seeds begin at 1.
        seconds: that it takes, about; 0 where nobody has estimated it.
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
        """Settings that each cell is tried with."""
        return len(self.sizes) * len(self.rates)


def together(workers: int) -> int:
    """Return how many runs of an experiment go on at a time."""
    return min(workers, RUN_TOGETHER.high)


def plan(known: Pilot, minutes: int, workers: int, spent: float = 0.0) -> Plan:
    """Return the search to begin with: the largest of `LADDER` that fits into `FIRST`.

    Args:
        known: how long an update takes.
        minutes: for everything.
        spent: seconds of them that are gone.
        workers: processes that train; an experiment has at most `RUN_TOGETHER` runs at a time.

    Raises:
        ValueError: if ``minutes`` is outside `SEARCH_MINUTES`, or not enough for the smallest.
    """
    SEARCH_MINUTES.check(minutes)
    plans = [estimated(known, Plan(sizes, updates), workers) for sizes, updates in LADDER]
    fitting = [each for each in plans if each.seconds <= FIRST * (60 * minutes - spent)]
    if not fitting:
        if plans[0].seconds <= RESERVE * 60 * minutes:
            return plans[0]
        least = -(-plans[0].seconds // (RESERVE * 60))
        raise ValueError(
            f"minutes of a search: got {minutes}, the smallest search takes about {least:,.0f}"
            " on this machine. Give it more minutes, or less data"
        )
    return fitting[-1]


def estimated(known: Pilot, planned: Plan, workers: int) -> Plan:
    """Return ``planned`` with the seconds that its search, its test and the scores take."""
    cells = dict.fromkeys(cell for cell, _ in known.seconds)
    search = sum(
        len(planned.rates) * known.seconds[cell, size] for cell in cells for size in planned.sizes
    )
    test = sum(planned.seeds * known.seconds[cell, max(planned.sizes)] for cell in cells)
    runs = len(cells) * (planned.tried + planned.seeds)
    trained = planned.updates * (search + test) + runs * START
    return replace(planned, seconds=known.load * (trained / together(workers) + SCORING))


def larger(planned: Plan, improving: bool) -> Iterator[Plan]:
    """Yield plans that try all that ``planned`` does and more, the most useful first.

    Args:
        planned: what was tried.
        improving: whether a cell's best score came in the second half of its updates, so that
            more of them may help.
    """
    if improving and planned.updates < MOST_UPDATES:
        half_more = 3 * planned.updates // 2 // SCORED_EVERY * SCORED_EVERY
        for updates in (2 * planned.updates, max(half_more, planned.updates + SCORED_EVERY)):
            yield replace(planned, updates=min(updates, MOST_UPDATES))
    for rate in [each for each in MORE_RATES if each not in planned.rates][:1]:
        yield replace(planned, rates=tuple(sorted({*planned.rates, rate})))
    for size in [each for each in MORE_SIZES if each not in planned.sizes][:1]:
        yield replace(planned, sizes=tuple(sorted({*planned.sizes, size})))

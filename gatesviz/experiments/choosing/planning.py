"""What a search tries in the minutes that it has: the same settings for every cell."""

from dataclasses import dataclass

from gatesviz.experiments.choosing.piloting import SIZES, Pilot
from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import RUN_TOGETHER, SEARCH_MINUTES

RATES = (0.003, 0.01, 0.03)
TEST_SEEDS = tuple(range(1, FEWEST + 1))
"""As few as can tell; the search itself uses seed 0."""
LADDER: tuple[tuple[tuple[int, ...], int], ...] = (
    ((16,), 50),
    ((16,), 100),
    ((16,), 200),
    ((16, 32), 200),
    ((16, 32), 400),
    (SIZES, 400),
    (SIZES, 800),
    (SIZES, 1_600),
    (SIZES, 3_200),
)
"""Units that are tried and updates of every run, from the least to the most. There are few steps,
so that a machine that is a little faster or slower searches the same, and finds what is kept."""
START = 0.15  # seconds to begin and to end a run
RESERVE = 0.85
"""Share of the minutes that is planned for: the pilot takes some, and others want to train."""


@dataclass(frozen=True)
class Plan:
    """A search.

    Attributes:
        sizes: units that are tried, with each of the learning rates.
        updates: of every run.
        rates: learning rates that are tried.
        seconds: that it takes, about; 0 where nobody has estimated it.
    """

    sizes: tuple[int, ...]
    updates: int
    rates: tuple[float, ...] = RATES
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        """Settings that each cell is tried with."""
        return len(self.sizes) * len(self.rates)


def plan(known: Pilot, minutes: int, workers: int) -> Plan:
    """Return the largest search of `LADDER` that fits.

    Args:
        known: how long an update takes.
        minutes: for everything.
        workers: processes that train; an experiment has at most `RUN_TOGETHER` runs at a time.

    Raises:
        ValueError: if ``minutes`` is outside `SEARCH_MINUTES`, or not enough for the smallest.
    """
    SEARCH_MINUTES.check(minutes)
    together = min(workers, RUN_TOGETHER.high)
    plans = [Plan(s, u, seconds=_seconds(known, s, u) / together) for s, u in LADDER]
    fitting = [each for each in plans if each.seconds <= RESERVE * 60 * minutes]
    if not fitting:
        least = -(-plans[0].seconds // (RESERVE * 60))
        raise ValueError(
            f"minutes of a search: {minutes} given, the smallest takes about {least:,.0f} here"
        )
    return fitting[-1]


def _seconds(known: Pilot, sizes: tuple[int, ...], updates: int) -> float:
    """Return the seconds of one worker: the search, and a test of the largest of each cell."""
    cells = dict.fromkeys(cell for cell, _ in known.seconds)
    search = sum(len(RATES) * known.seconds[cell, size] for cell in cells for size in sizes)
    test = sum(len(TEST_SEEDS) * known.seconds[cell, max(sizes)] for cell in cells)
    runs = len(cells) * (len(RATES) * len(sizes) + len(TEST_SEEDS))
    return updates * (search + test) + runs * START

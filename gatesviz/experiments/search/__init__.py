"""Which cell for data of one's own? The same small search for each, and a test on unseen data.

    >>> from gatesviz.experiments.search import Choosing
    >>> from gatesviz.training import own_series
    >>> choosing = Choosing(own_series(values, "sales"), minutes=2)       # doctest: +SKIP
    >>> choosing.wait().advice.sentences                                  # doctest: +SKIP

`piloting` takes the time of an update, and `baselines` forecasts without a network. `planning` says
what fits into the minutes. `search` tries its settings with each cell on the data without its
held-out part, then trains each cell's best with new seeds on the whole. `held_out` compares those
models with the baselines on the held-out part, and `advice` says what follows. `Search` does one
after the other.
"""

from gatesviz.experiments.search.advice import Advice, advise
from gatesviz.experiments.search.baselines import Baselines, baselines
from gatesviz.experiments.search.held_out import HeldOut, compare
from gatesviz.experiments.search.history import History, history, roll
from gatesviz.experiments.search.pilots import PILOTS, Pilot, pilot
from gatesviz.experiments.search.plans import Plan, plan
from gatesviz.experiments.search.search import FINISHED, TESTS, Search, SearchProgress, finished
from gatesviz.experiments.search.setting import searched
from gatesviz.experiments.search.trials import (
    Choice,
    choices,
    final_experiment,
    search_experiment,
)

__all__ = [
    "FINISHED",
    "PILOTS",
    "TESTS",
    "Advice",
    "Baselines",
    "Choice",
    "HeldOut",
    "History",
    "Pilot",
    "Plan",
    "Search",
    "SearchProgress",
    "advise",
    "baselines",
    "choices",
    "compare",
    "final_experiment",
    "finished",
    "history",
    "pilot",
    "plan",
    "roll",
    "search_experiment",
    "searched",
]

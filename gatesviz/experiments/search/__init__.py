"""Search for the best cell on your data: the same settings for each, and a test on unseen data.

    >>> from gatesviz.experiments.search import Search
    >>> from gatesviz.training import own_series
    >>> search = Search(own_series(values, "sales"), minutes=2)           # doctest: +SKIP
    >>> search.wait().advice.sentences                                    # doctest: +SKIP

`pilots` measures the time of an update, and `baselines` forecasts without a network. `plans` says
what fits into the minutes. `Search` tries the settings of a plan with each cell, on a training part
of which the last steps are set aside. It then trains each cell's best setting with new seeds on
the whole training part. `held_out` compares those models with the baselines on the held-out part,
and `advice` recommends a cell.
"""

from gatesviz.experiments.search.advice import Advice, advise
from gatesviz.experiments.search.baselines import Baselines, baselines
from gatesviz.experiments.search.held_out import HeldOut, compare
from gatesviz.experiments.search.history import History, history, roll
from gatesviz.experiments.search.pilots import PILOTS, Pilot, pilot
from gatesviz.experiments.search.plans import Plan, plan
from gatesviz.experiments.search.progress import PartialResult, SearchProgress
from gatesviz.experiments.search.search import FINISHED, TESTS, Search, finished
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
    "PartialResult",
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

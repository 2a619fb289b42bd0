"""Which cell for data of one's own? The same small search for each, and a test on unseen data.

    >>> from gatesviz.experiments.choosing import Choosing
    >>> from gatesviz.training import own_series
    >>> choosing = Choosing(own_series(values, "sales"), minutes=2)       # doctest: +SKIP
    >>> choosing.wait().advice.sentences                                  # doctest: +SKIP

`piloting` takes the time of an update, and `baselines` forecasts without a network. `planning` says
what fits into the minutes. `search` tries its settings with each cell on the data without its
held-out part, then trains each cell's best with new seeds on the whole. `held_out` compares those
models with the baselines on the held-out part, and `advice` says what follows. `Choosing` does one
after the other.
"""

from gatesviz.experiments.choosing.advice import Advice, advise
from gatesviz.experiments.choosing.baselines import Baselines, baselines
from gatesviz.experiments.choosing.held_out import HeldOut, compare
from gatesviz.experiments.choosing.history import History, history, roll
from gatesviz.experiments.choosing.piloting import PILOTS, Pilot, pilot
from gatesviz.experiments.choosing.planning import Plan, plan
from gatesviz.experiments.choosing.running import FINISHED, TESTS, Choosing, Standing, finished
from gatesviz.experiments.choosing.search import (
    Choice,
    choices,
    final_experiment,
    search_experiment,
)
from gatesviz.experiments.choosing.setting import searched

__all__ = [
    "FINISHED",
    "PILOTS",
    "TESTS",
    "Advice",
    "Baselines",
    "Choice",
    "Choosing",
    "HeldOut",
    "History",
    "Pilot",
    "Plan",
    "Standing",
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

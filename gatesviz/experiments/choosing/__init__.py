"""Which cell for data of one's own? The same small search for each, and a test on unseen data.

    >>> from gatesviz.experiments.choosing import Choosing
    >>> from gatesviz.training import own_series
    >>> choosing = Choosing(own_series(values, "sales"), minutes=2)       # doctest: +SKIP
    >>> choosing.wait().advice.sentences                                  # doctest: +SKIP

`piloting` takes the time of an update; `planning` says what fits in the minutes; `search` tries
the plan's settings with each cell on the data without its held-out part, then each cell's best with
new seeds on the whole; `advice` says what that tells. `Choosing` does one after the other.
"""

from gatesviz.experiments.choosing.advice import Advice, advise
from gatesviz.experiments.choosing.piloting import PILOTS, Pilot, pilot
from gatesviz.experiments.choosing.planning import Plan, plan
from gatesviz.experiments.choosing.running import Choosing, Standing, finished
from gatesviz.experiments.choosing.search import (
    Choice,
    choices,
    final_experiment,
    search_experiment,
)
from gatesviz.experiments.choosing.setting import searched

__all__ = [
    "PILOTS",
    "Advice",
    "Choice",
    "Choosing",
    "Pilot",
    "Plan",
    "Standing",
    "advise",
    "choices",
    "final_experiment",
    "finished",
    "pilot",
    "plan",
    "search_experiment",
    "searched",
]

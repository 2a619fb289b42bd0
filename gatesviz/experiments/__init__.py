"""Questions asked of many runs, and answered from results that are kept.

    >>> from gatesviz.experiments import begin, horizon_experiment, horizon_map
    >>> asking = begin(horizon_experiment())                              # doctest: +SKIP
    >>> asking.poll().done, asking.poll().seconds_left                    # doctest: +SKIP
    >>> horizon_map(asking.of())                                          # doctest: +SKIP

An `Experiment` is plain data: a question and its `Trial`s, each a spec and when it ends; `asking`
sends to the engine what the `store` lacks and takes in a `Result` of each. `horizon` and `clipping`
are experiments; `cliff` and `unfolding` need no runs. Importing this loads no torch.
"""

from gatesviz.experiments.cliff import WINDOWS, Descent, Surface, Unit, Window, descend, surface
from gatesviz.experiments.clipping import clipping_experiment
from gatesviz.experiments.experiment import Experiment, Trial, grid
from gatesviz.experiments.horizon import (
    HorizonMap,
    horizon_experiment,
    horizon_map,
    predicted,
    reach,
)
from gatesviz.experiments.result import Machine, Result
from gatesviz.experiments.runner import ExperimentRun, Progress, begin
from gatesviz.experiments.store import Store, results_store
from gatesviz.experiments.training_flow import Unfolding, unfold

__all__ = [
    "WINDOWS",
    "Descent",
    "Experiment",
    "ExperimentRun",
    "HorizonMap",
    "Machine",
    "Progress",
    "Result",
    "Store",
    "Surface",
    "Trial",
    "Unfolding",
    "Unit",
    "Window",
    "begin",
    "clipping_experiment",
    "descend",
    "grid",
    "horizon_experiment",
    "horizon_map",
    "predicted",
    "reach",
    "results_store",
    "surface",
    "unfold",
]

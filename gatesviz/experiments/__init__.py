"""Experiments: many training runs that answer one question, with results saved on disk.

    >>> from gatesviz.experiments import begin, horizon_experiment, horizon_map
    >>> run = begin(horizon_experiment())                                 # doctest: +SKIP
    >>> run.poll().done, run.poll().seconds_left                          # doctest: +SKIP
    >>> horizon_map(run.by_spec())                                        # doctest: +SKIP

An `Experiment` is plain data: a question and its `Trial`s. `runner` sends the trials without a
saved result to the engine and collects a `Result` of each. `horizon` and `clipping` are
experiments; `cliff` and `training_flow` need no runs. Importing this package does not load torch.
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

"""An experiment of this page, its results by what was trained."""

from collections.abc import Callable, Mapping

from gatesviz.experiments import Experiment, Result, Trial
from gatesviz.training import TrainingSpec
from gatesviz.ui import progress


def kept(experiment: Experiment) -> dict[TrainingSpec, Result]:
    """Return the results that are known, of this visit or another one."""
    return _by_spec(progress.known_results([experiment]))


def follow(
    experiment: Experiment,
    draw: Callable[[Mapping[TrainingSpec, Result]], None],
    *,
    lasts: str,
    unfinished: Callable[[], bool] = lambda: False,
) -> None:
    """Draw what is known, again and again while more is measured: `gatesviz.ui.progress`."""
    progress.follow(
        [experiment], lambda found: draw(_by_spec(found)), lasts=lasts, unfinished=unfinished
    )


def _by_spec(found: Mapping[Trial, Result]) -> dict[TrainingSpec, Result]:
    return {trial.spec: result for trial, result in found.items()}

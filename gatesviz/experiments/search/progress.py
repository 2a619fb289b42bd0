"""The progress of a search, and what is known if it stops before it recommends anything."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatesviz.cells import CELLS
from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.result import Result
from gatesviz.experiments.search.advice import Advice
from gatesviz.experiments.search.baselines import baseline_scores
from gatesviz.experiments.search.history import history
from gatesviz.experiments.search.pilots import Pilot
from gatesviz.experiments.search.plans import BUSY, Plan
from gatesviz.experiments.search.trials import ORDER, Choice
from gatesviz.training import OwnData

Stage = Literal[
    "waiting for another measurement",
    "measuring the time of an update",
    "searching",
    "testing",
    "forecasting the held-out part",
    "done",
    "failed",
]


@dataclass(frozen=True, eq=False)
class PartialResult:
    """What is known of a search that stopped without a recommendation.

    Attributes:
        baselines: name -> score on the held-out part of each forecast without a network: RMSE in
            standard deviations, or bits per character. Lower is better.
        steps: H, the number of held-out steps.
        unfinished: cell -> (finished runs, all runs) of the stage in which it stopped, for cells
            that were not finished.
        minutes: about how many a new search needs, which continues where this one stopped.
        sentences: all of this in words.
    """

    baselines: Mapping[str, float]
    steps: int
    unfinished: Mapping[str, tuple[int, int]]
    minutes: int
    sentences: tuple[str, ...]


def partial_result(
    data: OwnData,
    known: Pilot,
    stage: Stage,
    trials: Collection[Trial],
    seen: Collection[Trial],
    minutes: int,
) -> PartialResult:
    """Return what is known of a search that stopped in ``stage``.

    Args:
        data: all the data.
        known: the measurements before the search.
        stage: "searching" or a later one.
        trials: of the stage.
        seen: the finished trials.
        minutes: see `PartialResult`.
    """
    past = history(data)
    runs = {cell: [trial in seen for trial in trials if trial.spec.cell == cell] for cell in ORDER}
    unfinished = {cell: (sum(made), len(made)) for cell, made in runs.items() if not all(made)}
    scores = baseline_scores(known.baselines, past)
    metric = "bits per character" if past.size else "RMSE in standard deviations"
    listed = "; ".join(f"{name} {score:.3g}" for name, score in scores.items())
    sentences = (
        f"Without a network, {metric} on {past.held_out:,} held-out steps (lower is better):"
        f" {listed}.",
        _not_finished(stage, unfinished),
        f"To finish, a new search of the same data needs about {count(minutes)} on this"
        f" machine{busy(known)}. It continues where this one stopped, because finished runs are"
        " saved.",
    )
    return PartialResult(scores, past.held_out, unfinished, minutes, sentences)


def count(minutes: int) -> str:
    """Return "1 minute" or "5 minutes"."""
    return f"{minutes:,} minute{'' if minutes == 1 else 's'}"


def busy(known: Pilot) -> str:
    """Return ", which is busy now" if the machine was busy during the measurement, else ""."""
    return ", which is busy now" if known.load > BUSY else ""


def _not_finished(stage: Stage, unfinished: Mapping[str, tuple[int, int]]) -> str:
    """Return which cells were not finished."""
    if not unfinished:
        return "Every model is trained. The forecasts of the held-out part are not finished."
    listed = ", ".join(
        f"{CELLS[cell].name} ({made} of {of} runs)" for cell, (made, of) in unfinished.items()
    )
    if stage == "searching":
        return (
            f"Not finished in the search: {listed}. The test on the held-out part has not begun, so"
            " no cell can be recommended."
        )
    return f"Not finished in the test: {listed}. So no cell can be recommended."


@dataclass(frozen=True, eq=False)
class SearchProgress:
    """The progress of a search.

    Attributes:
        stage: the current stage; "failed" if the search can't continue, see `messages`.
        running: whether the search continues by itself.
        done, of: finished runs and all runs of the stage.
        seconds_left: at most, in this stage; None until known.
        known: the pilot's measurements; None until they are finished.
        plan: the settings to try; None until the pilot is finished.
        choices: cell -> its best setting, for cells whose search is finished.
        advice: the recommendation; None until every model has forecast the held-out part.
        results: every run so far.
        searched: sentences on how much was searched, and why not more; empty until the end.
        partial: what is known if the search stopped without a recommendation; else None.
        warning: a sentence if the minutes are probably too few; "" otherwise.
        messages: a sentence for each problem.
    """

    stage: Stage
    running: bool
    done: int = 0
    of: int = 0
    seconds_left: float | None = None
    known: Pilot | None = None
    plan: Plan | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    advice: Advice | None = None
    results: Mapping[Trial, Result] = field(default_factory=dict)
    searched: tuple[str, ...] = ()
    partial: PartialResult | None = None
    warning: str = ""
    messages: tuple[str, ...] = ()

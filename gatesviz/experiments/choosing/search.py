"""The runs of a search: every setting with each cell, then each cell's best with new seeds.

The search sees the data without the part that its task holds out: it learns from most of the rest
and is scored on the end of that. The test then learns from all the rest, with settings that are
fixed, and is scored on what was held out, once for each seed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gatesviz.experiments.choosing.planning import TEST_SEEDS, Plan
from gatesviz.experiments.choosing.setting import searched, setting
from gatesviz.experiments.claims.settings import CELLS
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.result import Result
from gatesviz.experiments.trial import Trial
from gatesviz.training import OwnData, TrainingSpec

ORDER = tuple(choice["cell"] for choice in CELLS)


@dataclass(frozen=True)
class Choice:
    """What the search found best for a cell.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        hidden_size, learning_rate: the setting.
        updates: after how many it scored best, which is where the test is scored.
        score: on the end of the data that the search saw.
        settings: how many were tried.
    """

    cell: str
    hidden_size: int
    learning_rate: float
    updates: int
    score: float
    settings: int


@lru_cache(maxsize=8)
def search_experiment(data: OwnData, planned: Plan) -> Experiment:
    """Return the search: RNN, GRU and LSTM with every setting, seed 0.

    Raises:
        ValueError: as `searched`.
    """
    seen = searched(data)
    specs = tuple(
        setting(seen, cell, size, learning_rate=rate, seed=0)
        for size in planned.sizes
        for rate in planned.rates
        for cell in ORDER
    )
    name = f"search-{data.digest[:8]}"
    question = "Which setting suits each cell?"
    return Experiment(name, question, specs, planned.updates, until_solved=False)


def choices(experiment: Experiment, results: Mapping[Trial, Result]) -> dict[str, Choice]:
    """Return cell -> its best setting, of cells all whose runs of the search are finished.

    A cell that came to no finite score has none.
    """
    found: dict[str, Choice] = {}
    for cell in ORDER:
        mine = [trial for trial in experiment.trials if trial.spec.cell == cell]
        if all(trial in results for trial in mine):
            best = [c for trial in mine if (c := _best(results[trial], len(mine))) is not None]
            if best:
                sign = _sign(mine[0].spec)
                found[cell] = max(best, key=lambda choice: sign * choice.score)
    return found


def final_experiment(data: OwnData, chosen: Mapping[str, Choice]) -> Experiment:
    """Return the test: each cell's choice with the seeds 1 to 6, on the whole data.

    Sequences are as long as in the search. Runs go on to the largest number of updates that was
    chosen for a cell.
    """
    length = searched(data).task.length
    specs = tuple(
        setting(
            data, cell, chosen[cell].hidden_size, seed=seed, length=length,
            learning_rate=chosen[cell].learning_rate,
        )
        for seed in TEST_SEEDS
        for cell in ORDER
        if cell in chosen
    )  # fmt: skip
    name = f"test-{data.digest[:8]}"
    question = "Which cell does best on what the search never saw?"
    updates = max(choice.updates for choice in chosen.values())
    return Experiment(name, question, specs, updates, until_solved=False)


def final_scores(
    experiment: Experiment, results: Mapping[Trial, Result], choice: Choice
) -> dict[int, float]:
    """Return seed -> score of ``choice`` after its number of updates, of finished runs.

    NaN where training broke off before.
    """
    mine = [trial for trial in experiment.trials if trial.spec.cell == choice.cell]
    return {t.spec.seed: score_at(results[t], choice.updates) for t in mine if t in results}


def score_at(result: Result, updates: int) -> float:
    """Return the score after ``updates``; NaN where the run ended before or it was not taken."""
    here = result.scores[result.scored == updates]
    return float(here[0]) if len(here) else float("nan")


def _best(result: Result, settings: int) -> Choice | None:
    finite = np.isfinite(result.scores)
    if not finite.any():
        return None
    spec, sign = result.trial.spec, _sign(result.trial.spec)
    place = int(np.argmax(np.where(finite, sign * result.scores, -np.inf)))
    return Choice(
        spec.cell,
        spec.hidden_size,
        spec.learning_rate,
        int(result.scored[place]),
        float(result.scores[place]),
        settings,
    )


def _sign(spec: TrainingSpec) -> int:
    return 1 if spec.learned.better == "higher" else -1

"""The runs of a search: every setting with each cell, then each cell's best with new seeds.

The search sees only the training part. It trains on most of it and scores windows of its end. The
test then trains on the whole training part with fixed settings, and each model forecasts the
held-out part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from gatesviz.experiments.claims.settings import CELLS
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Result
from gatesviz.experiments.search.plans import Plan
from gatesviz.experiments.search.setting import searched, setting
from gatesviz.experiments.store import Store
from gatesviz.training import OwnData, TrainedModel, TrainingSpec

ORDER = tuple(choice["cell"] for choice in CELLS)


@dataclass(frozen=True)
class Choice:
    """The best setting of a cell in the search.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        hidden_size, learning_rate: the setting.
        updates: number of updates at its best score, after which the test's runs end.
        score: on the end of the training part.
        settings: number of settings tried.
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
    """Return cell -> its best setting, for cells whose runs of the search are all finished.

    A cell without a finite score is left out.
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


@dataclass(frozen=True)
class FinalTest(Experiment):
    """An experiment whose runs end after different numbers of updates.

    Attributes:
        ends: the updates of each of `specs`, in their order.
    """

    ends: tuple[int, ...] = ()

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """One for each of `specs`, in their order."""
        pairs = zip(self.specs, self.ends, strict=True)
        return tuple(Trial(spec, end, self.until_solved) for spec, end in pairs)


def final_experiment(data: OwnData, chosen: Mapping[str, Choice], seeds: int) -> FinalTest:
    """Return the test: each cell's best setting with seeds 1 to ``seeds``, on all the data.

    Sequences are as long as in the search. Each run ends after the updates of its `Choice`.
    """
    length = searched(data).task.length
    specs = tuple(
        setting(
            data, cell, chosen[cell].hidden_size, seed=seed, length=length,
            learning_rate=chosen[cell].learning_rate,
        )
        for seed in range(1, seeds + 1)
        for cell in ORDER
        if cell in chosen
    )  # fmt: skip
    ends = tuple(chosen[spec.cell].updates for spec in specs)
    name = f"test-{data.digest[:8]}"
    question = "Which cell does best on data that the search never saw?"
    return FinalTest(name, question, specs, max(ends), until_solved=False, ends=ends)


def unfinished(data: OwnData, planned: Plan, results: Store) -> bool | None:
    """Return whether ``results`` holds a part of a plan's runs; None if it holds none of them."""
    search = search_experiment(data, planned)
    found = results.get_all(search.trials)
    if len(found) < len(search.trials):
        return True if found else None
    chosen = choices(search, found)
    if not chosen:  # no score is finite
        return False
    final = final_experiment(data, chosen, planned.seeds)
    return len(results.get_all(final.trials)) < len(final.trials)


def final_models(
    experiment: FinalTest, results: Mapping[Trial, Result]
) -> dict[str, tuple[TrainedModel, ...]]:
    """Return cell -> a model for each seed, for cells whose runs all finished."""
    found: dict[str, tuple[TrainedModel, ...]] = {}
    for cell in ORDER:
        mine = [results[t] for t in experiment.trials if t.spec.cell == cell and t in results]
        if mine and not any(result.stopped for result in mine):
            found[cell] = tuple(TrainedModel(r.trial.spec, r.updates, r.weights) for r in mine)
    return found


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

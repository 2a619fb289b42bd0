"""The claim about final scores, which is the most useful one for user data."""

from gatesviz.cells import GRU, LSTM
from gatesviz.experiments.claims.claim import Claim, Comparison
from gatesviz.experiments.claims.comparisons import (
    better,
    cell_name,
    difference,
    in_order,
    pairs,
    pick,
    score_points,
)
from gatesviz.experiments.claims.settings import TASKS, claim_experiment
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.groups import Group
from gatesviz.experiments.statistics import above
from gatesviz.training import OwnData


def _scores(groups: tuple[Group, ...]) -> tuple[Comparison, ...]:
    scores = {cell: better(g := pick(groups, cell), g.scores) for cell in in_order(LSTM, GRU)}
    return tuple(
        difference(
            scores[a],
            scores[b],
            f"advantage of the {cell_name(a)} over the {cell_name(b)} in score",
            above,
        )
        for a, b in pairs(LSTM, GRU)
    )


def _experiment(task: str | OwnData, seeds: int) -> Experiment:
    question = "Which cell scores best after full training?"
    return claim_experiment("score", question, task, seeds, until_solved=False)


CLAIMS = (
    Claim(
        key="score",
        sentence="After many updates, LSTMs score better than GRUs.",
        former=(
            "LSTMs do better than GRUs in the" + " end.",
            "After full training, LSTMs score better than GRUs.",
        ),
        measures=(
            "We score each model on held-out samples after its last allowed update. All cells have"
            " equal hidden units. “Yes” means that the LSTM's advantage over the GRU is above"
            " 0."
        ),
        x_name="",
        y_name="held-out score",
        tasks=tuple(TASKS),
        _experiment=_experiment,
        _compare=_scores,
        _points=score_points,
        user_data=True,
        scores=True,
    ),
)

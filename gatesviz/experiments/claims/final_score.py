"""How well a cell does in the end: the claim that data of one's own is mostly asked for."""

from gatesviz.experiments.claims.claim import Claim, Comparison
from gatesviz.experiments.claims.comparisons import better, difference, name, pick, score_points
from gatesviz.experiments.claims.settings import TASKS, asked
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.groups import Group
from gatesviz.experiments.statistics import above
from gatesviz.training import OwnData


def _scores(groups: tuple[Group, ...]) -> tuple[Comparison, ...]:
    pairs = (("lstm", "gru"), ("lstm", "rnn_tanh"), ("gru", "rnn_tanh"))
    told = {cell: better(g := pick(groups, cell), g.scores) for cell in ("lstm", "gru", "rnn_tanh")}
    return tuple(
        difference(
            told[a], told[b], f"how much better the {name(a)} scores than the {name(b)}", above
        )
        for a, b in pairs
    )


def _ends(task: str | OwnData, seeds: int) -> Experiment:
    return asked("score", "Who does better in the end?", task, seeds, until_solved=False)


CLAIMS = (
    Claim(
        key="score",
        sentence="LSTMs do better than GRUs in the end.",
        measures=(
            "The score on held-out samples after all updates of the budget, with the same number of"
            " units. Yes if how much better the LSTM scores than the GRU lies above 0."
        ),
        x_name="",
        y_name="held-out score",
        tasks=tuple(TASKS),
        _experiment=_ends,
        _compare=_scores,
        _points=score_points,
        own=True,
        scores=True,
    ),
)

"""Claims about little data: what is learnt by heart, and whether dropout helps."""

from gatesviz.experiments.claims.claim import Claim, Comparison, Point
from gatesviz.experiments.claims.comparisons import (
    better,
    difference,
    name,
    pick,
    points_of,
    score_points,
)
from gatesviz.experiments.claims.settings import asked
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.groups import Group
from gatesviz.experiments.statistics import above, by_seed
from gatesviz.training import OwnData

SIZES = (32, 128, 512)
DROPOUTS = (0.0, 0.2, 0.5)
SMALL = 128
UPDATES = 400
TASKS = ("temporal_order", "latch", "adding")
Groups = tuple[Group, ...]


def gaps(group: Group) -> dict[int, float]:
    """Return seed -> how much better the training set is told than held-out samples."""
    found = group.results.items()
    train = by_seed([(s, float(r.train_scores[-1])) for s, r in found if len(r.train_scores)])
    both = train.keys() & group.scores.keys()
    return better(group, {seed: train[seed] - group.scores[seed] for seed in both})


def _overfitting(groups: Groups) -> tuple[Comparison, ...]:
    pairs = (("lstm", "gru"), ("lstm", "rnn_tanh"), ("gru", "rnn_tanh"))
    return tuple(
        difference(
            pick(groups, a, data_size=size),
            pick(groups, b, data_size=size),
            f"gap with {size} samples, {name(a)} − {name(b)}",
            above,
            gaps,
        )
        for size in SIZES
        for a, b in pairs
    )


def _dropout(groups: Groups) -> tuple[Comparison, ...]:
    return tuple(
        difference(
            better(pick(groups, cell, dropout=share), pick(groups, cell, dropout=share).scores),
            better(pick(groups, cell, dropout=0.0), pick(groups, cell, dropout=0.0).scores),
            f"how much better the {name(cell)} scores with dropout {share:g} than without",
            above,
        )
        for share in DROPOUTS[1:]
        for cell in ("lstm", "gru", "rnn_tanh")
    )


def _gap_points(group: Group) -> tuple[Point, ...]:
    return points_of(group, gaps(group), float(group.spec.data_size or 0))


def _dropout_points(group: Group) -> tuple[Point, ...]:
    return score_points(group, float(group.spec.dropout))


def _sizes(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"data_size": size} for size in SIZES]
    question = "Who learns by heart?"
    return asked("overfitting", question, task, seeds, choices, until_solved=False, updates=UPDATES)


def _dropouts(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"dropout": share} for share in DROPOUTS]
    settings = {"layers": 2, "data_size": SMALL}
    question = "Does dropout help?"
    return asked(
        "dropout", question, task, seeds, choices, until_solved=False, updates=UPDATES, **settings
    )


CLAIMS = (
    Claim(
        key="overfitting",
        sentence="LSTMs overfit more on little data.",
        measures=(
            f"After {UPDATES} updates on {', '.join(map(str, SIZES))} samples: how much better the"
            f" training set is told than held-out samples. Yes if, with {SIZES[0]}, LSTM − GRU lies"
            " above 0."
        ),
        x_name="training samples",
        y_name="gap between training set and held-out samples",
        x_log=True,
        tasks=TASKS,
        _experiment=_sizes,
        _compare=_overfitting,
        _points=_gap_points,
        own=True,
    ),
    Claim(
        key="dropout",
        sentence="Dropout between the layers helps on little data.",
        measures=(
            f"The score on held-out samples after {UPDATES} updates of two layers on {SMALL}"
            f" samples, with dropout {', '.join(f'{d:g}' for d in DROPOUTS)}. Yes if how much"
            f" better the LSTM scores with {DROPOUTS[1]:g} than without lies above 0."
        ),
        x_name="dropout",
        y_name="held-out score",
        tasks=TASKS,
        _experiment=_dropouts,
        _compare=_dropout,
        _points=_dropout_points,
        own=True,
        scores=True,
    ),
)

"""Claims about small datasets: overfitting, and whether dropout helps."""

from gatesviz.cells import GRU, LSTM
from gatesviz.experiments.claims.claim import Claim, Comparison, Point
from gatesviz.experiments.claims.comparisons import (
    better,
    cell_name,
    difference,
    in_order,
    pairs,
    pick,
    points_of,
    score_points,
)
from gatesviz.experiments.claims.settings import claim_experiment
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


def generalisation_gaps(group: Group) -> dict[int, float]:
    """Return seed -> how much better the score is on the training set than on held-out samples."""
    results = group.results.items()
    train = by_seed([(s, float(r.train_scores[-1])) for s, r in results if len(r.train_scores)])
    both = train.keys() & group.scores.keys()
    return better(group, {seed: train[seed] - group.scores[seed] for seed in both})


def _overfitting(groups: Groups) -> tuple[Comparison, ...]:
    return tuple(
        difference(
            pick(groups, a, data_size=size),
            pick(groups, b, data_size=size),
            f"generalisation gap with {size} samples, {cell_name(a)} − {cell_name(b)}",
            above,
            generalisation_gaps,
        )
        for size in SIZES
        for a, b in pairs(LSTM, GRU)
    )


def _dropout(groups: Groups) -> tuple[Comparison, ...]:
    return tuple(
        difference(
            better(pick(groups, cell, dropout=share), pick(groups, cell, dropout=share).scores),
            better(pick(groups, cell, dropout=0.0), pick(groups, cell, dropout=0.0).scores),
            f"{cell_name(cell)} advantage in score from dropout {share:g}",
            above,
        )
        for share in DROPOUTS[1:]
        for cell in in_order(LSTM)
    )


def _gap_points(group: Group) -> tuple[Point, ...]:
    return points_of(group, generalisation_gaps(group), float(group.spec.data_size or 0))


def _dropout_points(group: Group) -> tuple[Point, ...]:
    return score_points(group, float(group.spec.dropout))


def _sizes(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"data_size": size} for size in SIZES]
    question = "Which cell overfits most?"
    return claim_experiment(
        "overfitting", question, task, seeds, choices, until_solved=False, updates=UPDATES
    )


def _dropouts(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"dropout": share} for share in DROPOUTS]
    settings = {"layers": 2, "data_size": SMALL}
    question = "Does dropout help?"
    return claim_experiment(
        "dropout", question, task, seeds, choices, until_solved=False, updates=UPDATES, **settings
    )


CLAIMS = (
    Claim(
        key="overfitting",
        sentence="LSTMs overfit more than GRUs on small datasets.",
        former=("LSTMs overfit more on little data.",),
        measures=(
            "We measure the generalisation gap: how much better the score is on the training set"
            f" than on held-out samples. Each model makes {UPDATES} updates, on"
            f" {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]} samples. “Yes” means that,"
            f" with {SIZES[0]} samples, the LSTM's gap is larger than the GRU's."
        ),
        x_name="training samples",
        y_name="generalisation gap",
        x_log=True,
        tasks=TASKS,
        _experiment=_sizes,
        _compare=_overfitting,
        _points=_gap_points,
        user_data=True,
    ),
    Claim(
        key="dropout",
        sentence="Dropout between layers improves the score on small datasets.",
        former=(
            "Dropout between the layers helps on little data.",
            "Dropout between layers helps on small datasets.",
        ),
        measures=(
            f"We score models of two layers on held-out samples, after {UPDATES} updates on"
            f" {SMALL} samples. Their dropout is {', '.join(f'{d:g}' for d in DROPOUTS[:-1])} or"
            f" {DROPOUTS[-1]:g}. “Yes” means that the"
            f" LSTM's advantage from dropout {DROPOUTS[1]:g} is above 0."
        ),
        x_name="dropout",
        y_name="held-out score",
        tasks=TASKS,
        _experiment=_dropouts,
        _compare=_dropout,
        _points=_dropout_points,
        user_data=True,
        scores=True,
    ),
)

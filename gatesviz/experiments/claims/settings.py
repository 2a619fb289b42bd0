"""What the claims have in common: three cells, the tasks, and a budget of updates for each task."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.known.trained import ADDING, ORDER, PARITY

CELLS: tuple[Mapping[str, str], ...] = ({"cell": "rnn_tanh"}, {"cell": "gru"}, {"cell": "lstm"})
LATCH: Mapping[str, Any] = {
    "task": "latch",
    "length": 20,
    "hidden_size": 16,
    "batch_size": 32,
    "learning_rate": 0.005,
    "clip": 1.0,
}
TASKS: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "temporal_order": (ORDER, 1_500),
    "parity": (PARITY, 1_000),
    "latch": (LATCH, 1_000),
    "adding": (ADDING, 2_000),
}
"""Task -> settings and the most updates, those of the known results T1, T6, T3 and T2."""


def asked(
    key: str,
    question: str,
    task: str,
    seeds: int,
    choices: Sequence[Mapping[str, Any]] = ({},),
    *,
    until_solved: bool = True,
    updates: int | None = None,
    **changes: Any,
) -> Experiment:
    """Return the experiment: every choice with every cell and seed, seed by seed.

    So that a comparison of few seeds stands early, all kinds of a seed come before the next seed.
    """
    settings, most = TASKS[task]
    axes = ([{"seed": seed} for seed in range(seeds)], list(choices), list(CELLS))
    specs = grid({**settings, **changes}, *axes)
    name = f"{key}-{task}"
    return Experiment(name, question, specs, most if updates is None else updates, until_solved)

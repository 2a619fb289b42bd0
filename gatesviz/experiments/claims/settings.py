"""What the claims have in common: three cells, the tasks, and a budget of updates for each task."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.known.trained import ADDING, ORDER, PARITY
from gatesviz.training import OwnData

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
OWN: Mapping[str, Any] = {
    "hidden_size": 16,
    "batch_size": 32,
    "learning_rate": 0.01,
    "clip": 1.0,
}
OWN_UPDATES = 600
"""For data of one's own, which nobody has tuned anything for; its length is what its task says."""


def of_task(task: str | OwnData) -> tuple[Mapping[str, Any], int]:
    """Return the settings of a task, itself among them, and the most updates."""
    return TASKS[task] if isinstance(task, str) else ({**OWN, "task": task}, OWN_UPDATES)


def asked(
    key: str,
    question: str,
    task: str | OwnData,
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
    settings, most = of_task(task)
    axes = ([{"seed": seed} for seed in range(seeds)], list(choices), list(CELLS))
    specs = grid({**settings, **changes}, *axes)
    told = task if isinstance(task, str) else f"own-{task.digest[:8]}"
    name = f"{key}-{told}"
    return Experiment(name, question, specs, most if updates is None else updates, until_solved)

"""Settings that the claims share: the cells, the tasks, and a budget of updates for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatesviz.cells import compared
from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.known.trained import ADDING, ORDER, PARITY
from gatesviz.training import OwnData

CELLS: tuple[Mapping[str, str], ...] = tuple({"cell": cell.key} for cell in compared())
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
"""Task -> its settings and the most updates, as in the known results T1, T6, T3 and T2."""
OWN: Mapping[str, Any] = {
    "hidden_size": 16,
    "batch_size": 32,
    "learning_rate": 0.01,
    "clip": 1.0,
}
OWN_UPDATES = 600
"""The most updates on user data. `OWN` holds its settings, which are not tuned; the task sets the
length."""


def task_settings(task: str | OwnData) -> tuple[Mapping[str, Any], int]:
    """Return the settings for ``task``, with the task among them, and the most updates."""
    return TASKS[task] if isinstance(task, str) else ({**OWN, "task": task}, OWN_UPDATES)


def task_name(task: str | OwnData) -> str:
    """Return the task's key, or a short hash of user data, for the name of an experiment."""
    return task if isinstance(task, str) else f"own-{task.digest[:8]}"


def claim_experiment(
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
    """Return the experiment of a claim: every combination of choice, cell and seed.

    All runs of one seed come before the next seed, so a first comparison is ready early.

    Args:
        choices: the values of the settings that vary.
        updates: the most updates; the budget of the task by default.
        changes: settings that all runs share.
    """
    settings, most = task_settings(task)
    axes = ([{"seed": seed} for seed in range(seeds)], list(choices), list(CELLS))
    specs = grid({**settings, **changes}, *axes)
    name = f"{key}-{task_name(task)}"
    return Experiment(name, question, specs, most if updates is None else updates, until_solved)

"""Known results that need training: what is run, exactly. The cards say what must come out."""

from collections.abc import Mapping
from typing import Any

from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.horizon import ROWS, horizon_experiment

SEEDS = 3
CELLS: Mapping[str, Mapping[str, Any]] = {
    "RNN": {"cell": "rnn_tanh"},
    "LSTM": {"cell": "lstm"},
    "GRU": {"cell": "gru"},
}
FORGETTING = {**CELLS, "LSTM": {"cell": "lstm", "forget_bias": 1.0}}
ORDER: Mapping[str, Any] = {
    "task": "temporal_order",
    "length": 50,
    "hidden_size": 8,
    "batch_size": 32,
    "learning_rate": 0.01,
    "clip": 1.0,
}
ADDING: Mapping[str, Any] = {
    "task": "adding",
    "length": 50,
    "hidden_size": 32,
    "batch_size": 32,
    "learning_rate": 0.005,
    "clip": 1.0,
}
COUNTING: Mapping[str, Any] = {
    "task": "anbn",
    "length": 21,
    "hidden_size": 4,
    "batch_size": 16,
    "learning_rate": 0.01,
    "clip": 1.0,
}
PARITY: Mapping[str, Any] = {
    "task": "parity",
    "length": 20,
    "hidden_size": 16,
    "batch_size": 64,
    "learning_rate": 0.005,
    "clip": 1.0,
}
STREAM: Mapping[str, Any] = {
    "task": "reber",
    "length": 72,  # six strings on average
    "hidden_size": 12,
    "batch_size": 8,
    "learning_rate": 0.01,
    "clip": 5.0,
    "gate_bias": -1.0,
    "carry": True,
}
FORGET_GATES: Mapping[str, Mapping[str, Any]] = {
    "with a forget gate": {"cell": "lstm", "forget_bias": 1.0},
    "without one": {"cell": "lstm", "forget_gate": False},
}
HORIZON = tuple(row for row in ROWS if row != "LSTM, b = 2")
"""The rows of the memory horizon that the known result names."""


def order(seeds: int = SEEDS) -> Experiment:
    """Return T1: who tells the order of two marks among 50 steps."""
    question = "Which cells tell the order of two marks?"
    return _asked("T1", question, ORDER, FORGETTING, seeds, 1_500)


def adding(seeds: int = SEEDS) -> Experiment:
    """Return T2: who adds two marked numbers among 50."""
    return _asked("T2", "Which cells add two marked numbers?", ADDING, CELLS, seeds, 2_000)


def horizon(seeds: int = SEEDS) -> Experiment:
    """Return T3: who recalls the first letter after 10, 20, 50 and 100 steps."""
    return horizon_experiment(HORIZON, seeds=seeds)


def counting(seeds: int = SEEDS) -> Experiment:
    """Return T5: who counts beyond what it was trained on."""
    question = "Which cells count further than they were taught?"
    return _asked("T5", question, COUNTING, CELLS, seeds, 3_000, until_solved=False)


def parity(seeds: int = SEEDS) -> Experiment:
    """Return T6: who keeps count modulo two on texts ten times as long."""
    question = "Which cells keep the parity of long texts?"
    return _asked("T6", question, PARITY, CELLS, seeds, 3_000, until_solved=False)


def stream(seeds: int = SEEDS) -> Experiment:
    """Return T7: who remembers and forgets along an endless text."""
    question = "Does an LSTM need its forget gate on an endless text?"
    return _asked("T7", question, STREAM, FORGET_GATES, seeds, 2_000, until_solved=False)


def equal_order(seeds: int = SEEDS) -> Experiment:
    """Return T1 with equal parameters for T12."""
    question = "And with equal parameters: which cells tell the order of two marks?"
    equal = {**ORDER, "equal": "parameters"}
    return _asked("T12-order", question, equal, FORGETTING, seeds, 1_500)


def equal_adding(seeds: int = SEEDS) -> Experiment:
    """Return T2 with equal parameters for T12."""
    question = "And with equal parameters: which cells add two marked numbers?"
    equal = {**ADDING, "equal": "parameters"}
    return _asked("T12-adding", question, equal, CELLS, seeds, 2_000)


def _asked(
    name: str,
    question: str,
    settings: Mapping[str, Any],
    cells: Mapping[str, Mapping[str, Any]],
    seeds: int,
    updates: int,
    until_solved: bool = True,
) -> Experiment:
    specs = grid(settings, [{"seed": seed} for seed in range(seeds)], list(cells.values()))
    return Experiment(name, question, specs, updates, until_solved)

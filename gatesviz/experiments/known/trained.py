"""Experiments of the known results that need training. The cards hold the expected ranges."""

from collections.abc import Mapping
from typing import Any

from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.horizon import ROWS, horizon_experiment
from gatesviz.experiments.horizon import latch as latch_spec

SEEDS = 3
LATCH_SEEDS = 5
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
    "without a forget gate": {"cell": "lstm", "forget_gate": False},
}
HORIZON = tuple(row for row in ROWS if row != "LSTM, b = 2")
"""The rows of the memory horizon that card T3 uses."""


def order(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T1: learn the order of two marks within 50 steps."""
    question = "Which cells learn the order of two marks?"
    return _experiment("T1", question, ORDER, FORGETTING, seeds, 1_500)


def adding(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T2: add the two marked numbers of 50."""
    return _experiment(
        "T2", "Which cells learn to add two marked numbers?", ADDING, CELLS, seeds, 2_000
    )


def horizon(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T3: recall the first letter after 10, 20, 50 and 100 steps."""
    return horizon_experiment(HORIZON, seeds=seeds)


def counting(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T5: count beyond the training range."""
    question = "Which cells count beyond their training range?"
    return _experiment("T5", question, COUNTING, CELLS, seeds, 3_000, until_solved=False)


def parity(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T6: compute parity on texts ten times longer."""
    question = "Which cells compute the parity of long texts?"
    return _experiment("T6", question, PARITY, CELLS, seeds, 3_000, until_solved=False)


def stream(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T7: predict the next letters of an endless text."""
    question = "Does an LSTM need its forget gate on an endless text?"
    return _experiment("T7", question, STREAM, FORGET_GATES, seeds, 2_000, until_solved=False)


def equal_order(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T1 with equal parameters, for T12."""
    question = "With equal parameters, which cells learn the order of two marks?"
    equal = {**ORDER, "equal": "parameters"}
    return _experiment("T12-order", question, equal, FORGETTING, seeds, 1_500)


def equal_adding(seeds: int = SEEDS) -> Experiment:
    """Return the experiment of T2 with equal parameters, for T12."""
    question = "With equal parameters, which cells learn to add two marked numbers?"
    equal = {**ADDING, "equal": "parameters"}
    return _experiment("T12-adding", question, equal, CELLS, seeds, 2_000)


def latch(seeds: int = LATCH_SEEDS) -> Experiment:
    """Return the experiment of T13: recall the first letter after 50 steps, with chrono."""
    specs = tuple(latch_spec("LSTM, chrono", 50, seed) for seed in range(seeds))
    question = "What does a trained LSTM remember if a gate is changed at one step?"
    return Experiment("T13", question, specs, 1_000, until_solved=False)


def _experiment(
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

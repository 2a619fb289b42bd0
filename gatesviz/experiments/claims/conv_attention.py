"""Claims about layers around a cell: a convolution before it, attention after it."""

from functools import partial
from typing import Any

from gatesviz.experiments.claims.claim import Claim
from gatesviz.experiments.claims.comparisons import update_points, with_and_without
from gatesviz.experiments.claims.settings import (
    CELLS,
    TASKS,
    claim_experiment,
    task_name,
    task_settings,
)
from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.statistics import below
from gatesviz.training import OwnData

WIDTH = 5
FAR = 50
"""Steps of every task except user data. Plain cells rarely solve the latch task at this length."""
SHOWN_UPDATES = 300


def _convolutions(task: str | OwnData, seeds: int) -> Experiment:
    choices: list[dict[str, Any]] = [{"convolution": None}, {"convolution": WIDTH}]
    return claim_experiment(
        "convolution", "Does a convolution before the cell help?", task, seeds, choices
    )


def _attentions(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"attention": False}, {"attention": True}]
    far: dict[str, Any] = {} if isinstance(task, OwnData) else {"length": FAR}
    return claim_experiment(
        "attention", "Does attention speed up learning?", task, seeds, choices, **far
    )


def attention_runs(task: str | OwnData) -> Experiment:
    """Return the runs for the attention chart: RNN, GRU and LSTM, trained until all have learnt.

    The runs of the claim end when the task is solved and keep no weights, so the chart needs its
    own runs.
    """
    far = {} if isinstance(task, OwnData) else {"length": FAR}
    specs = grid({**task_settings(task)[0], **far, "attention": True}, CELLS)
    name = f"attention-shown-{task_name(task)}"
    question = "Where does attention look?"
    return Experiment(name, question, specs, SHOWN_UPDATES, until_solved=False)


CLAIMS = (
    Claim(
        key="convolution",
        sentence="A cell learns with fewer updates if a convolution comes before it.",
        former=(
            "A convolution before the cell saves updates.",
            "A convolution in front of the cell helps.",
            "A convolution before the cell helps.",
        ),
        measures=(
            "We count updates until the task is solved, with and without a convolution. At each"
            f" step, the convolution combines the inputs of this and the last {WIDTH - 1} steps."
            " “Yes” means that the LSTM needs fewer updates with the convolution."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=tuple(TASKS),
        _experiment=_convolutions,
        _compare=partial(
            with_and_without, setting="convolution", more=WIDTH, less=None, judge=below
        ),
        _points=update_points,
        user_data=True,
    ),
    Claim(
        key="attention",
        sentence="Attention speeds up learning if many steps lie between an input and its answer.",
        former=(
            "Attention speeds up learning over long gaps.",
            "With attention a cell learns over long gaps in fewer updates.",
        ),
        measures=(
            f"We count updates until the task is solved on sequences of {FAR} steps, with and"
            " without attention. Your own data keeps its length. Attention gives the readout a"
            " weighted mean of all states so far. “Yes” means that the LSTM needs"
            " fewer updates with attention."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=("latch", "temporal_order", "adding"),
        _experiment=_attentions,
        _compare=partial(with_and_without, setting="attention", more=True, less=False, judge=below),
        _points=update_points,
        user_data=True,
    ),
)

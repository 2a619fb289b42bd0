"""What can stand around a cell: a convolution before it, attention over its states after it."""

from functools import partial
from typing import Any

from gatesviz.experiments.claims.claim import Claim
from gatesviz.experiments.claims.comparisons import update_points, with_and_without
from gatesviz.experiments.claims.settings import CELLS, TASKS, asked, of_task
from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.statistics import below
from gatesviz.training import OwnData

WIDTH = 5
FAR = 50
"""Steps of every task but own data: plain cells seldom solve the latch at that length."""
SHOWN_UPDATES = 300


def _convolutions(task: str | OwnData, seeds: int) -> Experiment:
    choices: list[dict[str, Any]] = [{"convolution": None}, {"convolution": WIDTH}]
    return asked("convolution", "Does a convolution in front help?", task, seeds, choices)


def _attentions(task: str | OwnData, seeds: int) -> Experiment:
    choices = [{"attention": False}, {"attention": True}]
    far: dict[str, Any] = {} if isinstance(task, OwnData) else {"length": FAR}
    return asked("attention", "Does attention help?", task, seeds, choices, **far)


def attention_runs(task: str | OwnData) -> Experiment:
    """Return the runs whose attention is shown: RNN, GRU and LSTM, so long that all have learnt.

    They are runs of their own, as those of the claim end where the task is solved and keep no
    weights.
    """
    far = {} if isinstance(task, OwnData) else {"length": FAR}
    specs = grid({**of_task(task)[0], **far, "attention": True}, CELLS)
    told = task if isinstance(task, str) else f"own-{task.digest[:8]}"
    name = f"attention-shown-{told}"
    question = "Where does attention look?"
    return Experiment(name, question, specs, SHOWN_UPDATES, until_solved=False)


CLAIMS = (
    Claim(
        key="convolution",
        sentence="A convolution in front of the cell helps.",
        measures=(
            f"Updates until the task is solved, with and without a convolution over the last"
            f" {WIDTH} steps in front of the cell. Yes if the ratio with / without of the LSTM lies"
            " below 1."
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
        own=True,
    ),
    Claim(
        key="attention",
        sentence="With attention a cell learns over long gaps in fewer updates.",
        measures=(
            f"Updates until the task is solved over {FAR} steps (own data: at its own length), with"
            " and without attention over all states so far. Yes if the ratio with / without of the"
            " LSTM lies below 1."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=("latch", "temporal_order", "adding"),
        _experiment=_attentions,
        _compare=partial(with_and_without, setting="attention", more=True, less=False, judge=below),
        _points=update_points,
        own=True,
    ),
)

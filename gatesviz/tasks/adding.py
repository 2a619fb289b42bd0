"""Add two marked numbers: experiment 4 of Hochreiter and Schmidhuber 1997, in today's units."""

from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, between, last_step
from gatesviz.tasks.scores import mean, mean_square, share_within
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

RIGHT_WITHIN = 0.08
"""The paper's answer is .5 + (X₁ + X₂)/4 with X in [−1, 1] and a tolerance of .04. With X = 2x − 1,
that is half of the sum x₁ + x₂ used here, so the tolerance doubles."""


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    values, every = torch.rand((length, batch), generator=generator), torch.arange(batch)
    half, marker = length // 2, torch.zeros((length, batch))
    marker[between(generator, 0, half - 1, batch), every] = 1
    marker[between(generator, half, length - 1, batch), every] = 1
    sums = (values * marker).sum(0).expand(length, batch)
    return Batch(torch.stack([values, marker], -1), sums, last_step(length, batch))


def _within(output: "Tensor", batch: Batch) -> float:
    return share_within(output, batch, RIGHT_WITHIN)


TASK = Task(
    key="adding",
    title="Add two marked numbers",
    asks="Each step has a number from 0 to 1 and a marker, 0 or 1. The marker is 1 at two steps,"
    " one in each half of the sequence.",
    answer="At the end, give the sum of the two marked numbers.",
    source=(
        "Hochreiter and Schmidhuber 1997, experiment 4, with numbers in [0, 1] instead of [−1, 1],"
        " the sum itself as the answer, and one mark in each half. Solved at a mean squared error"
        " of 0.01 or less."
    ),
    vocabulary=None,
    features=("number", "marker"),
    answer_names=("sum",),
    metric="mean squared error",
    better="lower",
    solved_at=0.01,
    constant_answer="the mean sum, about 1",
    length=50,
    example="0.3 0; 0.9 1; 0.1 0; 0.6 0; 0.2 0; 0.8 0; 0.4 1; 0.7 0; 0.5 0; 0.6 0",
    learns="scored",
    _sample=_sample,
    _score=mean_square,
    _constant=mean,
    _measures=((f"share of sums within {RIGHT_WITHIN}", _within),),
)

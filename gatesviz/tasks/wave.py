"""Continue a sum of two sines."""

import math
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch
from gatesviz.tasks.scores import mean, root_mean_square
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

WARM_UP = 10


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    def between(low: float, high: float) -> "Tensor":
        return low + (high - low) * torch.rand((2, batch), generator=generator)

    t = torch.arange(length + 1)[:, None, None]
    sines = between(0.1, 0.5) * torch.sin(2 * math.pi * (t / between(6, 40) + between(0, 1)))
    values = sines.sum(1)
    mask = torch.zeros((length, batch), dtype=torch.bool)
    mask[min(WARM_UP, length - 1) :] = True
    return Batch(values[:-1, :, None], values[1:], mask)


TASK = Task(
    key="wave",
    title="Continue a wave",
    asks="The input is the sum of two sine waves with periods of 6 to 40 steps. It stays within"
    " [−1, 1].",
    answer="At each step, forecast the next number.",
    source="Designed for gatesviz. Solved at 0.05 or less, a sixth of the baseline.",
    vocabulary=None,
    answer_names=("next number",),
    metric=f"RMSE, after {WARM_UP} steps",
    better="lower",
    solved_at=0.05,
    constant_answer="the mean of the numbers",
    length=60,
    example=" ".join(
        f"{0.4 * math.sin(math.tau * t / 20) + 0.3 * math.sin(math.tau * t / 9):.2f}"
        for t in range(60)
    ),
    _sample=_sample,
    _score=root_mean_square,
    constant_name="the mean of the held-out values",
    _constant=mean,
)

"""Count the ones modulo two."""

from functools import partial
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.scores import frequencies, share_right
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator

PARITIES = ("even", "odd")


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    bits = torch.randint(2, (length, batch), generator=generator)
    every = torch.ones((length, batch), dtype=torch.bool)
    return Batch(one_hot(bits, 2), bits.cumsum(0) % 2, every)


TASK = Task(
    key="parity",
    title="Even or odd number of ones",
    asks="The model reads random zeros and ones.",
    answer="At each step, say whether the number of ones so far is even or odd.",
    source=(
        "A classic problem. Grazzi et al. 2024 show that linear RNNs with eigenvalues in [0, 1]"
        " can't learn it. A text of 20 steps scores every length up to 20. Solved at 99 % or more."
    ),
    vocabulary=("0", "1"),
    answer_names=PARITIES,
    metric="accuracy",
    unit="%",
    better="higher",
    solved_at=0.99,
    constant_answer="the more common parity",
    length=20,
    example="01101000111010110010",
    _sample=_sample,
    _score=share_right,
    _constant=partial(frequencies, size=len(PARITIES)),
)

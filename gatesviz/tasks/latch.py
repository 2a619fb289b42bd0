"""Remember the first letter through noise: the latch problem."""

from functools import partial
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, last_step, one_hot
from gatesviz.tasks.scores import frequencies, share_right
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator

FIRST, NOISE = "AB", "xyz."
VOCABULARY = (*FIRST, *NOISE)


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    symbols = torch.randint(len(FIRST), len(VOCABULARY), (length, batch), generator=generator)
    symbols[0] = torch.randint(len(FIRST), (batch,), generator=generator)
    first = symbols[0].expand(length, batch)
    return Batch(one_hot(symbols, len(VOCABULARY)), first, last_step(length, batch))


TASK = Task(
    key="latch",
    title="Recall the first letter",
    asks="The first letter is A or B. All other letters are random noise.",
    answer="At the end, say which letter came first.",
    source=(
        "The latch problem of Bengio, Simard and Frasconi 1994, with two letters instead of"
        " numbers and four noise letters. Solved at 99 % or more."
    ),
    vocabulary=VOCABULARY,
    answer_names=tuple(FIRST),
    metric="accuracy",
    unit="%",
    better="higher",
    solved_at=0.99,
    constant_answer="the more common letter",
    length=20,
    example="Bxz.yx.zzyx.xyz.y.xz",
    learns="scored",
    _sample=_sample,
    _score=share_right,
    _constant=partial(frequencies, size=len(FIRST)),
)

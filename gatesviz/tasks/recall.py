"""Remember a letter until a question mark."""

from functools import partial
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.scores import frequencies, share_right
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator

LETTERS = "ABCD"
NOISE = "xyz."
VOCABULARY = (*LETTERS, *NOISE, "?")


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    shape, letters = (length, batch), len(LETTERS)
    # Short episodes show resetting, long ones keeping: each text has its own rate.
    rate = 0.03 + 0.25 * torch.rand(batch, generator=generator)
    asked = torch.rand(shape, generator=generator) < rate
    asked[0] = asked[-2] = False  # every question needs a letter before it
    asked[-1] = True
    for t in range(1, length - 1):
        asked[t] &= ~asked[t - 1]
    begins = torch.ones(shape, dtype=torch.bool)
    begins[1:] = asked[:-1]
    letter = torch.randint(letters, shape, generator=generator)
    noise = letters + torch.randint(len(NOISE), shape, generator=generator)
    symbols = torch.where(begins, letter, noise)
    symbols[asked] = VOCABULARY.index("?")
    began = (begins * torch.arange(length)[:, None]).cummax(0).values
    targets = torch.where(asked, 1 + letter.gather(0, began), 0)
    return Batch(one_hot(symbols, len(VOCABULARY)), targets, asked)


TASK = Task(
    key="recall",
    title="Recall the last capital letter",
    asks="Each text has capital letters, question marks and noise (x, y, z and dots).",
    answer="At each “?”, name the last capital letter. At all other steps, answer “nothing”.",
    source="Designed for gatesviz to show how gates keep and reset. Solved at 99 % or more.",
    vocabulary=VOCABULARY,
    answer_names=("nothing", *LETTERS),
    metric="accuracy",
    unit="%",
    better="higher",
    solved_at=0.99,
    constant_answer="the most common letter",
    scored="at the question marks",
    length=40,
    example="Ax..zy..?Dyy.x.....z..?B?Cz...xx.y.z.?",
    _sample=_sample,
    _score=share_right,
    _constant=partial(frequencies, size=1 + len(LETTERS)),
)

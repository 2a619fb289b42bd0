"""Classify a handwritten digit row by row."""

from functools import cache, partial
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, last_step
from gatesviz.tasks.scores import frequencies, share_right
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

ROWS, COLUMNS, DIGITS = 8, 8, tuple("0123456789")


@cache
def load() -> "tuple[Tensor, Tensor]":
    """Return the pictures, (8, N, 8), row by row, in [0, 1], and their digits, (N,)."""
    import torch
    from sklearn.datasets import load_digits

    data = load_digits()
    pictures = torch.from_numpy(data.images).float() / 16
    return pictures.transpose(0, 1).contiguous(), torch.from_numpy(data.target).long()


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    pictures, digits = load()
    cut = len(digits) * 4 // 5
    low, high = (cut, len(digits)) if held_out else (0, cut)
    chosen = torch.randint(low, high, (batch,), generator=generator)
    answers = digits[chosen].expand(length, batch)
    return Batch(pictures[:, chosen], answers, last_step(length, batch))


TASK = Task(
    key="digits",
    title="Classify a digit row by row",
    asks="A handwritten digit has 8 × 8 pixels. Each step shows one row.",
    answer="After the last row, say which digit it is.",
    source=(
        "The digits of Alpaydin and Kaynak 1998, from scikit-learn. The last 360 of 1797 are held"
        " out. Solved at 90 % or more, which a small model can reach."
    ),
    vocabulary=None,
    features=tuple(f"column {column}" for column in range(1, COLUMNS + 1)),
    answer_names=DIGITS,
    metric="accuracy",
    unit="%",
    better="higher",
    solved_at=0.9,
    constant_answer="the most common digit",
    length=ROWS,
    shortest=ROWS,
    longest=ROWS,
    example=(
        "0 0 .31 .81 .56 .06 0 0; 0 0 .81 .94 .62 .94 .31 0; 0 .19 .94 .12 0 .69 .5 0;"
        " 0 .25 .75 0 0 .5 .5 0; 0 .31 .5 0 0 .56 .5 0; 0 .25 .69 0 .06 .75 .44 0;"
        " 0 .12 .88 .31 .62 .75 0 0; 0 0 .38 .81 .62 0 0 0"
    ),
    learns="scored",
    needs=(
        "sklearn",
        "needs scikit-learn for its pictures: pip install 'gatesviz[digits]'",
    ),
    _sample=_sample,
    _score=share_right,
    _constant=partial(frequencies, size=len(DIGITS)),
)

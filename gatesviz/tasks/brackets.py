"""Count the open brackets."""

from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.scores import commonest, share_rounded
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator

DEPTH = 8
VOCABULARY = ("(", ")", "a", "b", "c")


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    kinds = torch.rand((length, batch), generator=generator)
    letters = torch.randint(2, len(VOCABULARY), kinds.shape, generator=generator)
    depth, symbols, depths = torch.zeros(batch), [], []
    for kind, letter in zip(kinds, letters, strict=True):
        bracket = kind < 0.7
        opens = (kind < 0.35) & (depth < DEPTH) | (depth == 0)
        symbols.append(torch.where(bracket, (~opens).long(), letter))
        depth = depth + bracket * torch.where(opens, 1, -1)
        depths.append(depth)
    inputs = one_hot(torch.stack(symbols), len(VOCABULARY))
    return Batch(inputs, torch.stack(depths), torch.ones(kinds.shape, dtype=torch.bool))


TASK = Task(
    key="brackets",
    title="Count brackets",
    asks="A text has brackets and letters. Each closing bracket comes after its opening bracket.",
    answer=f"At each step, say how many brackets are open, from 0 to {DEPTH}.",
    source="Designed for gatesviz after the counters of Weiss et al. 2018. Solved at 99 % or more.",
    vocabulary=VOCABULARY,
    answer_names=("open brackets",),
    metric="accuracy, the answer rounded",
    unit="%",
    better="higher",
    solved_at=0.99,
    constant_answer="the most common number of open brackets",
    length=40,
    example="(a(b(c)))ab((((aa))b))c(()())",
    _sample=_sample,
    _score=share_rounded,
    _constant=commonest,
)

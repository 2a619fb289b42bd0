"""Count letters: aⁿbⁿ, which no finite automaton recognises for every n."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, between, one_hot
from gatesviz.tasks.scores import commonest_set, rights, share_of_sets, share_of_texts
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

VOCABULARY = ("S", "a", "b", "T")
NEXT = ("a", "b", "T")
LARGEST_TRIED = 100


def strings(counts: "Tensor", length: int) -> Batch:
    """Return S aⁿ bⁿ for each n of ``counts`` (B,), padded with T to ``length`` steps.

    After S only a may come next; after an a, an a or the first b; after a b, another one until
    there are n; then T. The padding is not scored.
    """
    import torch

    t = torch.arange(length)[:, None]
    symbols = (t > 0).long() + (t > counts) + (t > 2 * counts)
    a, b = t <= counts, (t >= 1) & (t < 2 * counts)
    targets = torch.stack([a, b, ~a & ~b], -1).float()
    return Batch(one_hot(symbols, len(VOCABULARY)), targets, t <= 2 * counts)


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    return strings(between(generator, 1, (length - 1) // 2, batch), length)


def largest_n(answers: "Callable[[Tensor], Tensor]", limit: int = LARGEST_TRIED) -> int:
    """Return the largest n up to which every aⁿbⁿ is completely right, 0 to ``limit``.

    Args:
        answers: inputs (T, B, I) -> the readout's output (T, B, O), from a zero state.
        limit: the largest n that is tried.

    Raises:
        ValueError: if ``limit`` is not 1 to 1,000.
    """
    import torch

    if not 1 <= limit <= 1_000:
        raise ValueError(f"limit is {limit:,}, 1 to 1,000 is allowed")
    batch = strings(torch.arange(1, limit + 1), 2 * limit + 1)
    with torch.no_grad():
        right = rights(answers(batch.inputs), batch) | ~batch.mask
    return int(right.all(0).long().cumprod(0).sum())


TASK = Task(
    key="anbn",
    title="Count letters: one b for each a",
    asks="A text is S, then n letters a, then n letters b. The letter T fills the rest of the"
    " text.",
    answer="At each step up to the last b, name all letters that may come next: a, b or T.",
    source=(
        "Gers and Schmidhuber 2001; Weiss, Goldberg and Yahav 2018. Texts of 21 steps contain n up"
        " to 10. Solved when every text is right."
    ),
    vocabulary=VOCABULARY,
    answer_names=NEXT,
    several=True,
    metric="accuracy on whole texts",
    unit="%",
    better="higher",
    solved_at=1.0,
    constant_answer="the most common set of letters",
    length=21,
    shortest=3,
    example="SaaaaaabbbbbbT",
    learns="scored",
    _sample=_sample,
    _score=share_of_texts,
    _constant=commonest_set,
    _measures=(("accuracy on steps", share_of_sets),),
)

"""Name the order of two marks: experiment 6a of Hochreiter and Schmidhuber 1997."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gatesviz.tasks.batches import Batch, between, last_step, one_hot
from gatesviz.tasks.scores import frequencies, share_right
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator

MARKS, NOISE = "XY", "abcd"
VOCABULARY = ("E", "B", *MARKS, *NOISE)
CLASSES = tuple(f"{first} then {second}" for first in MARKS for second in MARKS)


class Places(NamedTuple):
    """First and last possible step of each mark, counted from 0, both included."""

    first: tuple[int, int]
    second: tuple[int, int]


def places(length: int) -> Places:
    """Return the possible steps of both marks: 3–12 and 25–40 of 50, scaled to ``length``."""
    low, high = max(1, length * 3 // 50), length * 12 // 50
    return Places((low, high), (length // 2, min(length * 40 // 50, length - 2)))


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    symbols = torch.randint(4, len(VOCABULARY), (length, batch), generator=generator)
    symbols[0], symbols[-1] = VOCABULARY.index("E"), VOCABULARY.index("B")
    marks = torch.randint(len(MARKS), (2, batch), generator=generator)
    for mark, (low, high) in zip(marks, places(length), strict=True):
        place = between(generator, low, high, batch)
        symbols[place, torch.arange(batch)] = VOCABULARY.index("X") + mark
    classes = (2 * marks[0] + marks[1]).expand(length, batch)
    return Batch(one_hot(symbols, len(VOCABULARY)), classes, last_step(length, batch))


TASK = Task(
    key="temporal_order",
    title="Name the order of two marks",
    asks="Two marks, each X or Y, are hidden in noise (a, b, c, d). Every text starts with E and"
    " ends with B.",
    answer="After the last letter, name the marks in order, such as “X then Y”.",
    source=(
        "Hochreiter and Schmidhuber 1997, experiment 6a, with 50 steps instead of 100 to 110 and"
        " the marks at steps 3 to 12 and 25 to 40. Solved at 99 % or more."
    ),
    vocabulary=VOCABULARY,
    answer_names=CLASSES,
    metric="accuracy",
    unit="%",
    better="higher",
    solved_at=0.99,
    constant_answer="the most common order",
    length=50,
    shortest=10,
    example="EbadcaXdbcabdcabcddabcbadcbacYdabccabdabcdbacbdaaB",
    learns="scored",
    _sample=_sample,
    _score=share_right,
    _constant=partial(frequencies, size=len(CLASSES)),
)

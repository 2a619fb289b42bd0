"""Predict the next character of the help texts of Python's standard library."""

from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING

from gatesviz.tasks.scores import bits, frequencies
from gatesviz.tasks.task import Task
from gatesviz.tasks.texts import sample

if TYPE_CHECKING:
    from torch import Tensor

CHARACTERS = tuple(" abcdefghijklmnopqrstuvwxyz.,:'\"()-_")


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Return the distinct paragraphs of ``texts`` in lower case, in order, on one line each."""
    parts = "\n\n".join(texts).lower().split("\n\n")
    return list(dict.fromkeys(" ".join(part.split()) for part in parts))


def encode(parts: Iterable[str]) -> "Tensor":
    """Return paragraphs as one text: indices into CHARACTERS, (N,).

    Words without a letter, such as rules of "---", and other characters are left out.
    """
    import torch

    words = " ".join(parts).split()
    prose = " ".join(word for word in words if any(c.isalpha() for c in word))
    index = {character: i for i, character in enumerate(CHARACTERS)}
    return torch.tensor([index[c] for c in prose if c in index])


def topics() -> list[str]:
    """Return the paragraphs of the standard library's help texts.

    Each appears once: some topics contain others, and the held-out text must be new.
    """
    from pydoc_data.topics import topics as found

    return paragraphs(found[key] for key in sorted(found))


@cache
def text() -> "Tensor":
    """Return the standard library's help texts as indices into CHARACTERS, (N,)."""
    return encode(topics())


TASK = Task(
    key="characters",
    title="Predict the next character",
    asks="The model reads English text about Python, one lower-case character at each step.",
    answer="At each step, predict the next character.",
    source="Designed for gatesviz. Solved at 2.5 bits or fewer, which a small model can reach.",
    vocabulary=CHARACTERS,
    answer_names=CHARACTERS,
    metric="bits per character",
    better="lower",
    solved_at=2.5,
    constant_answer="the overall frequency of each character",
    length=64,
    example="the first argument (if given) is the name of the class, and the second is a list",
    _sample=partial(sample, load=text, size=len(CHARACTERS)),
    _score=bits,
    constant_name="the held-out character frequencies",
    _constant=partial(frequencies, size=len(CHARACTERS)),
)

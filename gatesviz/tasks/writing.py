"""Let a model that predicts characters write: the letter it chooses is its next input."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import SEED, TEMPERATURE, WRITTEN_LETTERS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks.batches import one_hot
from gatesviz.tasks.continuation import check_module
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module


@dataclass(frozen=True, eq=False)
class Continuation:
    """A text that a model continued; `str` gives the whole text.

    Attributes:
        prompt: the text before it, as the model read it.
        text: the N letters that the model wrote.
        chances: (N,), the probability with which each of them was drawn, at the temperature.
    """

    prompt: str
    text: str
    chances: NDArray[np.float64]

    def __str__(self) -> str:
        return self.prompt + self.text


def uniform(seed: int, prompt: str, letter: int) -> float:
    """Return the random number in [0, 1) that chooses letter number ``letter``, from 0.

    It is the first 53 bits of the SHA-256 of "SEED LETTER PROMPT" in UTF-8, divided by 2⁵³. So it
    depends on nothing else, and two prompts never share their numbers: with the same ones, their
    texts become equal after some letters.
    """
    digest = hashlib.sha256(f"{seed} {letter} {prompt}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def continue_text(
    task: Task,
    module: "Module",
    readout: "nn.Module",
    prompt: str,
    letters: int = 200,
    *,
    temperature: float = 0.7,
    seed: int = 0,
) -> Continuation:
    """Return ``letters`` letters that the model writes after ``prompt``.

    The probabilities are softmax(logits / temperature) in float64. Letter k is the first whose
    cumulative probability, in the order of the vocabulary, exceeds `uniform`. So the same
    arguments give the same text, and a longer text begins with the shorter one.

    Args:
        task: one that predicts the next character.
        module: time first, in one direction; read from a zero state.
        readout: h (T, B, H) -> logits (T, B, O).
        prompt: respelled in the task's vocabulary by `gatesviz.sequences.respelling.respell`.
        letters: N.
        temperature: below 1, likely letters become likelier; above 1, all become more equal.
        seed: another one gives another text.

    Raises:
        TypeError: if ``prompt`` is not a str.
        ValueError: if an argument is outside its limit, if the model knows no character of the
            prompt, if the task doesn't predict characters, or as `gatesviz.tasks.continued`.
    """
    known = task.vocabulary
    if known is None or not task.feeds_back:
        raise ValueError(f"“{task.title}” can't write: it doesn't predict characters")
    check_module(task, module, readout)

    def logits(indices: list[int], state: Any) -> "tuple[Tensor, Any]":
        hidden, state = module(_one_hot(indices, len(known)), state)
        return readout(hidden[-1:])[0, 0], state

    return write_letters(known, logits, prompt, letters, temperature, seed)


def write_letters(
    known: tuple[str, ...],
    logits_of: "Callable[[list[int], Any], tuple[Tensor, Any]]",
    prompt: str,
    letters: int,
    temperature: float,
    seed: int,
) -> Continuation:
    """Return what a model writes: see `continue_text`.

    Args:
        known: its characters.
        logits_of: (numbers of the characters to read, state) -> logits (O,), new state. The state
            is None at the beginning.
        prompt, letters, temperature, seed: as in `continue_text`.

    Raises:
        TypeError: if ``prompt`` is not a str.
        ValueError: if an argument is outside its limit, or no character of the prompt is known.
    """
    import torch

    from gatesviz.fresh import plain_defaults

    WRITTEN_LETTERS.check(letters)
    TEMPERATURE.check(temperature)
    SEED.check(seed)
    if not isinstance(prompt, str):
        raise TypeError(f"prompt: expected a str, got {shown(repr(prompt))}")
    read = respell(prompt, known).text
    if not read:
        raise ValueError(f"prompt: the model knows no character of it, only {''.join(known)!r}")
    written, chances, state = [], [], None
    indices = [known.index(character) for character in read]
    with plain_defaults(), torch.no_grad():
        for k in range(letters):
            logits, state = logits_of(indices, state)
            shares = (logits.double() / temperature).softmax(0)
            indices = [_chosen(shares, uniform(seed, read, k))]
            written.append(known[indices[0]])
            chances.append(float(shares[indices[0]]))
    return Continuation(read, "".join(written), np.array(chances))


def _one_hot(indices: list[int], size: int) -> "Tensor":
    """Return the inputs (T, 1, I) for ``indices``."""
    import torch

    return one_hot(torch.tensor(indices)[:, None], size)


def _chosen(shares: "Tensor", point: float) -> int:
    """Return the first index whose cumulative share exceeds ``point``."""
    cumulative = shares.cumsum(0)
    return min(int((cumulative <= point).sum()), len(shares) - 1)

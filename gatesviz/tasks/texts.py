"""Predict the next character of a text, and a baseline that uses only the last one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.tasks.batches import Batch, one_hot

if TYPE_CHECKING:
    from torch import Generator, Tensor


def held_out_from(characters: int) -> int:
    """Return the first held-out character: the last tenth of a text is held out."""
    return characters * 9 // 10


def sample(
    generator: "Generator",
    batch: int,
    length: int,
    held_out: bool,
    load: "Callable[[], Tensor]",
    size: int,
) -> Batch:
    """Return pieces of a text; ``load`` returns its characters' indices (N,), below ``size``."""
    text = load()
    cut = held_out_from(len(text))
    return windows(text[cut:] if held_out else text[:cut], generator, batch, length, size)


def windows(text: "Tensor", generator: "Generator", batch: int, length: int, size: int) -> Batch:
    """Return ``batch`` pieces of ``length`` characters of a text, drawn from ``generator``.

    ``text`` (N,) holds indices below ``size``. The answer at each step is the next character.
    """
    import torch

    starts = torch.randint(len(text) - length, (batch,), generator=generator)
    pieces = text[starts + torch.arange(length + 1)[:, None]].long()
    mask = torch.ones((length, batch), dtype=torch.bool)
    return Batch(one_hot(pieces[:-1], size), pieces[1:], mask)


def pairs(known: NDArray[np.uint8], size: int) -> NDArray[np.float64]:
    """Return log p(next | last), (size, size), as counted in a text.

    Each row is smoothed towards the frequencies of single characters, as if these had followed
    once more. Those are smoothed towards equal ones, so no pair has probability 0.
    """
    single = np.bincount(known, minlength=size) + 1.0
    single /= single.sum()
    counts = np.zeros((size, size))
    np.add.at(counts, (known[:-1], known[1:]), 1)
    odds: NDArray[np.float64] = np.log(counts + single) - np.log(counts.sum(1, keepdims=True) + 1)
    return odds


def pair_bits(text: NDArray[np.uint8], odds: NDArray[np.float64]) -> float:
    """Return the mean surprise of a text under `pairs`, in bits per character."""
    return float(-odds[text[:-1], text[1:]].mean() / np.log(2))


def entropy(text: NDArray[np.uint8]) -> float:
    """Return the entropy of a text's single characters, in bits."""
    shares = np.unique(text, return_counts=True)[1] / len(text)
    return float(-(shares * np.log2(shares)).sum())


def after_last(batch: Batch, odds: NDArray[np.float64]) -> "Tensor":
    """Return the log probabilities of `pairs` at every step, (T, B, O)."""
    import torch

    return torch.from_numpy(odds)[batch.inputs.argmax(-1)]

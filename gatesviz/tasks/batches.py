"""Samples of a task and their targets."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from torch import Generator, Tensor

Kind = Literal["number", "choice", "set"]
"""An answer is a number, one of O names, or a set of names ("these may come next")."""


class Batch(NamedTuple):
    """Samples of a task."""

    inputs: "Tensor"  # (T, B, I) float32: one-hot characters, or numbers
    targets: "Tensor"  # (T, B): int64 index of the right answer, or float32 where it is a number;
    # (T, B, O) float32 where it is a set: 1 for each of its members
    mask: "Tensor"  # (T, B) bool: the steps that are scored; see `Task.learns` for the others


def one_hot(indices: "Tensor", size: int) -> "Tensor":
    """Return float32 one-hot rows: (...) -> (..., size)."""
    from torch.nn import functional

    return functional.one_hot(indices, size).float()


def last_step(length: int, batch: int) -> "Tensor":
    """Return a mask that scores the last of ``length`` steps, (T, B)."""
    import torch

    mask = torch.zeros((length, batch), dtype=torch.bool)
    mask[-1] = True
    return mask


def between(generator: "Generator", low: int, high: int, batch: int) -> "Tensor":
    """Return ``batch`` whole numbers from ``low`` to ``high``, both included, (B,)."""
    import torch

    return torch.randint(low, high + 1, (batch,), generator=generator)

"""What a loss says: its value, and what it asks of the output. Here alone autograd is used."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatesviz.recordings.inputs import Given
from gatesviz.recordings.modules import Network

Output = Tensor | PackedSequence


class Leaf:
    """A network's output, as its module would return it, to be differentiated by.

    Attributes:
        output: in the module's own layout; a PackedSequence where the inputs were one.
    """

    def __init__(
        self, network: Network, given: Given, packed: PackedSequence | None, rows: Tensor
    ) -> None:
        """Take ``rows``, the output as (T, B, D·P); ``packed`` are the inputs if they were."""
        self._given, self._flipped = given, False
        if packed is not None:
            assert given.inside is not None
            self._leaf = rows[given.inside].requires_grad_()
            self.output: Output = PackedSequence(self._leaf.clone(), *packed[1:])
            return
        rows = rows if given.batched else rows[:, 0]
        self._flipped = network.batch_first and given.batched
        self._leaf = (rows.transpose(0, 1) if self._flipped else rows).clone().requires_grad_()
        self.output = self._leaf.clone()  # no leaf: a loss may work in place, as on a module's

    def by_output(self, value: Tensor, *, again: bool = False) -> Tensor | None:
        """Return ∂value/∂y as (T, B, D·P), None where it does not depend on the output."""
        if not value.requires_grad:
            return None
        [found] = torch.autograd.grad(value, self._leaf, retain_graph=again, allow_unused=True)
        if found is None:
            return None
        if self._given.inside is not None:
            inside = self._given.inside
            rows = found.new_zeros(*inside.shape, found.shape[-1])
            rows[inside] = found
            return rows
        if not self._given.batched:
            return found.unsqueeze(1)
        return found.transpose(0, 1) if self._flipped else found


def check_callable(what: str, asked: object) -> None:
    """Raise a TypeError unless ``asked`` can be called."""
    if not callable(asked):
        raise TypeError(
            f"{what} is a {type(asked).__qualname__}, a function of the module's output is wanted"
        )


def asked_of(what: str, function: Callable[[Any], Tensor], leaf: Leaf) -> Tensor:
    """Return ``function(output)``.

    Raises:
        TypeError: if that is no tensor of real floating point numbers.
    """
    value = function(leaf.output)
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{what} returned a {type(value).__qualname__}, a torch.Tensor computed from the"
            " module's output is wanted"
        )
    if not value.is_floating_point():
        raise TypeError(f"{what} returned {value.dtype}, a real floating point tensor is wanted")
    return value


def check_scalar(value: Tensor) -> None:
    """Raise a ValueError unless ``value`` is one number."""
    if value.numel() != 1:
        raise ValueError(
            f"loss returned a tensor of shape {tuple(value.shape)}, a single number is wanted:"
            " sum it or take its mean"
        )


def independent(what: str) -> ValueError:
    """Return the error of a ``what`` that never looked at the output."""
    return ValueError(
        f"{what} does not depend on the module's output, a tensor computed from it (and not"
        " detached) is wanted"
    )

"""A linear layer and the function after it: the answers of a model that ends with one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from gatesviz.player.panels import Follows

FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "softplus": nn.functional.softplus,
    "softsign": nn.functional.softsign,
    "exponential": torch.exp,
    "elu": nn.functional.elu,
    "selu": nn.functional.selu,
    "silu": nn.functional.silu,
    "swish": nn.functional.silu,
}
"""Name of an activation, as Keras writes it -> its function of each number alone."""


class ActivatedLinear(nn.Linear):
    """A linear layer whose numbers go through an activation.

    Attributes:
        activation: its name, a key of `FUNCTIONS`, or "softmax".
    """

    activation: str

    def forward(self, input: Tensor) -> Tensor:
        """Return the layer's numbers after the activation."""
        values = super().forward(input)
        return activated(self, values)


def activated(readout: nn.Linear, values: Tensor) -> Tensor:
    """Return the sums ``values`` of ``readout`` after its activation, if it has one."""
    if not isinstance(readout, ActivatedLinear):
        return values
    if readout.activation == "softmax":
        return values.softmax(-1)
    return FUNCTIONS[readout.activation](values)


def follows(readout: nn.Linear) -> "Follows":
    """Return what a browser computes after the sums of a readout whose answers are numbers."""
    if not isinstance(readout, ActivatedLinear):
        return "number"
    known = {"softmax": "choice", "swish": "silu"}
    return cast("Follows", known.get(readout.activation, readout.activation))

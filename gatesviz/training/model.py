"""The weights of a run at one moment, as PyTorch's own modules."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.fresh import unfilled
from gatesviz.training.spec import TrainingSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Model:
    """What a run had learnt after some updates.

    Attributes:
        spec: of the run.
        updates: how many had been made.
        weights: (P,) float32: every parameter of the recurrent module in PyTorch's order, then
            the readout's weight (O, D·H) and bias (O,).
    """

    spec: TrainingSpec
    updates: int
    weights: Floats

    def module(self) -> "Module":
        """Return a new ``torch.nn`` module with these weights; time first, evaluation mode."""
        module, _ = self.modules()
        return module

    def readout(self) -> "nn.Linear":
        """Return a new ``torch.nn.Linear`` with these weights, h (T, B, D·H) -> (T, B, O)."""
        _, readout = self.modules()
        return readout

    def modules(self) -> "tuple[Module, nn.Linear]":
        """Return the module and the readout."""
        import torch

        module, readout = empty(self.spec)
        parameters = [*module.parameters(), *readout.parameters()]
        weights = torch.tensor(self.weights)
        with torch.no_grad():
            for parameter, part in zip(parameters, views(weights, parameters), strict=True):
                parameter.copy_(part)
        return module.eval(), readout.eval()


def empty(spec: TrainingSpec) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout whose weights are still to be filled."""
    from torch import nn

    options = {"num_layers": spec.layers, "bidirectional": spec.bidirectional}
    H, task = spec.actual_hidden_size, spec.learned
    module = unfilled(spec.cell, task.input_size, H, dropout=spec.dropout, **options)
    readout = nn.Linear(spec.directions * H, task.output_size, device="meta")
    return module, readout.to_empty(device="cpu")


def views(vector: "Tensor", parameters: "Iterable[Tensor]") -> "list[Tensor]":
    """Return parts of ``vector``, one after the other, with the shapes of ``parameters``."""
    import torch

    shapes = [parameter.shape for parameter in parameters]
    parts = torch.split(vector, [math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]

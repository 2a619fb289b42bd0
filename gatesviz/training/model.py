"""The weights of a run at one moment, as PyTorch's own modules."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.fresh import unfilled
from gatesviz.training.spec import TrainingSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module
    from gatesviz.training.conv_attention import CausalConvolution

Floats = NDArray[np.float32]


class Parts(NamedTuple):
    """What a network is made of."""

    module: "Module"
    readout: "nn.Linear"
    convolution: "CausalConvolution | None"

    @property
    def parameters(self) -> "list[nn.Parameter]":
        """All that is learnt, in the order of `Model.weights`."""
        weight, bias, *attention = self.readout.parameters()
        front = [] if self.convolution is None else self.convolution.parameters()
        return [*self.module.parameters(), weight, bias, *front, *attention]

    def features(self, inputs: "Tensor") -> "Tensor":
        """Return what the module reads at ``inputs`` (T, B, I): (T, B, C)."""
        return inputs if self.convolution is None else self.convolution(inputs)


@dataclass(frozen=True, eq=False)
class Model:
    """What a run had learnt after some updates.

    C is `TrainingSpec.input_size`: I, or the channels of a convolution.

    Attributes:
        spec: of the run.
        updates: how many had been made.
        weights: (P,) float32: every parameter of the recurrent module in PyTorch's order; the
            readout's weight (O, D·H), or (O, 2·D·H) with attention, and bias (O,); then, where
            there are such, the convolution's weight (C, I, k) and bias (C,), and the attention's
            W_a (D·H, D·H).
    """

    spec: TrainingSpec
    updates: int
    weights: Floats

    def __repr__(self) -> str:
        return f"Model({self.updates:,} updates, {self.spec!r})"

    def module(self) -> "Module":
        """Return a new ``torch.nn`` module with these weights; time first, evaluation mode.

        It reads `features`, which are the inputs themselves without a convolution.
        """
        return self._parts().module

    def readout(self) -> "nn.Linear":
        """Return a new readout with these weights, h (T, B, D·H) -> (T, B, O).

        A ``torch.nn.Linear``; with attention an `AttentiveReadout`, which takes whole sequences.
        """
        return self._parts().readout

    def modules(self) -> "tuple[Module, nn.Linear]":
        """Return the module and the readout."""
        parts = self._parts()
        return parts.module, parts.readout

    def features(self, inputs: ArrayLike) -> "Tensor":
        """Return what the recurrent module reads at ``inputs`` (T, B, I): (T, B, C)."""
        import torch

        with torch.no_grad():
            return self._parts().features(_tensor(inputs))

    def answers(self, inputs: ArrayLike) -> "Tensor":
        """Return the readout's output for ``inputs`` (T, B, I), from a zero state: (T, B, O)."""
        import torch

        parts = self._parts()
        with torch.no_grad():
            answers: Tensor = parts.readout(parts.module(parts.features(_tensor(inputs)))[0])
        return answers

    def attention(self, inputs: ArrayLike) -> Floats:
        """Return how the readout looks back at ``inputs`` (T, B, I): (B, T, T) float32.

        Row t says how much step t looks at each step s; it adds up to 1, and is 0 for s > t.

        Raises:
            ValueError: if the model has no attention.
        """
        import torch

        from gatesviz.training.conv_attention import AttentiveReadout

        parts = self._parts()
        if not isinstance(parts.readout, AttentiveReadout):
            raise ValueError("the model has no attention: its readout sees one step at a time")
        with torch.no_grad():
            h, _ = parts.module(parts.features(_tensor(inputs)))
            weights: Floats = parts.readout.attention(h).numpy()
        return weights

    def _parts(self) -> Parts:
        import torch

        parts = empty_parts(self.spec)
        weights = views(torch.tensor(self.weights), parts.parameters)
        with torch.no_grad():
            for parameter, part in zip(parts.parameters, weights, strict=True):
                parameter.copy_(part)
        parts.module.eval()
        return parts


def empty_parts(spec: TrainingSpec) -> Parts:
    """Return all of a network; its weights are still to be filled."""
    from gatesviz.training.conv_attention import CausalConvolution

    module, readout = empty(spec)
    if spec.convolution is None:
        return Parts(module, readout, None)
    size = (spec.learned.input_size, spec.input_size, spec.convolution)
    return Parts(module, readout, CausalConvolution(*size, device="meta").to_empty(device="cpu"))


def empty(spec: TrainingSpec) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout whose weights are still to be filled."""
    from torch import nn

    from gatesviz.training.conv_attention import AttentiveReadout

    options = {"num_layers": spec.layers, "bidirectional": spec.bidirectional}
    H, kind = spec.actual_hidden_size, AttentiveReadout if spec.attention else nn.Linear
    module = unfilled(spec.cell, spec.input_size, H, dropout=spec.dropout, **options)
    readout = kind(spec.directions * H, spec.learned.output_size, device="meta")
    return module, readout.to_empty(device="cpu")


def views(vector: "Tensor", parameters: "Iterable[Tensor]") -> "list[Tensor]":
    """Return parts of ``vector``, one after the other, with the shapes of ``parameters``."""
    import torch

    shapes = [parameter.shape for parameter in parameters]
    parts = torch.split(vector, [math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _tensor(inputs: ArrayLike) -> "Tensor":
    import torch

    return torch.as_tensor(inputs, dtype=torch.float32)

"""What a network is made of: PyTorch's own modules, and one flat vector of their weights."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.fresh import unfilled, with_memory
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
        """All that is learnt, in the order of `TrainedModel.weights`."""
        weight, bias, *attention = self.readout.parameters()
        front = [] if self.convolution is None else self.convolution.parameters()
        return [*self.module.parameters(), weight, bias, *front, *attention]

    def features(self, inputs: "Tensor") -> "Tensor":
        """Return what the module reads at ``inputs`` (T, B, I): (T, B, C)."""
        return inputs if self.convolution is None else self.convolution(inputs)


def empty_parts(spec: TrainingSpec) -> Parts:
    """Return all of a network; its weights are still to be filled."""
    from gatesviz.training.conv_attention import CausalConvolution

    module, readout = empty(spec)
    if spec.convolution is None:
        return Parts(module, readout, None)
    size = (spec.learned.input_size, spec.input_size, spec.convolution)
    return Parts(module, readout, with_memory(CausalConvolution(*size, device="meta")))


def empty(spec: TrainingSpec) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout whose weights are still to be filled."""
    from torch import nn

    from gatesviz.training.conv_attention import AttentiveReadout

    options = {"num_layers": spec.layers, "bidirectional": spec.bidirectional}
    H, kind = spec.actual_hidden_size, AttentiveReadout if spec.attention else nn.Linear
    module = unfilled(spec.cell, spec.input_size, H, dropout=spec.dropout, **options)
    readout = kind(spec.directions * H, spec.learned.output_size, device="meta")
    return module, with_memory(readout)


def views(vector: "Tensor", parameters: "Iterable[Tensor]") -> "list[Tensor]":
    """Return parts of ``vector``, one after the other, with the shapes of ``parameters``."""
    import torch

    shapes = [parameter.shape for parameter in parameters]
    parts = torch.split(vector, [math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]

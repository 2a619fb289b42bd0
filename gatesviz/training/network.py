"""A module and its readout whose parameters are views of one flat vector."""

import torch
from torch import Tensor, nn

from gatesviz.fresh import unfilled
from gatesviz.training.model import empty, views
from gatesviz.training.spec import TrainingSpec


class Network:
    """What is trained. One vector of weights makes copying, checking and updating one call.

    Attributes:
        module, readout: `torch.nn`'s.
        weights: (P,) in the order of `Model.weights`; every parameter is a view of it.
        gradient: (P,), likewise for the gradients.
        parameters: the module's and the readout's.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self._dropout = spec.dropout
        self.module, self.readout = empty(spec)
        self.module.eval()  # its own dropout would draw from the global generator
        self.parameters = [*self.module.parameters(), *self.readout.parameters()]
        count = sum(parameter.numel() for parameter in self.parameters)
        self.weights, self.gradient = torch.zeros(count), torch.zeros(count)
        parts = zip(
            self.parameters,
            views(self.weights, self.parameters),
            views(self.gradient, self.parameters),
            strict=True,
        )
        for parameter, weight, gradient in parts:
            parameter.data, parameter.grad = weight, gradient
        self._layers = _layers(self.module, spec) if spec.dropout else []

    def answers(self, inputs: Tensor) -> Tensor:
        """Return the readout's output for ``inputs`` (T, B, I), without dropout."""
        answers: Tensor = self.readout(self.module(inputs)[0])
        return answers

    def training_answers(self, inputs: Tensor, masks: torch.Generator | None) -> Tensor:
        """Return the same with dropout between the layers, drawn from ``masks``.

        ``torch.nn`` draws its masks from the global generator, so the layers run one by one.
        """
        if masks is None:
            return self.answers(inputs)
        h, keep = inputs, 1 - self._dropout
        for k, layer in enumerate(self._layers):
            if k:
                h = h * (torch.rand(h.shape, generator=masks) < keep) / keep
            h = layer(h)[0]
        answers: Tensor = self.readout(h)
        return answers


def _layers(module: nn.RNNBase, spec: TrainingSpec) -> list[nn.RNNBase]:
    """Return one module for each layer, which shares its parameters with ``module``."""
    layers: list[nn.RNNBase] = []
    for k in range(spec.layers):
        inputs = module.input_size if k == 0 else spec.directions * module.hidden_size
        layer = unfilled(spec.cell, inputs, module.hidden_size, bidirectional=spec.bidirectional)
        for name, _ in list(layer.named_parameters()):
            setattr(layer, name, getattr(module, name.replace("_l0", f"_l{k}")))
        layers.append(layer)
    return layers

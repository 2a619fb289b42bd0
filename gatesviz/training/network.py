"""A network whose parameters are views of one flat vector."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gatesviz.fresh import unfilled
from gatesviz.training.parts import empty_parts, views
from gatesviz.training.spec import TrainingSpec

if TYPE_CHECKING:
    from gatesviz.fresh import Module


class Network:
    """What is trained. One vector of weights makes copying, checking and updating one call.

    Attributes:
        module, readout, convolution: `torch.nn`'s; the last is None where there is none.
        weights: (P,) in the order of `TrainedModel.weights`; every parameter is a view of it.
        gradient: (P,), likewise for the gradients.
        parameters: of all of them, in the same order.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self._dropout = spec.dropout
        self._parts = empty_parts(spec)
        self.module, self.readout, self.convolution = self._parts
        self.module.eval()  # its own dropout would draw from the global generator
        self.parameters = self._parts.parameters
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

    def outputs(self, inputs: Tensor) -> Tensor:
        """Return the readout's output for ``inputs`` (T, B, I), without dropout."""
        outputs: Tensor = self.readout(self.module(self._parts.features(inputs))[0])
        return outputs

    def training_outputs(self, inputs: Tensor, masks: torch.Generator | None) -> Tensor:
        """Return the same with dropout between the layers, drawn from ``masks``."""
        outputs, _ = self.read_on(inputs, masks, None)
        return outputs

    def read_on(
        self, inputs: Tensor, masks: torch.Generator | None, before: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the answers, and the states in which the layers end, as ``before``.

        ``torch.nn`` draws its masks from the global generator, so the layers run one by one.

        Args:
            inputs: (T, B, I).
            masks: what draws the masks of dropout; None drops nothing.
            before: (S, D·L, B, H), the states in which they begin; None stands for zeros.
        """
        h, keep = self._parts.features(inputs), 1 - self._dropout
        layers, after = [self.module] if masks is None else self._layers, []
        for k, layer in enumerate(layers):
            if masks is not None and k:
                h = h * (torch.rand(h.shape, generator=masks) < keep) / keep
            part = before if before is None or masks is None else before[:, k : k + 1]
            h, state = layer(h, None if part is None else _given(part))
            after.append(_taken(state))
        return self.readout(h), torch.cat(after, 1)


def _given(states: Tensor) -> Tensor | tuple[Tensor, ...]:
    """Return states (S, L, B, H) as ``torch.nn`` takes them: h, or h and c."""
    return states[0] if len(states) == 1 else tuple(states)


def _taken(state: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Return what ``torch.nn`` gave as states (S, L, B, H), cut off from what led to them."""
    return torch.stack(state if isinstance(state, tuple) else (state,)).detach()


def _layers(module: "Module", spec: TrainingSpec) -> "list[Module]":
    """Return one module for each layer, which shares its parameters with ``module``."""
    layers: list[Module] = []
    for k in range(spec.layers):
        inputs = module.input_size if k == 0 else spec.directions * module.hidden_size
        layer = unfilled(spec.cell, inputs, module.hidden_size, bidirectional=spec.bidirectional)
        for name, _ in list(layer.named_parameters()):
            setattr(layer, name, getattr(module, name.replace("_l0", f"_l{k}")))
        layers.append(layer)
    return layers

"""The weights a run begins with."""

import math

import torch
from torch import Tensor

from gatesviz.cells import CELLS
from gatesviz.training.network import Network
from gatesviz.training.spec import TrainingSpec


def draw(network: Network, spec: TrainingSpec, generator: torch.Generator) -> None:
    """Fill the weights as PyTorch's constructors do, uniform in ±1/√fan, and set the biases.

    The recurrent module's are those of `gatesviz.fresh.fresh` with the same seed, but for
    `TrainingSpec.gain`.
    """
    H = network.module.hidden_size
    recurrent = sum(parameter.numel() for parameter in network.module.parameters())
    for weights, fan in (
        (network.weights[:recurrent], H),
        (network.weights[recurrent:], spec.directions * H),
    ):
        weights.uniform_(-1 / math.sqrt(fan), 1 / math.sqrt(fan), generator=generator)
    for name, weights in network.module.named_parameters():
        if name.startswith("weight_hh"):
            weights.data *= spec.gain
    for name, bias in network.module.named_parameters():
        if name.startswith("bias_ih"):
            other = network.module.get_parameter(name.replace("_ih_", "_hh_"))
            for gate, values in _biases(spec, H, generator).items():
                k = CELLS[spec.cell].blocks.index(gate)
                bias.data[k * H : (k + 1) * H] = values
                other.data[k * H : (k + 1) * H] = 0


def _biases(spec: TrainingSpec, H: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Return gate -> (H,): what the sum of its two biases is set to in one layer and direction."""
    if spec.forget_bias is not None:
        return {"f": torch.full((H,), float(spec.forget_bias))}
    if not spec.chrono:
        return {}
    keep = torch.empty(H).uniform_(1, spec.length - 1, generator=generator).log()
    return {"f": keep, "i": -keep} if spec.cell == "lstm" else {"z": keep}

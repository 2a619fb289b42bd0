"""The weights a run begins with."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from gatesviz.cells import CELLS
from gatesviz.training import samples
from gatesviz.training.conv_attention import AttentiveReadout
from gatesviz.training.network import Network
from gatesviz.training.parts import Floats
from gatesviz.training.spec import TrainingSpec
from gatesviz.training.threads import alone


def initial_weights(spec: TrainingSpec) -> Floats:
    """Return the weights (P,) that a run with these settings begins with."""
    with alone():
        network = Network(spec)
        initialise(network, spec, samples.generator(spec.seed))
    weights: Floats = network.weights.numpy()
    return weights


def initialise(network: Network, spec: TrainingSpec, generator: torch.Generator) -> None:
    """Fill the weights as PyTorch's constructors do, uniform in ±1/√fan, and set the biases.

    The recurrent module's are those of `gatesviz.fresh.fresh` with the same seed, but for
    `TrainingSpec.gain`.
    """
    H, readout = network.module.hidden_size, network.readout
    _fill(network.module.parameters(), H, generator)
    _fill((readout.weight, readout.bias), readout.in_features, generator)
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
    if not spec.forget_gate:
        _keep_open(network, spec, H)
    # Last of all, so that everything else begins as it does without them.
    if network.convolution is not None:
        fan = network.convolution.weight[0].numel()
        _fill(network.convolution.parameters(), fan, generator)
    if isinstance(readout, AttentiveReadout):
        _fill(readout.score.parameters(), readout.score.in_features, generator)


def _fill(parameters: Iterable[Tensor], fan: int, generator: torch.Generator) -> None:
    bound = 1 / math.sqrt(fan)
    for parameter in parameters:
        parameter.data.uniform_(-bound, bound, generator=generator)


def _keep_open(network: Network, spec: TrainingSpec, H: int) -> None:
    """Take the forget gate's weights away, so that its bias alone says what it is."""
    blocks, forget = CELLS[spec.cell].blocks, CELLS[spec.cell].biases.forget
    assert forget is not None  # checked by the spec
    k = blocks.index(forget)
    for name, weights in network.module.named_parameters():
        if name.startswith("weight"):
            weights.data[k * H : (k + 1) * H] = 0


def _biases(spec: TrainingSpec, H: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Return gate -> (H,): what the sum of its two biases is set to in one layer and direction."""
    if not spec.chrono:
        return {gate: torch.full((H,), value) for gate, value in spec.set_biases.items()}
    keep = torch.empty(H).uniform_(1, spec.length - 1, generator=generator).log()
    return {gate: sign * keep for gate, sign in CELLS[spec.cell].biases.chrono.items()}

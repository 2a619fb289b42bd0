"""All layers and directions of a network, from the top down: what enters below leaves above."""

from typing import NamedTuple

import torch
from torch import Tensor

from gatesviz.gradients.scans import BACK, Derivatives
from gatesviz.recordings.inputs import Given
from gatesviz.recordings.layers import Pass, Run
from gatesviz.recordings.modules import Network
from gatesviz.recordings.scans import Scan
from gatesviz.traces import Direction


class Back(NamedTuple):
    """The derivatives in every layer and direction, and by the network's inputs (T, B, I)."""

    layers: dict[tuple[int, Direction], Derivatives]
    inputs: Tensor


def back(network: Network, given: Given, done: Run, outputs: Tensor) -> Back:
    """Follow ``outputs``, ∂L/∂y (T, B, directions · P), down to the network's inputs."""
    found: dict[tuple[int, Direction], Derivatives] = {}
    for layer in reversed(range(network.layers)):
        parts = outputs.chunk(len(network.directions), -1)
        inputs = None
        for direction, part in zip(network.directions, parts, strict=True):
            key = layer, direction
            weights = network.weights[key]
            scan = _ended(done.passes[key].scan, given.inside)
            found[key] = BACK[network.cell](part, scan, weights, direction)
            by_sum = found[key].sums.flatten(2).flatten(0, 1)
            if inputs is None:
                inputs = by_sum @ weights.weight_ih
            else:
                inputs.addmm_(by_sum, weights.weight_ih)
        assert inputs is not None
        outputs = inputs.view(*outputs.shape[:2], -1)
        if given.inside is not None:  # a backward scan goes on into the padding
            outputs.masked_fill_(~given.inside[..., None], 0)
        if layer in done.masks:
            outputs.mul_(done.masks[layer])
    return Back({key: found[key] for key in done.passes}, outputs)


def _ended(scan: Scan, inside: Tensor | None) -> Scan:
    """Return ``scan`` with closed gates in the padding, where an LSTM then shows nothing.

    A backward sample's initial state lies in the first row of the padding: what it would show
    there must not count as its gradient.
    """
    if inside is None:
        return scan
    beyond = ~inside[..., None]
    return scan._replace(gates={k: v.masked_fill(beyond, 0) for k, v in scan.gates.items()})


def repeated(given: Given, done: Run, times: int) -> tuple[Given, Run]:
    """Return the same run with its samples ``times`` over, for as many losses at once."""

    def again(tensor: Tensor) -> Tensor:
        return torch.cat([tensor] * times, 1)

    def passed(one: Pass) -> Pass:
        scan = one.scan._replace(
            gates={letter: again(gate) for letter, gate in one.scan.gates.items()},
            h=again(one.scan.h),
            c=None if one.scan.c is None else again(one.scan.c),
        )
        return one._replace(scan=scan)

    inside = None if given.inside is None else again(given.inside)
    return given._replace(inside=inside), Run(
        {key: passed(one) for key, one in done.passes.items()},
        done.output,
        {layer: again(mask) for layer, mask in done.masks.items()},
    )

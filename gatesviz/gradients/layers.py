"""All layers and directions of a network, from the top down: what enters below leaves above."""

import torch
from torch import Tensor

from gatesviz.gradients.scans import BACK, Derivatives
from gatesviz.recordings.inputs import Given
from gatesviz.recordings.layers import Pass, Run
from gatesviz.recordings.modules import Network
from gatesviz.recordings.scans import Scan
from gatesviz.traces import Direction

Found = dict[tuple[int, Direction], Derivatives]


def back(
    network: Network, given: Given, done: Run, outputs: Tensor, *, bottom: bool = True
) -> tuple[Found, Tensor]:
    """Follow ``outputs``, ∂L/∂y (T, B, directions · P), down to the network's inputs.

    Returns:
        The derivatives in every layer and direction, and by the network's inputs (T, B, I); in
        its place whatever entered the first layer, unless ``bottom``.
    """
    found: Found = {}
    for layer in reversed(range(network.layers)):
        parts = outputs.chunk(len(network.directions), -1)
        for direction, part in zip(network.directions, parts, strict=True):
            key = layer, direction
            scan = _ended(done.passes[key].scan, given.inside)
            found[key] = BACK[network.cell](part, scan, network.weights[key], direction)
        if layer or bottom:
            outputs = _by_inputs(network, layer, found)
        if layer in done.masks:
            outputs.mul_(done.masks[layer])
        if given.inside is not None:  # a backward scan goes on into the padding
            outputs = outputs.masked_fill(~given.inside[..., None], 0)
    return {key: found[key] for key in done.passes}, outputs


def _by_inputs(network: Network, layer: int, found: Found) -> Tensor:
    """Return the derivative by what ``layer`` saw, (T, B, ·), through all its directions."""
    total: Tensor | None = None
    for direction in network.directions:
        weight = network.weights[layer, direction].weight_ih
        sums = found[layer, direction].sums
        flat = sums.flatten(2).flatten(0, 1)
        total = flat @ weight if total is None else total.addmm_(flat, weight)
    assert total is not None
    return total.view(*sums.shape[:2], -1)


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

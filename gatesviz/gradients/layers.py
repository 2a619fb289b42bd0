"""Backpropagation through all layers and directions of a network, from the top down."""

import numpy as np
import torch
from torch import Tensor

from gatesviz.gradients.by_autograd import step_back
from gatesviz.gradients.losses import OutputGradient
from gatesviz.gradients.scans import BACK, Derivatives, Index
from gatesviz.recordings.inputs import Given
from gatesviz.recordings.layers import Pass, Run
from gatesviz.recordings.modules import Network
from gatesviz.recordings.scans import Scan
from gatesviz.traces import Direction

Found = dict[tuple[int, Direction], Derivatives]


@np.errstate(all="ignore")  # inf and NaN pass without a warning
def back(
    network: Network, given: Given, done: Run, gradient: OutputGradient, *, bottom: bool = True
) -> tuple[Found, Tensor]:
    """Propagate ``gradient``, of the output and the final state, down to the inputs.

    Returns:
        The derivatives in every layer and direction, and with respect to the inputs (T, B, I).
        Without ``bottom``, the second value is the gradient of the output of the first layer.
    """
    found: Found = {}
    outputs = gradient.outputs
    for layer in reversed(range(network.layers)):
        parts = outputs.chunk(len(network.directions), -1)
        for direction, part in zip(network.directions, parts, strict=True):
            key = layer, direction
            scan = _ended(done.passes[key].scan, given.inside)
            by_h, by_c = (_by_final(network, gradient, index, key) for index in (0, 1))
            last_read = _last_read(given, len(part), direction)
            if by_h is not None:
                part = part.clone()
                part[last_read] += by_h
            more = () if by_c is None else (last_read, by_c)
            known = (part, scan, network.weights[key], direction)
            if network.cell in BACK:
                found[key] = BACK[network.cell](*known, *more)
            else:
                x = done.passes[key].x
                x = x.repeat(1, part.shape[1] // x.shape[1], 1)  # of `repeated` runs
                found[key] = step_back(network.cell, x, *known, last_read, by_c, given.inside)
        if layer or bottom:
            outputs = _by_inputs(network, layer, found)
        if layer in done.masks:
            outputs.mul_(done.masks[layer])
        if given.inside is not None:  # a backward scan goes on into the padding
            outputs = outputs.masked_fill(~given.inside[..., None], 0)
    return {key: found[key] for key in done.passes}, outputs


def _by_final(
    network: Network, gradient: OutputGradient, state: int, key: tuple[int, Direction]
) -> Tensor | None:
    """Return the gradient with respect to the final h (``state`` 0) or c (1) of ``key``, (B, ·)."""
    by_state = gradient.finals[state] if state < len(gradient.finals) else None
    if by_state is None:
        return None
    layer, direction = key
    return by_state[layer * len(network.directions) + network.directions.index(direction)]


def _last_read(given: Given, steps: int, direction: Direction) -> Index:
    """Return the last step that each sample reads, as an index into (T, B, ·)."""
    if direction == "backward":
        return (0,)
    if given.lengths is None:
        return (steps - 1,)
    return given.lengths - 1, torch.arange(len(given.lengths), device=given.lengths.device)


def _by_inputs(network: Network, layer: int, found: Found) -> Tensor:
    """Return ∂L/∂x for the inputs x of ``layer``, (T, B, ·), through all its directions."""
    total: Tensor | None = None
    for direction in network.directions:
        weight = network.weights[layer, direction].weight_ih
        sums = found[layer, direction].sums
        flat = sums.flatten(2).flatten(0, 1)
        total = flat @ weight if total is None else total.addmm_(flat, weight)
    assert total is not None
    return total.view(*sums.shape[:2], -1)


def _ended(scan: Scan, inside: Tensor | None) -> Scan:
    """Return ``scan`` with closed gates in the padding, so that an LSTM outputs nothing there.

    The initial state of a backward sample is in the first row of the padding. Its output there
    must not count in its gradient.
    """
    if inside is None:
        return scan
    beyond = ~inside[..., None]
    return scan._replace(gates={k: v.masked_fill(beyond, 0) for k, v in scan.gates.items()})


def repeated(given: Given, done: Run, times: int) -> tuple[Given, Run]:
    """Return the run with its samples repeated ``times`` times, for as many losses at once."""

    def again(tensor: Tensor) -> Tensor:
        return torch.cat([tensor] * times, 1)

    def passed(one: Pass) -> Pass:
        scan = one.scan._replace(
            gates={letter: again(gate) for letter, gate in one.scan.gates.items()},
            h=again(one.scan.h),
            c=None if one.scan.c is None else again(one.scan.c),
        )
        return Pass(one.x, scan)

    if given.inside is not None and given.lengths is not None:
        lengths = given.lengths.repeat(times)
        given = given._replace(inside=again(given.inside), lengths=lengths)
    return given, Run(
        {key: passed(one) for key, one in done.passes.items()},
        done.output,
        {layer: again(mask) for layer, mask in done.masks.items()},
    )

"""Backpropagation through time by autograd, for a cell without a closed form.

Exact, and some ten times slower than `gatesviz.gradients.scans`: each step of `Cell.step` is
differentiated by itself, last step read first.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gatesviz.cells import CELLS, Weights
from gatesviz.gradients.scans import Derivatives, Index, ends
from gatesviz.recordings.scans import Scan
from gatesviz.traces import Array, Direction, Trace


def step_back(
    cell: str,
    x: Tensor,
    outputs: Tensor,
    scan: Scan,
    weights: Weights,
    direction: Direction,
    last_read: Index = (),
    by_final_c: Tensor | None = None,
    inside: Tensor | None = None,
) -> Derivatives:
    """Scan against reading order, as the scans of `gatesviz.gradients.scans` do.

    Args:
        cell: key of `gatesviz.cells.CELLS`.
        x: (T, B, I), what the layer saw.
        outputs: (T, B, P), what enters from above.
        scan: its gates and states, in the order of the inputs.
        weights, direction: of the layer.
        last_read, by_final_c: (B, H) by the final c enters after these steps.
        inside: (T, B), False in the padding of packed samples, None without padding.
    """
    states = [scan.h] if scan.c is None else [scan.h, scan.c]
    T, B, blocks = *outputs.shape[:2], len(CELLS[cell].blocks)
    steps: list[_Derivatives] = []
    with torch.inference_mode(False):
        known = Weights._make(None if w is None else w.clone() for w in weights)
        by_state = [x.new_zeros(each.shape) for each in states]
        before, after = zip(*(ends(each, direction) for each in by_state), strict=True)
        after[0].copy_(outputs)
        if by_final_c is not None:
            after[1][last_read] += by_final_c
        old = [ends(each, direction)[0] for each in states]
        none = torch.zeros((), dtype=torch.bool, device=x.device)
        for t in range(T) if direction == "backward" else reversed(range(T)):
            beyond = none if inside is None else ~inside[t][:, None]
            by_new = [each[t].masked_fill(beyond, 0) for each in after]
            step = _differentiated(cell, x[t], [each[t] for each in old], known, by_new)
            if step.new_c is not None:
                after[1][t] = torch.where(beyond, after[1][t], step.new_c)
            for each, more in zip(before, step.old, strict=True):
                each[t] += more
            steps.append(step)
        steps = steps if direction == "backward" else steps[::-1]
        sums, from_state = (
            torch.stack([step.sums[k] for step in steps]).view(T, B, blocks, -1) for k in (0, 1)
        )
        by_gate = [torch.stack(each) for each in zip(*(step.gates for step in steps), strict=True)]
    by_c = by_state[1] if len(by_state) > 1 else None
    gates = dict(zip(scan.gates, by_gate, strict=True))
    return Derivatives(outputs, sums, by_state[0], by_c, by_final_c, gates, from_state)


class _Derivatives(NamedTuple):
    """Of a loss, by what one step reads and computes."""

    new_c: Tensor | None  # (B, H), the way through the new h included
    old: list[Tensor]  # by each state before the step
    sums: tuple[Tensor, Tensor]  # (B, K·H), by W_i·x + b_i and by W_h·h + b_h
    gates: list[Tensor]


def _differentiated(
    cell: str, x: Tensor, old: list[Tensor], weights: Weights, by_new: list[Tensor]
) -> _Derivatives:
    with torch.enable_grad():
        first = [each.clone().requires_grad_() for each in old]
        # A bias of its own for each sample: its derivative is that of the sum it is added to.
        no_bias = weights.weight_hh.new_zeros(len(weights.weight_hh))
        biases = [
            (no_bias if bias is None else bias).repeat(len(x), 1).requires_grad_()
            for bias in (weights.bias_ih, weights.bias_hh)
        ]
        own = weights._replace(bias_ih=biases[0], bias_hh=biases[1])
        names = CELLS[cell].states
        step = CELLS[cell].step(x.clone(), dict(zip(names, first, strict=True)), own)
        new, gates = [step.state[name] for name in names], list(step.gates.values())
        wanted = [*new[1:], *first, *biases, *gates]
        found = torch.autograd.grad(new, wanted, by_new, allow_unused=True, materialize_grads=True)
    parts = list(found)
    new_c = parts.pop(0) if len(new) > 1 else None
    n = len(first)
    return _Derivatives(new_c, parts[:n], (parts[n], parts[n + 1]), parts[n + 2 :])


def step_jacobians(trace: Trace) -> Array:
    """Return ∂s'/∂s of every step of an unbatched ``trace``, (T, S, S), in float64."""
    names = trace.kind.states
    with torch.inference_mode(False), torch.enable_grad():
        x = _float64(trace.inputs)
        weights = {k: _float64(w) for k, w in trace.weights.items()}
        old = {name: _float64(trace.before(name)).requires_grad_() for name in names}
        step = trace.kind.step(x, old, Weights(**weights))
        new = torch.cat([step.state[name] for name in names], -1)
        rows = []
        for value in new.sum(0):  # steps do not depend on each other
            by = torch.autograd.grad(
                value,
                list(old.values()),
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            rows.append(torch.cat(by, -1))
        found: Array = torch.stack(rows, 1).numpy()
    return found


def _float64(array: Array) -> Tensor:
    """Return a copy on the CPU, whatever torch's default device is."""
    return torch.tensor(array, dtype=torch.float64, device="cpu")

"""The oracle: the equations of `gatesviz.cells`, sample by sample in a loop, under autograd."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from gatesviz.cells import CELLS, Weights


@dataclass
class Sample:
    """One sample on its way: every tensor that may be differentiated by, in input order."""

    inputs: list[Tensor]
    output: list[Tensor] = field(default_factory=list)
    states: dict = field(default_factory=dict)  # (layer, direction, name) -> T + 1 tensors
    gates: dict = field(default_factory=dict)  # (layer, direction, letter) -> T tensors


def by_autograd(module: nn.RNNBase, inputs, loss: Callable, state=None, *, with_state=False):
    """Return loss, ∂L/∂inputs, and ∂L/∂states and ∂L/∂gates by (layer, direction, name).

    ``with_state`` gives the loss the final state beside the output.
    """
    samples = [Sample(list(x.detach().clone().requires_grad_())) for x in _alone(module, inputs)]
    for b, sample in enumerate(samples):
        _run(module, sample, b, state)
    output = _returned(module, inputs, [torch.stack(s.output) for s in samples])
    value = loss(output, _final(module, inputs, samples)) if with_state else loss(output)
    batched = isinstance(inputs, PackedSequence) or inputs.ndim == 3

    def collected(pick: Callable[[Sample], list[Tensor]]) -> np.ndarray:
        """(T, B, ·), NaN beyond each end."""
        rows = [_by(value, pick(sample)) for sample in samples]
        array = np.full((max(map(len, rows)), len(rows), rows[0].shape[-1]), np.nan)
        for b, row in enumerate(rows):
            array[: len(row), b] = row
        return array if batched else array[:, 0]

    found = collected(lambda s: s.inputs)
    states, gates = (
        {k: collected(lambda s, k=k, of=of: getattr(s, of)[k]) for k in getattr(samples[0], of)}
        for of in ("states", "gates")
    )
    return float(value.detach()), found, states, gates


def _by(value: Tensor, tensors: list[Tensor]) -> np.ndarray:
    found = torch.autograd.grad(value, tensors, retain_graph=True, allow_unused=True)
    filled = [torch.zeros_like(t) if g is None else g for g, t in zip(found, tensors, strict=True)]
    return torch.stack(filled).numpy()


def _alone(module: nn.RNNBase, inputs) -> list[Tensor]:
    """Return each sample (L, I) with its own length."""
    if isinstance(inputs, PackedSequence):
        padded, lengths = pad_packed_sequence(inputs)
        return [padded[:length, b] for b, length in enumerate(lengths.tolist())]
    if inputs.ndim == 2:
        return [inputs]
    return list(inputs.unbind(0 if module.batch_first else 1))


def _returned(module: nn.RNNBase, inputs, outputs: list[Tensor]):
    """Return what the module would: its layout, or a PackedSequence."""
    if isinstance(inputs, PackedSequence):
        padded = nn.utils.rnn.pad_sequence(outputs)
        lengths = torch.tensor([len(y) for y in outputs])
        in_order = inputs.sorted_indices is None
        return pack_padded_sequence(padded, lengths, enforce_sorted=in_order)
    if inputs.ndim == 2:
        return outputs[0]
    return torch.stack(outputs, 0 if module.batch_first else 1)


def _final(module: nn.RNNBase, inputs, samples: list[Sample]):
    """Return h_n, or (h_n, c_n), as the module would."""
    found = []
    for wanted in CELLS[module.mode.lower()].states:
        ends = [
            torch.stack(
                [
                    rows[-1 if direction == "forward" else 0]
                    for (_, direction, name), rows in sample.states.items()
                    if name == wanted
                ]
            )
            for sample in samples
        ]
        batched = isinstance(inputs, PackedSequence) or inputs.ndim == 3
        found.append(torch.stack(ends, 1) if batched else ends[0])
    return tuple(found) if len(found) > 1 else found[0]


def _run(module: nn.RNNBase, sample: Sample, b: int, state) -> None:
    directions = ["forward", "backward"][: 1 + module.bidirectional]
    x = sample.inputs
    for layer in range(module.num_layers):
        outputs = []
        for d, direction in enumerate(directions):
            first = _initial(module, layer * len(directions) + d, b, state)
            outputs.append(_scan(module, sample, x, layer, direction, first))
        x = [torch.cat(ys) for ys in zip(*outputs, strict=True)]
    sample.output = x


def _scan(module, sample: Sample, x, layer, direction, first) -> list[Tensor]:
    suffix = f"_l{layer}" + ("_reverse" if direction == "backward" else "")
    weights = {k: module._parameters.get(k + suffix) for k in Weights._fields}
    weights = Weights(**{k: None if w is None else w.detach() for k, w in weights.items()})
    cell, order = CELLS[module.mode.lower()], range(len(x))
    states, gates = [first], {gate.letter: [] for gate in cell.gates}
    for t in order if direction == "forward" else reversed(order):
        step = cell.step(x[t], states[-1], weights)
        states.append(step.state)
        for letter, rows in gates.items():
            rows.append(step.gates[letter])
    in_order = slice(None) if direction == "forward" else slice(None, None, -1)
    for name in cell.states:
        sample.states[layer, direction, name] = [s[name] for s in states][in_order]
    for letter, rows in gates.items():
        sample.gates[layer, direction, letter] = rows[in_order]
    return [s["h"] for s in states[1:]][in_order]


def _initial(module: nn.RNNBase, index: int, b: int, state) -> dict[str, Tensor]:
    sizes = {"h": module.proj_size or module.hidden_size, "c": module.hidden_size}
    given = {} if state is None else dict(zip("hc", _tuple(state), strict=False))
    found = {}
    for name in CELLS[module.mode.lower()].states:
        zeros = module.weight_hh_l0.new_zeros(sizes[name])
        rows = given.get(name)
        row = zeros if rows is None else (rows[index, b] if rows.ndim == 3 else rows[index])
        found[name] = row.detach().clone().requires_grad_()
    return found


def _tuple(state) -> tuple[Tensor, ...]:
    return state if isinstance(state, tuple) else (state,)

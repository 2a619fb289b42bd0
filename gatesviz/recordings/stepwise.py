"""Cells that torch.nn lacks: a module and a scan that call `Cell.step` once a step.

Both are exact and slower than torch's kernels. The module has the interface, and the names of
parameters, of torch.nn.LSTM, so training and recording use it in the same way.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from gatesviz.cells import Weights, find_cell
from gatesviz.recordings.scans import Scan


def step_scan(
    cell: str, x: Tensor, first_h: Tensor, first_c: Tensor | None, weights: Weights
) -> Scan:
    """Scan ``x`` (T, B, I) from ``first_h`` (B, P) and ``first_c`` (B, H) by the cell's own step.

    Works for every cell of `gatesviz.cells.CELLS`, and autograd can differentiate it.
    """
    description = find_cell(cell)
    state = {"h": first_h} if first_c is None else {"h": first_h, "c": first_c}
    states = {name: [value] for name, value in state.items()}
    gates: dict[str, list[Tensor]] = {gate.letter: [] for gate in description.gates}
    for now in x:
        step = description.step(now, state, weights)
        state = step.state
        for name, values in states.items():
            values.append(state[name])
        for letter, steps in gates.items():
            steps.append(step.gates[letter])
    c = torch.stack(states["c"]) if "c" in states else None
    return Scan({k: torch.stack(v) for k, v in gates.items()}, torch.stack(states["h"]), c)


class StepModule(nn.Module):
    """A recurrent module for any cell of `gatesviz.cells.CELLS`, called as torch.nn.LSTM is.

    Parameters have torch.nn's names, shapes and order, and start uniform in ±1/√H from torch's
    global generator. Inputs are (T, B, I), (B, T, I) with ``batch_first``, or (T, I).

    Args:
        cell: key of `gatesviz.cells.CELLS`.
        input_size, hidden_size: I and H.
        num_layers, bias, batch_first, dropout, bidirectional, device, dtype: as in torch.nn.LSTM.

    Raises:
        ValueError: if there is no such cell.
    """

    proj_size = 0

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        rows = len(find_cell(cell).blocks) * hidden_size
        self.cell, self.input_size, self.hidden_size = cell, input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = dropout, bidirectional
        self._suffixes = [
            f"_l{layer}{end}"
            for layer in range(num_layers)
            for end in (("", "_reverse") if bidirectional else ("",))
        ]
        self._names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if bias else [])]
        for suffix in self._suffixes:
            size = input_size if suffix.startswith("_l0") else hidden_size * (1 + bidirectional)
            shapes = ((rows, size), (rows, hidden_size), (rows,), (rows,))
            for name, shape in zip(self._names, shapes, strict=False):
                values = torch.empty(shape, device=device, dtype=dtype)
                self.register_parameter(name + suffix, nn.Parameter(values))
        bound = 1 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def weights_in_use(self) -> list[Tensor]:
        """Return the weights of each layer and direction, in the order of torch's kernels."""
        return [getattr(self, name + suffix) for suffix in self._suffixes for name in self._names]

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """Return the output and the final state, as torch.nn.LSTM and torch.nn.GRU do."""
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if self.batch_first and batched else x
        several = len(find_cell(self.cell).states) > 1
        first = self._first(x, hx, batched, several)
        used, count, directions = self.weights_in_use(), len(self._names), 1 + self.bidirectional
        finals = []
        for layer in range(self.num_layers):
            outputs = []
            for k in range(layer * directions, (layer + 1) * directions):
                backward = k % directions == 1
                weights = Weights(*used[k * count : (k + 1) * count])
                read = x.flip(0) if backward else x
                scan = step_scan(
                    self.cell, read, first[0][k], first[1][k] if several else None, weights
                )
                outputs.append(scan.output.flip(0) if backward else scan.output)
                finals.append(scan.last)
            x = torch.cat(outputs, -1)
            if layer + 1 < self.num_layers:
                x = nn.functional.dropout(x, self.dropout, self.training)
        states = [torch.stack(parts) for parts in zip(*finals, strict=True)]
        if not batched:
            return x.squeeze(1), self._as_torch([state.squeeze(1) for state in states])
        return x.transpose(0, 1) if self.batch_first else x, self._as_torch(states)

    def _first(self, x: Tensor, hx: Any, batched: bool, several: bool) -> list[Tensor]:
        if hx is None:
            zeros = x.new_zeros(len(self._suffixes), x.shape[1], self.hidden_size)
            return [zeros, zeros] if several else [zeros]
        states = list(hx) if several else [hx]
        return states if batched else [state.unsqueeze(1) for state in states]

    @staticmethod
    def _as_torch(states: list[Tensor]) -> Any:
        return states[0] if len(states) == 1 else tuple(states)

    def extra_repr(self) -> str:
        """Return what the module is, for its repr."""
        return f"{self.cell!r}, {self.input_size}, {self.hidden_size}, num_layers={self.num_layers}"

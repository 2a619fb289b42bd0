"""Run all layers and directions of a network, one scan after the other."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from gatesviz.cells import CELLS, Weights
from gatesviz.recordings import onednn
from gatesviz.recordings.edited import Replacement, edited_scan, replacement
from gatesviz.recordings.edits import Edit
from gatesviz.recordings.fused import fused_rnn, recovered_gru
from gatesviz.recordings.inputs import Given
from gatesviz.recordings.loops import gru_loop, lstm_loop, rnn_loop
from gatesviz.recordings.modules import DTYPES, Network
from gatesviz.recordings.onednn import TappedScan
from gatesviz.recordings.scans import Scan
from gatesviz.recordings.stepwise import step_scan
from gatesviz.traces import Direction

_Kernel = Callable[[Tensor, Tensor, Weights], Scan]
_ON_CPU: dict[str, _Kernel] = {
    "rnn_tanh": partial(rnn_loop, torch.tanh_),
    "rnn_relu": partial(rnn_loop, torch.relu_),
    "gru": gru_loop,
}
_ELSEWHERE: dict[str, _Kernel] = {
    "rnn_tanh": partial(fused_rnn, "rnn_tanh"),
    "rnn_relu": partial(fused_rnn, "rnn_relu"),
    "gru": recovered_gru,
}

SHORT = 8
"""Steps over which rounding stays small."""
POWERS, GROWTH = 5, 1.05
"""Powers of a matrix that are compared, and what each may lengthen a vector by."""

_ROOTS = {dtype: torch.finfo(dtype).max ** 0.5 for dtype in DTYPES}


class Pass:
    """One layer in one direction, in the order of the inputs.

    Attributes:
        x: (T, B, I), the inputs of the layer.
        output: h after each step, (T, B, P).
        last: the state after the last step read: h (B, P), and c (B, H) for the LSTM.
        note: how the numbers were computed, or "".
    """

    __slots__ = ("_backward", "_done", "_lengths", "_scan", "last", "note", "output", "x")

    def __init__(
        self,
        x: Tensor,
        done: Scan | TappedScan,
        *,
        backward: bool = False,
        lengths: Tensor | None = None,
    ) -> None:
        self.x, self.note = x, done.note
        self.output = flipped(done.output, lengths) if backward else done.output
        self.last = done.last if lengths is None else _last(done.scan, lengths)
        self._done, self._backward, self._lengths = done, backward, lengths
        self._scan: Scan | None = None

    @property
    def scan(self) -> Scan:
        """Its gates and states, row t of a backward state being the one after step t."""
        if self._scan is None:
            with torch.inference_mode():  # the caller may be in any mode
                scan = self._done.scan
                self._scan = _in_input_order(scan, self._lengths) if self._backward else scan
            self._done = self._scan
        return self._scan


class Run(NamedTuple):
    """All passes, and the output of the last layer.

    Attributes:
        passes: (layer, direction) -> Pass, first layer first.
        output: (T, B, directions · P).
        masks: layer -> (T, B, directions · P), the factors of dropout on its inputs: 0 or
            1 / (1 − probability). Empty without dropout.
    """

    passes: dict[tuple[int, Direction], Pass]
    output: Tensor
    masks: dict[int, Tensor]


def run(
    network: Network, given: Given, *, torchs_own: bool = False, edits: Sequence[Edit] = ()
) -> Run:
    """Run every layer and direction of ``network``, dropout between layers included.

    With resolved ``edits`` the equations of the cell run, in every layer.

    With ``torchs_own`` every state comes from the kernel that the module itself calls, so it cannot
    drift from the module's output. The gates follow from the states.
    """
    passes: dict[tuple[int, Direction], Pass] = {}
    masks: dict[int, Tensor] = {}
    x = given.x
    for layer in range(network.layers):
        if layer and network.dropout:
            masks[layer] = _mask(x, network.dropout, given.inside)
            x = x * masks[layer]
        outputs = []
        for direction in network.directions:
            key = (layer, direction)
            if edits:
                passed = _edited_pass(network, given, x, key, edits)
            else:
                passed = _pass(network, given, x, key, torchs_own)
            passes[layer, direction] = passed
            outputs.append(passed.output)
        x = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
    return Run(passes, x, masks)


def _pass(
    network: Network, given: Given, x: Tensor, key: tuple[int, Direction], torchs_own: bool
) -> Pass:
    backward = key[1] == "backward"
    h, c = _first(network, given, key)
    read = flipped(x, given.lengths) if backward else x
    scan = (_torchs_scan if torchs_own else _scan)(network.cell, read, h, c, network.weights[key])
    return Pass(x, scan, backward=backward, lengths=given.lengths)


def _first(
    network: Network, given: Given, key: tuple[int, Direction]
) -> tuple[Tensor, Tensor | None]:
    """Return the initial h (B, P) and c (B, H) of one layer and direction."""
    index = key[0] * len(network.directions) + (key[1] == "backward")
    h = given.h[index]
    return h, h if given.c is given.h else None if given.c is None else given.c[index]


def _edited_pass(
    network: Network, given: Given, x: Tensor, key: tuple[int, Direction], edits: Sequence[Edit]
) -> Pass:
    backward, (h, c) = key[1] == "backward", _first(network, given, key)
    order = None if given.unsort is None else given.unsort.argsort()
    sizes = {"x": x.shape[-1], "h": network.state_size}
    replaced = {}
    for letter in {edit.letter for edit in edits}:
        here = [e for e in edits if (e.letter, e.layer, e.direction) == (letter, *key)]
        if here:
            shape = (*x.shape[:2], sizes.get(letter, network.hidden_size))
            replaced[letter] = replacement(here, x.new_zeros(shape), order)
    if "x" in replaced:
        x = torch.where(replaced["x"].chosen, replaced["x"].value, x)
    read = x
    if backward:
        read = flipped(x, given.lengths)
        replaced = {
            k: Replacement(*(flipped(t, given.lengths) for t in r)) for k, r in replaced.items()
        }
    scan = edited_scan(network.cell, read, h, c, network.weights[key], replaced)
    return Pass(x, scan, backward=backward, lengths=given.lengths)


def _scan(cell: str, x: Tensor, h: Tensor, c: Tensor | None, weights: Weights) -> Scan | TappedScan:
    if CELLS[cell].module is None:
        return step_scan(cell, x, h, c, weights)
    by_onednn = c is not None and x.dtype is torch.float32 and weights.weight_hr is None
    if x.device.type != "cpu" or by_onednn or may_amplify(weights, len(x)) or _may_overflow(h):
        return _torchs_scan(cell, x, h, c, weights)
    if cell == "lstm":
        assert c is not None
        return lstm_loop(x, h, c, weights)
    return _kernel(_ON_CPU, cell)(x, h, weights)


def may_amplify(weights: Weights, steps: int) -> bool:
    """Return whether the recurrent weights of a gate may make rounding grow from step to step.

    They can where the spectral radius of its matrix, estimated by powers, is above 1. Two correct
    kernels then come apart completely within some dozen steps, and only the kernel that the module
    itself calls gives the module's numbers.
    """
    if steps < SHORT:
        return False
    matrix = weights.weight_hh.detach()
    if weights.weight_hr is not None:
        matrix = matrix @ weights.weight_hr.detach()
    H = matrix.shape[-1]
    blocks = matrix.reshape(-1, H, H)
    start = torch.arange(1, H + 1, dtype=matrix.dtype, device=matrix.device).sin_()
    earlier = _powers(blocks, start[:, None].expand(len(blocks), H, 1))
    lengths = zip(_norms(earlier), _norms(_powers(blocks, earlier)), strict=True)
    return any(not (now <= GROWTH**POWERS * before < math.inf) for before, now in lengths)


def _powers(blocks: Tensor, vectors: Tensor) -> Tensor:
    """Return ``vectors`` (n, H, 1) after `POWERS` products with ``blocks`` (n, H, H)."""
    for _ in range(POWERS):
        vectors = blocks.bmm(vectors)
    return vectors


def _norms(vectors: Tensor) -> list[float]:
    norms: list[float] = torch.linalg.vector_norm(vectors, dim=(1, 2)).tolist()
    return norms


def _may_overflow(state: Tensor) -> bool:
    """Return whether products with ``state`` may leave the range of its dtype, or it isn't finite.

    Then the order of a kernel's operations decides between infinity and NaN: (1 − z)·n + z·h and
    n + z·(h − n) differ for an infinite h.
    """
    return not float(torch.linalg.vector_norm(state, math.inf)) < _ROOTS[state.dtype]


def _torchs_scan(
    cell: str, x: Tensor, h: Tensor, c: Tensor | None, weights: Weights
) -> Scan | TappedScan:
    if CELLS[cell].module is None:
        return step_scan(cell, x, h, c, weights)
    if cell == "lstm":
        assert c is not None
        return onednn.lstm(x, h, c, weights)
    return _kernel(_ELSEWHERE, cell)(x, h, weights)


def _kernel(kernels: dict[str, _Kernel], cell: str) -> _Kernel:
    if cell not in kernels:
        raise ValueError(
            f"cell {cell!r} names a class of torch.nn, but recordings/layers.py has no scan for it."
            ' Add one (step 4 of "Add a cell")'
        )
    return kernels[cell]


def _mask(x: Tensor, probability: float, inside: Tensor | None) -> Tensor:
    """Draw the dropout mask as torch.nn does: on the packed data if inputs were packed."""
    if inside is None:
        return torch.dropout(torch.ones_like(x), probability, True)
    mask = torch.zeros_like(x)
    mask[inside] = torch.dropout(torch.ones_like(x[inside]), probability, True)
    return mask


def _last(scan: Scan, lengths: Tensor) -> tuple[Tensor, ...]:
    samples = torch.arange(len(lengths), device=lengths.device)
    return tuple(s[lengths, samples] for s in (scan.h, scan.c) if s is not None)


def _in_input_order(scan: Scan, lengths: Tensor | None) -> Scan:
    rows = None if lengths is None else lengths + 1
    return scan._replace(
        gates={letter: flipped(gate, lengths) for letter, gate in scan.gates.items()},
        h=flipped(scan.h, rows),
        c=None if scan.c is None else flipped(scan.c, rows),
    )


def flipped(rows: Tensor, lengths: Tensor | None) -> Tensor:
    """Return ``rows`` (T, B, ·) with the first ``lengths`` rows of each sample reversed."""
    if lengths is None:
        return rows.flip(0)
    step = torch.arange(len(rows), device=rows.device)[:, None]
    source = torch.where(step < lengths, lengths - 1 - step, step)
    return rows.gather(0, source[..., None].expand_as(rows))

"""Backpropagation through time in closed form, for one layer in one direction.

Hochreiter & Schmidhuber 1997 (LSTM), Cho et al. 2014 (GRU), Werbos 1990 (RNN), in the variants of
torch.nn. W is weight_hh, ∂y_t enters from above, and all products but those with W are elementwise:

    LSTM  dh_t = ∂y_t + da_{t+1} W         dc_t = dh_t κ_t + dc_{t+1} f_{t+1}   κ = o (1 − tanh² c)
          da_t = [dc·g·i(1−i), dc·c₋·f(1−f), dc·i·(1−g²), dh·tanh(c)·o(1−o)]
    GRU   dh_t = ∂y_t + dh_{t+1} z_{t+1} + δ_{t+1} W
          da_t = dh_t·[A_n·hn·r(1−r), (h₋−n)·z(1−z), A_n],  A_n = (1−z)(1−n²),  hn = W_hn h₋ + b_hn
          δ_t  = da_t with its last block times r, since r multiplies hn
    RNN   dh_t = ∂y_t + da_{t+1} W         da_t = dh_t·(1−h²), or dh_t where h > 0 for relu

If an LSTM has a projection, dh_t is multiplied by weight_hr before κ and the output gate.
Nothing is computed twice, and cuDNN is not used.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gatesviz.cells import Weights
from gatesviz.gradients.small_steps import steps
from gatesviz.recordings.scans import Scan
from gatesviz.traces import Direction

Index = tuple[int | Tensor, ...]
_sigmoid_back = torch.ops.aten.sigmoid_backward  # (g, s) -> g (1 − s) s
_tanh_back = torch.ops.aten.tanh_backward  # (g, s) -> g (1 − s²)


class Derivatives(NamedTuple):
    """The derivatives of the loss in one layer and direction, in the order of the inputs.

    Attributes:
        outputs: (T, B, P), with respect to y_t alone. The last step includes h_n.
        sums: (T, B, K, H), with respect to the pre-activation of each of the K gates.
        h: (T + 1, B, P), the total derivative with respect to each h, with rows as in a recording.
        c: (T + 1, B, H), the total derivative with respect to each c of an LSTM.
        c_n: (B, H), with respect to the LSTM's final c itself; None if the loss does not use it.
        gates: letter -> (T, B, H), with respect to each gate's value, and
        from_state: (T, B, K, H), with respect to W_h·h + b_h of each block, where autograd found
            them; None where closed forms of `gatesviz.gradients.gates` and `paths` give them.
    """

    outputs: Tensor
    sums: Tensor
    h: Tensor
    c: Tensor | None = None
    c_n: Tensor | None = None
    gates: dict[str, Tensor] | None = None
    from_state: Tensor | None = None


def ends(states: Tensor, direction: Direction) -> tuple[Tensor, Tensor]:
    """Return views of ``states`` (T + 1, …) before and after each step, (T, …)."""
    return (states[:-1], states[1:]) if direction == "forward" else (states[1:], states[:-1])


def _entered(outputs: Tensor, direction: Direction) -> Tensor:
    """Return (T + 1, B, P): ``outputs`` in the rows after each step, 0 in the initial row."""
    h = outputs.new_zeros(outputs.shape[0] + 1, *outputs.shape[1:])
    ends(h, direction)[1].copy_(outputs)
    return h


def rnn_back(
    activation: str, outputs: Tensor, scan: Scan, weights: Weights, direction: Direction
) -> Derivatives:
    """Go back through an RNN; ``activation`` is "tanh" or "relu".

    The derivative of relu is computed as min(⌈h⌉, 1), since h > 0 would turn NaN into 0.
    """
    h, state = _entered(outputs, direction), ends(scan.h, direction)[1]
    sums = 1 - state * state if activation == "tanh" else state.ceil().clamp_(max=1)
    step = steps(h, weights.weight_hh)
    for before, after, now in step.against_reading(direction, *ends(h, direction), sums):
        step.multiply(now, after)
        step.add_by_weights(before, now)
    return Derivatives(outputs, sums.unsqueeze(2), h)


def gru_back(outputs: Tensor, scan: Scan, weights: Weights, direction: Direction) -> Derivatives:
    """Go back through a GRU."""
    r, z, n = (scan.gates[letter] for letter in "rzn")
    h, H = _entered(outputs, direction), z.shape[-1]
    state = ends(scan.h, direction)[0]
    bias = None if weights.bias_hh is None else weights.bias_hh[2 * H :]
    by_candidate = _tanh_back(1 - z, n)
    factors = z.new_empty(*z.shape[:2], 3, H)
    from_state = torch.nn.functional.linear(state, weights.weight_hh[2 * H :], bias)
    _sigmoid_back.grad_input(from_state.mul_(by_candidate), r, grad_input=factors[:, :, 0])
    _sigmoid_back.grad_input(state - n, z, grad_input=factors[:, :, 1])
    torch.mul(by_candidate, r, out=factors[:, :, 2])
    before, after = ends(h, direction)
    step = steps(h, weights.weight_hh)
    for earlier, later, wide, now, flat, kept in step.against_reading(
        direction, before, after, after.unsqueeze(2), factors, factors.flatten(2), z
    ):
        step.multiply(now, wide)
        step.add_by_weights(earlier, flat)
        step.add_product(earlier, later, kept)
    torch.mul(after, by_candidate, out=factors[:, :, 2])
    return Derivatives(outputs, factors, h)


def lstm_back(
    outputs: Tensor,
    scan: Scan,
    weights: Weights,
    direction: Direction,
    last_read: Index = (),
    by_final_c: Tensor | None = None,
) -> Derivatives:
    """Go back through an LSTM; ``by_final_c`` (B, H) enters after the steps ``last_read``.

    The six factors of a step are next to each other. dc_t multiplies the first four, with f, and
    dh_t the last two, with κ. The four gates are neighbours, as the product with W needs.
    """
    assert scan.c is not None
    h, c = _entered(outputs, direction), torch.zeros_like(scan.c)
    (h_before, h_after), (c_before, c_after) = ends(h, direction), ends(c, direction)
    factors = _lstm_factors(scan, *ends(scan.c, direction))
    sums = factors[:, :, 1:5]
    if by_final_c is not None:
        c_after[last_read] = by_final_c
    shown_by = h_after.unsqueeze(2) if weights.weight_hr is None else h_after
    step = steps(h, weights.weight_hh)
    projection = None if weights.weight_hr is None else step.matrix(weights.weight_hr)
    [kept] = step.rows(torch.zeros_like(c[:1]))
    for earlier, by_h, now_c, by_c, of_c, of_h, forgot, kappa, flat in step.against_reading(
        direction,
        h_before,
        shown_by,
        c_after,
        c_after.unsqueeze(2),
        factors[:, :, :4],
        factors[:, :, 4:],
        factors[:, :, 0],
        factors[:, :, 5],
        sums.flatten(2),
    ):
        if projection is not None:
            by_h = (by_h @ projection)[:, None]
        step.multiply(of_h, by_h)
        if by_final_c is None:
            step.add(kept, kappa, now_c)
        else:
            step.add(now_c, kept, now_c)
            step.add(now_c, kappa, now_c)
        step.multiply(of_c, by_c)
        step.add_by_weights(earlier, flat)
        kept = forgot
    kept = kept if isinstance(kept, Tensor) else torch.from_numpy(kept)
    (c_before[0] if direction == "forward" else c_before[-1]).copy_(kept)
    return Derivatives(outputs, sums, h, c, by_final_c)


def _lstm_factors(scan: Scan, before: Tensor, after: Tensor) -> Tensor:
    """Return (T, B, 6, H) from c ``before`` and ``after`` each step: f, A_i, A_f, A_g, A_o, κ."""
    i, f, g, o = (scan.gates[letter] for letter in "ifgo")
    shown = after.tanh()
    factors = i.new_empty(*i.shape[:2], 6, i.shape[-1])
    factors[:, :, 0] = f
    _sigmoid_back.grad_input(g, i, grad_input=factors[:, :, 1])
    _sigmoid_back.grad_input(before, f, grad_input=factors[:, :, 2])
    _tanh_back.grad_input(i, g, grad_input=factors[:, :, 3])
    _sigmoid_back.grad_input(shown, o, grad_input=factors[:, :, 4])
    _tanh_back.grad_input(o, shown, grad_input=factors[:, :, 5])
    return factors


BACK: dict[str, Callable[..., Derivatives]] = {
    "rnn_tanh": lambda *given: rnn_back("tanh", *given),
    "rnn_relu": lambda *given: rnn_back("relu", *given),
    "gru": gru_back,
    "lstm": lstm_back,
}

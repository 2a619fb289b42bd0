"""Loops over time for a CPU, with the input product hoisted out of the loop.

One matrix product before the loop computes all that does not depend on the state. A step then needs
few operations, into memory that is already allocated: fewer than torch's own kernels.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from gatesviz.cells import Weights
from gatesviz.recordings.scans import SIGMOIDS_FIRST, Scan, both_biases, started


def rnn_loop(
    activate: Callable[[Tensor], Tensor], x: Tensor, first: Tensor, weights: Weights
) -> Scan:
    """Scan ``x`` (T, B, I) from ``first`` (B, H); ``activate`` works in place."""
    h = started(first, len(x))
    recurrent = weights.weight_hh.T
    torch.addmm(both_biases(weights), x.flatten(0, 1), weights.weight_ih.T, out=h[1:].flatten(0, 1))
    before, *after = h.unbind(0)
    for now in after:
        before = activate(now.addmm_(before, recurrent))
    return Scan({}, h)


def gru_loop(x: Tensor, first: Tensor, weights: Weights) -> Scan:
    """Scan ``x`` (T, B, I) from ``first`` (B, H)."""
    h, flat, H = started(first, len(x)), x.flatten(0, 1), first.shape[-1]
    bias_ih, bias_hh = weights.bias_ih, weights.bias_hh
    if bias_ih is None or bias_hh is None:
        bias_ih = bias_hh = x.new_zeros(3 * H)
    recurrent = weights.weight_hh.T
    rz = torch.addmm(bias_ih[: 2 * H], flat, weights.weight_ih[: 2 * H].T)
    rz = rz.view(*x.shape[:2], 2 * H)
    n = torch.addmm(bias_ih[2 * H :], flat, weights.weight_ih[2 * H :].T)
    n = n.view(*x.shape[:2], H)
    r, z = rz[..., :H], rz[..., H:]
    from_state = first.new_empty(first.shape[0], 3 * H)
    rz_from_state, n_from_state = from_state[:, : 2 * H], from_state[:, 2 * H :]
    states = h.unbind(0)
    rows = zip(
        rz.unbind(0), r.unbind(0), z.unbind(0), n.unbind(0), states[:-1], states[1:], strict=True
    )
    for rz_now, r_now, z_now, n_now, before, after in rows:
        torch.addmm(bias_hh, before, recurrent, out=from_state)
        rz_now.add_(rz_from_state).sigmoid_()
        n_now.addcmul_(r_now, n_from_state).tanh_()
        torch.lerp(n_now, before, z_now, out=after)  # (1 − z)·n + z·h
    return Scan({"r": r, "z": z, "n": n}, h)


def lstm_loop(x: Tensor, first_h: Tensor, first_c: Tensor, weights: Weights) -> Scan:
    """Scan ``x`` (T, B, I) from ``first_h`` (B, P) and ``first_c`` (B, H).

    Used where oneDNN has no kernel: for float64 and projections.
    """
    h, c, H = started(first_h, len(x)), started(first_c, len(x)), first_c.shape[-1]
    parts = (both_biases(weights), weights.weight_ih, weights.weight_hh)
    bias, w_ih, w_hh = (torch.cat([w.chunk(4)[k] for k in SIGMOIDS_FIRST]) for w in parts)
    gates = torch.addmm(bias, x.flatten(0, 1), w_ih.T).view(*x.shape[:2], 4 * H)
    i, f, o, g = gates.chunk(4, -1)
    shown = torch.empty_like(first_c)
    recurrent, project = w_hh.T, None if weights.weight_hr is None else weights.weight_hr.T
    steps = gates, gates[..., : 3 * H], i, f, o, g, h[:-1], h[1:], c[:-1], c[1:]
    rows = zip(*(each.unbind(0) for each in steps), strict=True)  # an index takes long in a loop
    for now, sigmoids, i_t, f_t, o_t, g_t, h_before, h_after, c_before, c_after in rows:
        now.addmm_(h_before, recurrent)
        sigmoids.sigmoid_()
        g_t.tanh_()
        torch.mul(i_t, g_t, out=c_after).addcmul_(f_t, c_before)
        torch.tanh(c_after, out=shown).mul_(o_t)
        if project is None:
            h_after.copy_(shown)
        else:
            torch.mm(shown, project, out=h_after)
    return Scan({"i": i, "f": f, "g": g, "o": o}, h, c)

"""Fused kernels: torch computes h, and h gives the gates of all steps at once.

h is the module's own output, so the recording cannot drift from it, for any dtype, projection and
device.
"""

import torch
from torch import Tensor

from gatesviz.cells import CELLS, Weights
from gatesviz.recordings.scans import SIGMOIDS_FIRST, Scan, both_biases, started


def _fused(kernel: str, x: Tensor, state: Tensor | tuple[Tensor, ...], w: Weights) -> list[Tensor]:
    """Return the result of torch's own kernel for one layer: the output, then the last states."""
    present = [w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh, w.weight_hr]
    flat = [weight for weight in present if weight is not None]
    flat = _in_one_chunk(kernel, flat, x, w)
    run = getattr(torch._VF, kernel)
    arguments = (x, state, flat, w.bias_ih is not None, 1, 0.0, False, False, False)
    if w.weight_hr is None:
        return list(run(*arguments))
    onednn = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)  # it cannot project, so torch would warn and do without
    try:
        return list(run(*arguments))
    finally:
        torch._C._set_mkldnn_enabled(onednn)


def _in_one_chunk(kernel: str, flat: list[Tensor], x: Tensor, w: Weights) -> list[Tensor]:
    """Return copies in one block of memory, since cuDNN warns about any other layout."""
    if not (x.is_cuda and torch.backends.cudnn.is_acceptable(x)):  # type: ignore[no-untyped-call]
        return flat
    from torch.backends.cudnn.rnn import get_cudnn_mode

    mode = int(get_cudnn_mode(kernel.upper()))  # type: ignore[no-untyped-call]
    H = w.weight_hh.shape[0] // len(CELLS[kernel].blocks)
    P = 0 if w.weight_hr is None else w.weight_hr.shape[0]
    copies = [weight.clone() for weight in flat]
    torch._cudnn_rnn_flatten_weight(copies, len(copies), x.shape[-1], mode, H, P, 1, False, False)
    return copies


def fused_rnn(kernel: str, x: Tensor, first: Tensor, weights: Weights) -> Scan:
    """Scan ``x`` (T, B, I) from ``first`` (B, H). An RNN has no gates to recover."""
    y = _fused(kernel, x, first[None], weights)[0]
    return Scan({}, torch.cat([first[None], y]))


def recovered_gru(x: Tensor, first: Tensor, weights: Weights) -> Scan:
    """Scan ``x`` (T, B, I) from ``first`` (B, H)."""
    y = _fused("gru", x, first[None], weights)[0]
    h = torch.cat([first[None], y])
    flat, before = x.flatten(0, 1), h[:-1].flatten(0, 1)
    w_ih, w_hh = weights.weight_ih.chunk(3), weights.weight_hh.chunk(3)
    no_bias = x.new_zeros(weights.weight_ih.shape[0])
    b_ih = (no_bias if weights.bias_ih is None else weights.bias_ih).chunk(3)
    b_hh = (no_bias if weights.bias_hh is None else weights.bias_hh).chunk(3)
    r, z = (
        torch.addmm(b_ih[k] + b_hh[k], flat, w_ih[k].T).addmm_(before, w_hh[k].T).sigmoid_()
        for k in (0, 1)
    )
    n = torch.addmm(b_ih[2], flat, w_ih[2].T)
    n = n.addcmul_(r, torch.addmm(b_hh[2], before, w_hh[2].T)).tanh_()
    gates = {"r": r, "z": z, "n": n}
    return Scan({k: v.view(*x.shape[:2], -1) for k, v in gates.items()}, h)


def recovered_lstm(x: Tensor, first_h: Tensor, first_c: Tensor, weights: Weights) -> Scan:
    """Scan ``x`` (T, B, I) from ``first_h`` (B, P) and ``first_c`` (B, H)."""
    y, _, last_c = _fused("lstm", x, (first_h[None], first_c[None]), weights)
    h = torch.cat([first_h[None], y])
    gates = x.new_empty(4, x.shape[0] * x.shape[1], first_c.shape[-1])
    parts = (w.chunk(4) for w in (both_biases(weights), weights.weight_ih, weights.weight_hh))
    blocks = list(zip(*parts, strict=True))
    for gate, k in zip(gates, SIGMOIDS_FIRST, strict=True):
        bias, w_ih, w_hh = blocks[k]
        torch.addmm(bias, x.flatten(0, 1), w_ih.T, out=gate)
        gate.addmm_(h[:-1].flatten(0, 1), w_hh.T)
    gates[:3].sigmoid_()
    gates[3].tanh_()
    i, f, o, g = gates.view(4, *x.shape[:2], -1)
    c = started(first_c, len(x))
    torch.mul(i, g, out=c[1:])
    before, *after = c.unbind(0)
    for now, forget in zip(after, f.unbind(0), strict=True):
        before = now.addcmul_(forget, before)
    c[-1] = last_c[0]
    return Scan({"i": i, "f": f, "g": g, "o": o}, h, c)

"""Read the LSTM's gates from oneDNN's workspace, where they are stored for its backward pass.

torch's LSTM on a CPU computes every gate, and stores the gates if a backward pass may follow.
Reading them is almost free. But their layout is not documented, and the operator is not part of
torch's public interface. So the first scan of each shape, and every hundredth after it, is compared
with the LSTM's equations at three steps of three samples. If they differ, or anything raises,
`fused.recovered_lstm` computes the gates from torch's output. A note on the recording and a line in
the log then say so. Very large inputs and a precision below float32 can have the same effect. With
``GATESVIZ_TAP=0`` in the environment the workspace is never read.
"""

import logging
import os
from functools import lru_cache
from itertools import product

import numpy as np
import torch
from torch import Tensor

from gatesviz.cells import Weights
from gatesviz.recordings.fused import recovered_lstm
from gatesviz.recordings.scans import Scan, both_biases
from gatesviz.traces import Array

TAPPED = "LSTM gates: read from oneDNN's workspace"
RECOVERED = "LSTM gates: recovered from torch's output"
FAILED = f"{RECOVERED}, because the self-check of oneDNN's workspace failed"
SWITCHED_OFF = os.environ.get("GATESVIZ_TAP") == "0"
"""Read once, when this module is imported."""
AGAIN = 100
"""Scans of a shape for each check: the layout depends only on the shape."""
SHAPES = 256
"""Largest number of remembered shapes."""
_LSTM = 2  # ATen's number for the LSTM
_TOLERANCE = 1e-4  # sums of order one are rounded by less than 1e-5; a wrong number differs more


def lstm(x: Tensor, first_h: Tensor, first_c: Tensor, weights: Weights) -> "Scan | TappedScan":
    """Scan ``x`` (T, B, I) from ``first_h``, ``first_c`` (B, H), from the workspace if possible."""
    note = RECOVERED
    if _applies(x, weights):
        try:
            if _onednn_is_on():
                note = FAILED
                tapped = tapped_lstm(x, first_h, first_c, weights)
                if _trusted(tapped) or holds(x, weights, tapped.scan):
                    return tapped
                _trust.clear()
                _tell("gates and states do not satisfy the LSTM's equations")
        except Exception as error:  # not a public interface: it may break in any way
            note = FAILED
            _trust.clear()
            _tell(f"{type(error).__name__}: {error}")
    return recovered_lstm(x, first_h, first_c, weights)._replace(note=note)


_trust: dict[tuple[object, ...], int] = {}
"""Shape -> the number of scans until its next check."""


def _trusted(tapped: "TappedScan") -> bool:
    """Return whether this scan needs no check: not the first of a shape nor each hundredth."""
    T, B, I, H = tapped.shape  # noqa: E741
    shape = T, B, I, H, tapped.workspace.numel()
    left = _trust.get(shape, 0)
    if not left and shape not in _trust and len(_trust) >= SHAPES:
        del _trust[next(iter(_trust))]
    _trust[shape] = left - 1 if left else AGAIN - 1  # a failed check clears all
    return left > 0


def _applies(x: Tensor, weights: Weights) -> bool:
    return x.is_cpu and x.dtype is torch.float32 and weights.weight_hr is None and not SWITCHED_OFF


def _onednn_is_on() -> bool:
    return torch._C._has_mkldnn and torch._C._get_mkldnn_enabled()


@lru_cache(maxsize=64)
def _tell(reason: str) -> None:
    """Log ``reason``, once in a process."""
    logging.getLogger(__name__).info("%s: %s", FAILED, reason)


def holds(x: Tensor, weights: Weights, scan: Scan) -> bool:
    """Return whether ``scan`` satisfies the LSTM's equations.

    Checked are the first, middle and last step of the first, middle and last sample. The gates are
    computed from ``x`` (T, B, I) and the h before the step, and c and h after it from the scan's
    own gates and c. NaN equals NaN, since overflow happens on both sides.
    """
    assert scan.c is not None
    T, B = x.shape[:2]
    tried = product((0, T // 2, T - 1), (0, B // 2, B - 1))
    step, sample = np.array(list(dict.fromkeys(tried))).T
    x_now, h_before, c_before = (a.numpy()[step, sample] for a in (x, scan.h, scan.c))
    h_after, c_after = (a.numpy()[step + 1, sample] for a in (scan.h, scan.c))
    i, f, g, o = gates = [scan.gates[letter].numpy()[step, sample] for letter in "ifgo"]
    w_ih, w_hh, bias = (w.numpy(force=True) for w in (*weights[:2], both_biases(weights)))
    with np.errstate(all="ignore"):
        sums = np.split(x_now @ w_ih.T + h_before @ w_hh.T + bias, 4, axis=-1)
        expected = [1 / (1 + np.exp(-each)) for each in sums]
        expected[2] = np.tanh(sums[2])
        expected += [f * c_before + i * g, o * np.tanh(c_after)]
        return _close(np.stack([*gates, c_after, h_after]), np.stack(expected))


def _close(values: Array, expected: Array) -> bool:
    """Return the result of `numpy.allclose`, faster if no number is NaN or large."""
    quick = bool(np.abs(values - expected).max() <= _TOLERANCE)
    return quick or np.allclose(values, expected, _TOLERANCE, _TOLERANCE, equal_nan=True)


def tapped_lstm(x: Tensor, first_h: Tensor, first_c: Tensor, weights: Weights) -> "TappedScan":
    """Scan ``x`` (T, B, I) from ``first_h``, ``first_c`` (B, H) and keep the workspace.

    Call this in inference mode: the workspace is written to, so no graph may use it later.

    Raises:
        RuntimeError: if oneDNN cannot run it.
        AttributeError, TypeError, ValueError: if this torch has no such operator.
    """
    w_ih, w_hh, b_ih, b_hh, _ = weights
    H = first_c.shape[-1]
    if b_ih is None or b_hh is None:
        b_ih = b_hh = x.new_zeros(4 * H)
    h, c = first_h.contiguous(), first_c.contiguous()
    with torch.enable_grad():  # else no workspace is stored; inference mode builds no graph
        y, last_h, last_c, workspace = torch.mkldnn_rnn_layer(
            x, w_ih, w_hh, b_ih, b_hh, h, c, False, [], _LSTM, H, 1, True, False, False, True
        )
    return TappedScan(y, (last_h, last_c), workspace, (*x.shape, H), (first_h, first_c))


class TappedScan:
    """A scan by oneDNN. Its gates and states are read from the workspace at first use.

    Attributes:
        output: h after each step, (T, B, H).
        last: h and c (B, H) after the last step.
        note: how it was computed.
        workspace: the memory that oneDNN stores for its backward pass.
        shape: T, B, I and H.
    """

    __slots__ = ("_first", "_scan", "last", "output", "shape", "workspace")
    note = TAPPED

    def __init__(
        self,
        output: Tensor,
        last: tuple[Tensor, Tensor],
        workspace: Tensor,
        shape: tuple[int, ...],
        first: tuple[Tensor, Tensor],
    ) -> None:
        self.output, self.last, self.workspace, self.shape = output, last, workspace, shape
        self._first = first
        self._scan: Scan | None = None

    @property
    def scan(self) -> Scan:
        """Gates and states: views of the workspace, except h. Read them in inference mode.

        Raises:
            RuntimeError: if the workspace is smaller than the layout.
        """
        if self._scan is None:
            first_h, first_c = self._first
            gates, c = _parts(self.workspace, *self.shape)
            c[0], c[-1] = first_c, self.last[1]
            h = torch.cat([first_h[None], self.output])
            self._scan = Scan(dict(zip("ifgo", gates.unbind(0), strict=True)), h, c, TAPPED)
        return self._scan


def _parts(workspace: Tensor, T: int, B: int, I: int, H: int) -> tuple[Tensor, Tensor]:  # noqa: E741
    """Return the gates i, f, g, o (4, T, B, H) and c (T + 1, B, H), without its first and last."""
    values = workspace.view(torch.float32)
    row = _padded_row(4 * H)
    gates = values.as_strided((4, T, B, H), (H, B * row, row, 1), 0)
    offset = _page(_page(T * B * row) + T * B * _padded_row(H))
    offset = _page(offset + 2 * (T + 1) * B * _padded_row(max(I, H)))
    return gates, values.as_strided((T + 1, B, H), (B * H, H, 1), offset + (T + 1) * B * H)


def _padded_row(values: int) -> int:
    """Return oneDNN's length of a row: whole cache lines, but not a multiple of 256 values."""
    row = 16 * -(-values // 16)
    return row + 16 if row % 256 == 0 else row


def _page(values: int) -> int:
    """Round up to whole pages of 1024 values."""
    return 1024 * -(-values // 1024)

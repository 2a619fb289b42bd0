"""The result of a scan over time: the gates and states of one layer in one direction."""

from typing import NamedTuple

from torch import Tensor

from gatesviz.cells import Weights

SIGMOIDS_FIRST = (0, 1, 3, 2)
"""The LSTM's blocks i, f, g, o as i, f, o, g: the three sigmoids are adjacent."""


class Scan(NamedTuple):
    """One layer in one direction, in reading order. T steps, B samples."""

    gates: dict[str, Tensor]  # letter -> (T, B, H)
    h: Tensor  # (T + 1, B, P); row 0 before the first step read
    c: Tensor | None = None  # (T + 1, B, H), the LSTM's
    note: str = ""  # how it was computed, or ""

    @property
    def output(self) -> Tensor:
        """h after each step, (T, B, P)."""
        return self.h[1:]

    @property
    def last(self) -> tuple[Tensor, ...]:
        """The state after the last step: h (B, P), and c (B, H) for the LSTM."""
        return (self.h[-1],) if self.c is None else (self.h[-1], self.c[-1])

    @property
    def scan(self) -> "Scan":
        """The scan itself, as of a `gatesviz.recordings.onednn.TappedScan`."""
        return self


def both_biases(weights: Weights) -> Tensor:
    """Return b_ih + b_hh (K·H,), zeros where the layer has no bias."""
    if weights.bias_ih is None or weights.bias_hh is None:
        return weights.weight_ih.new_zeros(len(weights.weight_ih))
    return weights.bias_ih + weights.bias_hh


def started(first: Tensor, steps: int) -> Tensor:
    """Return memory for steps + 1 rows, with ``first`` in row 0."""
    rows = first.new_empty(steps + 1, *first.shape)
    rows[0] = first
    return rows

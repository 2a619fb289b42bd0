"""Turn the weights of a Keras layer into PyTorch's layout.

Keras keeps kernels as (I, K·H) and (H, K·H), where PyTorch has rows. The LSTM's gates are i f c o
in both. The GRU's are z r h, PyTorch's r z n. An LSTM has one bias; a GRU has two rows of bias with
``reset_after=True`` and one without, which is another cell.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from gatesviz.model_files.contents import Stored, quoted, shown

_ORDER = {4: (0, 1, 2, 3), 3: (1, 0, 2), 1: (0,)}
"""Blocks -> places of PyTorch's blocks among those of Keras."""


def converted(own: Sequence[Stored], K: int, path: Path) -> tuple[dict[str, Stored], bool | None]:
    """Return a direction's weights in PyTorch's layout; for a GRU, whether r comes after W·h."""
    kernel, recurrent, *biases = own
    for stored in (kernel, recurrent):
        if len(stored.shape) != 2 or stored.shape[1] % K or 0 in stored.shape:
            raise ValueError(
                f"{shown(path)}: {quoted(stored.name)} has shape {stored.shape}, expected {K}·H"
                " columns"
            )
    named = {"weight_ih": _in_rows(kernel, K), "weight_hh": _in_rows(recurrent, K)}
    if not biases:
        return named, None
    [bias] = biases
    if K == 3 and bias.shape == (2, kernel.shape[1]):
        named |= {"bias_ih": _bias(bias, K, 0), "bias_hh": _bias(bias, K, 1)}
        return named, True
    if bias.shape != (kernel.shape[1],):
        raise ValueError(
            f"{shown(path)}: {quoted(bias.name)} has shape {bias.shape}, expected"
            f" ({kernel.shape[1]},)"
        )
    named |= {"bias_ih": _bias(bias, K, None), "bias_hh": _zeros(bias)}
    return named, False if K == 3 else None


def _ordered(rows: Tensor, K: int) -> Tensor:
    blocks = rows.chunk(K)
    return torch.cat([blocks[k] for k in _ORDER[K]])


def _in_rows(stored: Stored, K: int) -> Stored:
    return Stored(stored.name, stored.shape[::-1], lambda: _ordered(stored.load().T, K))


def _bias(stored: Stored, K: int, row: int | None) -> Stored:
    def load() -> Tensor:
        values = stored.load()
        return _ordered(values if row is None else values[row], K)

    return Stored(stored.name, stored.shape[-1:], load)


def _zeros(stored: Stored) -> Stored:
    return Stored(stored.name, stored.shape, lambda: torch.zeros_like(stored.load()))


def transposed(stored: Stored) -> Stored:
    """Return the kernel of a Dense layer (F, O) as PyTorch's (O, F)."""
    return Stored(stored.name, stored.shape[::-1], lambda: stored.load().T.contiguous())

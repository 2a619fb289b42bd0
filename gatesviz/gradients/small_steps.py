"""The operations of a scan at each step, on rows of tensors or, for short rows, in NumPy.

A step is three or four operations on one row. On a CPU, an operation of torch costs one to two
microseconds before it computes anything; NumPy costs half of that. So short rows are computed in
NumPy, in the memory of the tensors.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gatesviz.traces import Direction

SHORT = 256  # numbers in a row of a state, over all samples; from here on, torch is as fast


class Steps(NamedTuple):
    """The operations of one scan; all but ``add`` change their first argument.

    Attributes:
        rows: (T, …) -> T rows that share its memory.
        multiply: (a, b): a ← a·b.
        add: (a, b, out): out ← a + b.
        add_product: (a, b, c): a ← a + b·c.
        add_by_weights: (a, b): a ← a + b·W, with b (B, K·H) and W = weight_hh.
        matrix: prepare another matrix, for products of rows with ``@``.
    """

    rows: Callable[[Tensor], Any]
    multiply: Callable[[Any, Any], object]
    add: Callable[[Any, Any, Any], object]
    add_product: Callable[[Any, Any, Any], object]
    add_by_weights: Callable[[Any, Any], object]
    matrix: Callable[[Tensor], Any]

    def against_reading(self, direction: Direction, *tensors: Tensor) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of each step, last step first."""
        rows = zip(*(self.rows(each) for each in tensors), strict=True)
        return reversed(list(rows)) if direction == "forward" else rows


def steps(state: Tensor, weight: Tensor) -> Steps:
    """Return the operations for a scan over ``state`` (T, B, H), with weight_hh ``weight``."""
    if state.device.type == "cpu" and state[0].numel() < SHORT:
        return _in_numpy(len(state[0]), weight.detach().numpy())
    return Steps(
        rows=torch.unbind,
        multiply=Tensor.mul_,
        add=lambda a, b, out: torch.add(a, b, out=out),
        add_product=Tensor.addcmul_,
        add_by_weights=lambda a, b: a.addmm_(b, weight),
        matrix=lambda matrix: matrix,
    )


def _in_numpy(samples: int, weight: Any) -> Steps:
    multiply, add, dot = np.multiply, np.add, np.dot
    by_weights = np.empty((samples, weight.shape[1]), weight.dtype)

    def add_product(a: Any, b: Any, c: Any) -> None:
        add(a, multiply(b, c), a)

    def add_by_weights(a: Any, b: Any) -> None:
        add(a, dot(b, weight, by_weights), a)

    return Steps(
        rows=lambda tensor: list(tensor.numpy()),
        multiply=lambda a, b: multiply(a, b, a),
        add=add,
        add_product=add_product,
        add_by_weights=add_by_weights,
        matrix=lambda matrix: matrix.detach().numpy(),
    )

"""Euclidean norms over the whole range of float64."""

import numpy as np
from numpy.typing import ArrayLike

from gatesviz.traces import Array


def norm(values: ArrayLike, axis: int | tuple[int, ...] | None = -1) -> Array:
    """Return the Euclidean norm of ``values`` over ``axis``, or over all axes for None.

    The values are scaled by a power of two before they are squared, which rounds nothing. So
    the norm is right wherever it fits into the dtype: 1e-180 and 1e300 have squares that
    don't. A norm that doesn't fit is inf, without a warning. NaN gives NaN, also next to inf.

    Args:
        values: real numbers in float64 or narrower. The result has the same dtype.
        axis: as in `numpy.linalg.norm`.
    """
    array = np.asarray(values)
    with np.errstate(all="ignore"):
        wide = array.astype(np.float64, copy=False)
        largest = np.abs(wide).max(axis=axis, keepdims=True, initial=0.0)
        exponent = np.frexp(largest)[1]
        scaled = np.ldexp(wide, -exponent)
        total = np.sqrt((scaled * scaled).sum(axis=axis, keepdims=True))
        found: Array = np.squeeze(np.ldexp(total, exponent), axis=axis)
        return found.astype(array.dtype, copy=False)

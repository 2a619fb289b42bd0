"""Exact results about how far a gradient reaches."""

import math

import numpy as np
from numpy.typing import ArrayLike

from gatesviz.traces import Array


def spectral_decay(radius: float, lags: ArrayLike) -> Array:
    """Return ρ^lag: ‖∂h_T/∂h_{T−lag}‖ of a linear RNN whose W_hh is ρ times orthogonal.

    For a tanh RNN, it holds only while the units stay near 0 (Pascanu, Mikolov & Bengio 2013,
    section 2.1).
    """
    with np.errstate(over="ignore"):  # inf where it does not fit into float64
        return np.power(float(radius), np.asarray(lags, np.float64))


def forget_decay(bias: float, lags: ArrayLike) -> Array:
    """Return σ(b)^lag: ∂c_T/∂c_{T−lag} of an LSTM with zero weights and the forget bias b.

    b is the sum of PyTorch's two biases. With zero weights, f = σ(b) at every step
    (Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015).
    """
    return np.power(_sigmoid(bias), np.asarray(lags, np.float64))


def forget_half_life(bias: float) -> float:
    """Return ln ½ / ln σ(b), the number of steps in which `forget_decay` halves; 1 at b = 0."""
    return math.log(0.5) / -float(np.logaddexp(0.0, -bias))


def forget_bias_of(half_life: float) -> float:
    """Return the forget bias b whose `forget_half_life` is ``half_life`` steps: its inverse.

    Raises:
        ValueError: if ``half_life`` is not a finite number above 0.
    """
    if not 0 < half_life < math.inf:
        raise ValueError(f"half_life: expected a finite number of steps above 0, got {half_life!r}")
    return -math.log(math.expm1(math.log(2) / half_life))


def _sigmoid(bias: float) -> float:
    return float(np.exp(-np.logaddexp(0.0, -bias)))

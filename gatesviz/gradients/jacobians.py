"""Jacobians of the state, ∂s_end/∂s_t, from a trace, in closed form and in float64.

s is h, or h and c stacked for the LSTM. W_k is the block of weight_hh for gate k, a vector stands
for its diagonal matrix, and the letters are those of `gatesviz.gradients.scans`:

    RNN   ∂h'/∂h = (1−h'²) W, or (h' > 0) W for relu
    GRU   ∂h'/∂h = z + A_n hn r(1−r) W_r + (h−n) z(1−z) W_z + A_n r W_n
    LSTM  ∂c'/∂c = f                ∂c'/∂h = g i(1−i) W_i + c f(1−f) W_f + i (1−g²) W_g
          ∂h'/∂c = κ f              ∂h'/∂h = κ ∂c'/∂h + tanh(c') o(1−o) W_o
"""

import math
from collections.abc import Callable, Mapping
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from gatesviz.traces import Array, Trace, check_trace

_LARGEST = 1023  # the binary exponent of the largest float64


def step_jacobians(trace: Trace, sample: int = 0) -> Array:
    """Return ∂s'/∂s of every step, (T, S, S): a row for each unit after the step.

    S is H, or P + H for the LSTM, whose h (P) comes before its c (H). Steps are in the order of
    the inputs. A packed ``sample`` has its own length.

    Raises:
        TypeError: if ``trace`` is not a trace or ``sample`` is not a whole number.
        IndexError: if there is no such sample.
        ValueError: if the trace is edited.
    """
    _check(trace)
    return _steps(trace.sample(sample))


def jacobians(trace: Trace, sample: int = 0, state: str = "h") -> Array:
    """Return ∂s_end/∂s_t for all t, (T + 1, n, n): the product of the steps' Jacobians from t on.

    s_end is the state after the last step. Rows are in the order of `Trace.states`; the row of
    s_end, ∂s_end/∂s_end, is the identity. An entry that does not fit into float64 is inf, without
    a warning.

    Args:
        trace: the trace of one layer and direction.
        sample: the number of the sample in the batch.
        state: "h" (n = P), "c" (n = H), or "all": h and c together (n = P + H). For the LSTM,
            ∂h_end/∂h_t treats c_t as a constant, but includes paths through c at later steps.

    Raises:
        TypeError: if ``trace`` is not a trace or ``sample`` is not a whole number.
        IndexError: if there is no such sample.
        ValueError: if the cell has no such state, or the trace is edited.
    """
    with np.errstate(all="ignore"):
        digits, exponents = _products(trace, sample, state)
        found: Array = np.ldexp(digits, exponents[..., None])
        return found


def singular_values(
    trace: Trace, sample: int = 0, state: str = "h", *, log10: bool = False
) -> Array:
    """Return the singular values of `jacobians`, (T + 1, n), largest first.

    Each says how much of a change of s_t in one direction reaches s_end. A value below 1e-16 of the
    largest is rounding error.

    Args:
        trace, sample, state: as for `jacobians`.
        log10: return their logarithms to base 10, which stay finite when the values are too large
            or too small for float64.

    Returns:
        (T + 1, n); NaN where NaN or inf in the trace makes the Jacobian unknown.

    Raises:
        TypeError, IndexError, ValueError: as for `jacobians`.
    """
    with np.errstate(all="ignore"):
        digits, exponents = _products(trace, sample, state)
        finite = np.isfinite(digits).all((-2, -1))
        sizes = exponents + np.frexp(np.abs(digits).max(-1))[1]
        there = digits.any(-1)
        lowest = np.iinfo(np.int64).min
        shared = np.where(there.any(-1), np.where(there, sizes, lowest).max(-1), 0)
        alike = np.ldexp(digits, (exponents - shared[:, None])[..., None])
        values = np.full(digits.shape[:-1], np.nan)
        values[finite] = np.linalg.svd(alike[finite], compute_uv=False)
        if log10:
            return np.asarray(np.log10(values) + shared[:, None] * math.log10(2))
        found: Array = np.ldexp(values, shared[:, None])
        return found


def _products(trace: Trace, sample: int, state: str) -> tuple[Array, NDArray[np.int64]]:
    """Return `jacobians` as digits (T + 1, n, n) and exponents of two (T + 1, n), by row.

    A row may leave the range of float64 and return to it. It is scaled down only as far as the
    next product needs, so that its small entries stay.
    """
    part = _part(trace, state)
    one = trace.sample(sample)
    steps = _steps(one)
    product = np.eye(steps.shape[-1])[part]
    exponent = np.zeros(len(product), np.int64)
    digits = np.empty((one.steps + 1, len(product), len(product)))
    exponents = np.zeros((one.steps + 1, len(product)), np.int64)
    largest = np.abs(steps, where=np.isfinite(steps), out=np.zeros_like(steps)).max(initial=0.0)
    room = _LARGEST - int(np.frexp(largest)[1]) - len(steps.T).bit_length()
    order = range(one.steps + 1) if one.direction == "backward" else range(one.steps, -1, -1)
    for k, row in enumerate(order):
        if k:
            product = product @ steps[row - (one.direction == "backward")]
        top = np.abs(product).max(-1)
        size = np.frexp(top)[1]
        beyond = np.where(size > room, size - room, np.minimum(size - min(room, 0), 0))
        if beyond.any():
            beyond = np.where(np.isfinite(top) & (top > 0), beyond, 0)
            product, exponent = np.ldexp(product, -beyond[:, None]), exponent + beyond
        digits[row], exponents[row] = product[:, part], exponent
    return digits, exponents


def _check(trace: Trace) -> None:
    """Check that ``trace`` is one, and that each of its states follows from the one before."""
    check_trace(trace)
    if trace.edited:
        raise ValueError(
            "the trace is edited, so its states don't follow from each other: pass the trace of a"
            " recording without edits"
        )


def _part(trace: Trace, state: str) -> slice:
    """Return the rows of s that belong to ``state``."""
    _check(trace)
    size = trace.states["h"].shape[-1]
    parts = {"h": slice(0, size), "c": slice(size, None), "all": slice(None)}
    allowed = [*trace.states, "all"]
    if state not in allowed:
        raise ValueError(f"state: expected one of {allowed}, got {state!r}")
    return parts[state]


@np.errstate(all="ignore")  # inf and NaN pass without a warning
def _steps(trace: Trace) -> Array:
    gates = {letter: gate.astype(np.float64) for letter, gate in trace.gates.items()}
    weights = trace.weights["weight_hh"].astype(np.float64)
    blocks = dict(zip(trace.kind.blocks, np.split(weights, len(trace.kind.blocks)), strict=True))
    if trace.cell not in _CLOSED_FORMS:
        found: Array = import_module("gatesviz.gradients.by_autograd").step_jacobians(trace)
        return found
    return _CLOSED_FORMS[trace.cell](trace, gates, blocks)


def _rnn_tanh(trace: Trace, gates: Mapping[str, Array], blocks: Mapping[str, Array]) -> Array:
    h = trace.after("h").astype(np.float64)
    return np.asarray((1 - h * h)[..., None] * blocks["h"])


def _rnn_relu(trace: Trace, gates: Mapping[str, Array], blocks: Mapping[str, Array]) -> Array:
    h = trace.after("h").astype(np.float64)
    return np.asarray(np.minimum(np.ceil(h), 1)[..., None] * blocks["h"])


def _gru(trace: Trace, gates: Mapping[str, Array], blocks: Mapping[str, Array]) -> Array:
    r, z, n = gates.values()
    before, from_state = trace.before("h").astype(np.float64), trace.products()["n"][1]
    by_candidate = (1 - z) * (1 - n * n)
    factors = {
        "r": by_candidate * from_state * r * (1 - r),
        "z": (before - n) * z * (1 - z),
        "n": by_candidate * r,
    }
    found = _summed(factors, blocks)
    units = np.arange(z.shape[-1])
    found[:, units, units] += z
    return found


def _lstm(trace: Trace, gates: Mapping[str, Array], blocks: Mapping[str, Array]) -> Array:
    i, f, g, o = gates.values()
    c, shown = trace.before("c").astype(np.float64), np.tanh(trace.after("c").astype(np.float64))
    kappa = o * (1 - shown * shown)
    factors = {"i": g * i * (1 - i), "f": c * f * (1 - f), "g": i * (1 - g * g)}
    c_by_h = _summed(factors, blocks)
    c_by_c = f[..., None] * np.eye(f.shape[-1])
    h_by_h = kappa[..., None] * c_by_h + _summed({"o": shown * o * (1 - o)}, blocks)
    h_by_c = kappa[..., None] * c_by_c
    if "weight_hr" in trace.weights:
        projection = trace.weights["weight_hr"].astype(np.float64)
        h_by_h, h_by_c = projection @ h_by_h, projection @ h_by_c
    upper, lower = np.concatenate([h_by_h, h_by_c], -1), np.concatenate([c_by_h, c_by_c], -1)
    return np.concatenate([upper, lower], -2)


def _summed(factors: Mapping[str, Array], blocks: Mapping[str, Array]) -> Array:
    """Return the sum of diag(factor) W over the gates, (T, H, P)."""
    parts = [factor[..., None] * blocks[letter] for letter, factor in factors.items()]
    return np.asarray(sum(parts))


_CLOSED_FORMS: Mapping[str, Callable[..., Array]] = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "gru": _gru,
    "lstm": _lstm,
}
"""Cell -> its Jacobians; autograd finds those of all other cells."""

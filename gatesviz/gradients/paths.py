"""The two paths of a gradient, along the carried state and through the gates, which sum to it.

LSTM, of ∂L/∂c_t, with dY_t what enters at step t from above and κ = o·(1 − tanh² c):

    carry_t = dY_t κ_t + f_{t+1} carry_{t+1}
    gates_t = (da_{t+1} W) κ_t + f_{t+1} gates_{t+1}

GRU, of ∂L/∂h_t:

    carry_t = dY_t + z_{t+1} carry_{t+1}
    gates_t = δ_{t+1} W + z_{t+1} gates_{t+1}

Their sum is the recursion of the total (`gatesviz.gradients.scans`), term by term. Each one is
computed separately, so that a small part is also exact; a difference from the total would not be.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gatesviz.gradients.gates import rows_after, shown_to, through_output
from gatesviz.traces import Array, Trace


@np.errstate(all="ignore")  # inf and NaN pass without a warning
def split(
    trace: Trace,
    gradients: Mapping[str, Array],
    sums: Mapping[str, Array],
    outputs: Array,
    c_n: Array | None = None,
    from_state: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return path -> (T + 1, B, H), as in `LayerFlow.paths`."""
    carried = trace.kind.carried
    if carried is None:
        return {"weights": gradients["h"]}
    if carried.state == "c" and from_state is not None:
        raise ValueError(
            f"the {trace.kind.name} carries c and has no closed form, so its gradient can't be"
            " split. Write one in gatesviz/gradients/scans.py"
        )
    by_state = from_state if from_state is not None else _by_state(trace, sums)
    from_above = np.zeros_like(gradients["h"])
    rows_after(trace, from_above)[...] = _filled(trace, outputs)
    from_later = np.zeros_like(from_above)
    rows_before(trace, from_later)[...] = _filled(trace, _through_weights(trace, by_state))
    factors = _filled(trace, trace.gates[carried.gate])
    if carried.state == "c":
        from_above, from_later = _by_cell(trace, from_above), _by_cell(trace, from_later)
    if c_n is not None:
        from_above[_last_row(trace)] += c_n
    found = {
        "carry": _carried(trace, from_above, factors),
        "gates": _carried(trace, from_later, factors),
    }
    if trace.lengths is not None:
        for part in found.values():
            part[np.arange(trace.steps + 1)[:, None] > trace.lengths] = np.nan
    return found


def rows_before(trace: Trace, states: Array) -> Array:
    """Return the rows of ``states`` (T + 1, …) before each step, (T, …)."""
    return states[:-1] if trace.direction == "forward" else states[1:]


def _last_row(trace: Trace) -> tuple[int | NDArray[np.int64], ...]:
    """Return the index of the final states in (T + 1, B, ·)."""
    if trace.direction == "backward":
        return (0,)
    if trace.lengths is None:
        return (trace.steps,)
    return trace.lengths, np.arange(len(trace.lengths))


def _by_state(trace: Trace, sums: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return ∂L/∂(W_h·h + b_h) of each block; r multiplies that of the GRU's n."""
    if trace.cell == "gru":
        return {**sums, "n": sums["n"] * trace.gates["r"]}
    if split := trace.kind.split_blocks:
        raise ValueError(f"the {trace.kind.name} has no closed form of W_h·h in {', '.join(split)}")
    return sums


def _through_weights(trace: Trace, by_state: Mapping[str, Array]) -> Array:
    """Return (T, B, P): ∂L/∂h of the state before each step, through weight_hh."""
    factors = trace.kind.recurrent_factors
    whole = [by_state[k] if each == ("h",) else 0 * by_state[k] for k, each in factors.items()]
    found: Array = np.concatenate(whole, -1) @ trace.weights["weight_hh"]
    for index, (block, letters) in enumerate(factors.items()):
        if letters != ("h",) and "h" in letters:  # W·(r·h): r multiplies what comes back
            rows = slice(index * trace.hidden_size, (index + 1) * trace.hidden_size)
            back = by_state[block] @ trace.weights["weight_hh"][rows]
            for letter in set(letters) - {"h"}:
                back = back * trace.gates[letter]
            found = found + back
    return found


def _by_cell(trace: Trace, by_h: Array) -> Array:
    """Return (T + 1, B, H): from ∂/∂h_t to ∂/∂c_t of the same step; 0 for the first c."""
    kappa = _filled(trace, through_output(trace))
    rows = np.zeros((*by_h.shape[:-1], kappa.shape[-1]), by_h.dtype)
    rows_after(trace, rows)[...] = shown_to(trace, rows_after(trace, by_h)) * kappa
    return rows


def _carried(trace: Trace, entering: Array, factors: Array) -> Array:
    """Return (T + 1, B, H): ``entering`` at each row, times ``factors`` at each step back."""
    total = entering.copy()
    steps = range(trace.steps)
    for t in reversed(steps) if trace.direction == "forward" else steps:
        before, after = (t, t + 1) if trace.direction == "forward" else (t + 1, t)
        total[before] += factors[t] * total[after]
    return total


def _filled(trace: Trace, array: Array) -> Array:
    """Return ``array`` (T, B, ·) with zeros for the NaN beyond each sample's end."""
    if trace.lengths is None:
        return array
    return np.where((np.arange(trace.steps)[:, None] >= trace.lengths)[..., None], 0, array)

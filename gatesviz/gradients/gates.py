"""The derivative with respect to each gate, and the factors of a step back through a cell."""

from collections.abc import Mapping

import numpy as np

from gatesviz.traces import Array, Trace


@np.errstate(all="ignore")  # inf and NaN pass without a warning
def by_gates(
    trace: Trace, gradients: Mapping[str, Array], sums: Mapping[str, Array]
) -> dict[str, Array]:
    """Return letter -> (T, B, H), ∂L/∂gate; empty for the RNN.

    LSTM: dc·g, dc·c₋, dc·i, dh·tanh(c). GRU: da_n·(W_hn h₋ + b_hn), dh·(h₋ − n), dh·(1 − z).
    """
    after = {name: rows_after(trace, gradient) for name, gradient in gradients.items()}
    if trace.cell == "lstm":
        i, g = trace.gates["i"], trace.gates["g"]
        c, h = after["c"], shown_to(trace, after["h"])
        by_o = h * np.tanh(trace.after("c"))
        by_o = np.where(
            np.isnan(i), i, by_o
        )  # in a backward sample, the first state is beyond its end
        return {"i": c * g, "f": c * trace.before("c"), "g": c * i, "o": by_o}
    if trace.cell == "gru":
        z, n, h = trace.gates["z"], trace.gates["n"], after["h"]
        by_r = sums["n"] * trace.products()["n"][1]
        return {"r": by_r, "z": h * (trace.before("h") - n), "n": h * (1 - z)}
    if not trace.gates:
        return {}
    raise ValueError(f"the {trace.kind.name} has no closed form: autograd finds its derivatives")


def rows_after(trace: Trace, states: Array) -> Array:
    """Return the rows of ``states`` (T + 1, …) after each step, (T, …)."""
    return states[1:] if trace.direction == "forward" else states[:-1]


def shown_to(trace: Trace, by_h: Array) -> Array:
    """Return ∂L/∂(o·tanh(c)), (…, H), where ``by_h`` (…, P) is ∂L/∂h."""
    weight = trace.weights.get("weight_hr")
    return by_h if weight is None else by_h @ weight


def through_output(trace: Trace) -> Array:
    """Return κ = o·(1 − tanh² c), (T, B, H): the derivative of o·tanh(c_t) with respect to c_t."""
    shown = np.tanh(trace.after("c"))
    kappa: Array = trace.gates["o"] * (1 - shown * shown)
    return kappa

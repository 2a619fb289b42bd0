"""Evaluates the equations that are shown, on the numbers that were recorded."""

from collections.abc import Callable, Iterator

import numpy as np

from gatesviz.traces import Trace

FUNCTIONS = {
    "sigmoid": lambda a: 0.5 * (1 + np.tanh(a / 2)),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
}


def times_matrix(trace: Trace, block: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function vector -> W_h·vector + b_h of one block."""
    H, k = trace.hidden_size, trace.kind.blocks.index(block)
    rows = {name: weight[k * H : (k + 1) * H] for name, weight in trace.weights.items()}
    return lambda vector: vector @ rows["weight_hh"].T + rows.get("bias_hh", 0.0)


def worked_out(trace: Trace) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each equation's target, its value worked out from the recording, and as recorded."""
    before = {name: trace.before(name) for name in trace.states}
    after = {f"{name}_after": trace.after(name) for name in trace.states}
    recorded = {**trace.gates, **{k.replace("_after", "'"): v for k, v in after.items()}}
    known = {**before, **after, **trace.gates, **FUNCTIONS}
    for letter, (from_input, from_state) in trace.products().items():
        known |= {f"Wx_{letter}": from_input, f"Wh_{letter}": from_state}
        if trace.kind.recurrent_factors[letter] != ("h",):
            known[f"Wh_{letter}"] = times_matrix(trace, letter)
    for equation in trace.kind.equations:
        value = eval(equation.expression.replace("'", "_after"), {"__builtins__": {}}, known)
        if equation.target == "h'" and "weight_hr" in trace.weights:
            value = value @ trace.weights["weight_hr"].T
        yield equation.target, value, recorded[equation.target]

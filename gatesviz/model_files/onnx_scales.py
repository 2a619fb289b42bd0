"""A constant scale and shift after a linear layer, as models use to return to the original unit."""

from typing import Any, NamedTuple

import numpy as np

from gatesviz.model_files.onnx_graph import INSIDE, Graph, Values, as_text, shaped_by
from gatesviz.model_files.onnx_paths import ASIDE

_REAL = "fiu"
"""Kinds of NumPy's numbers that a constant may have."""


class Scale(NamedTuple):
    """What a graph does to O values x: ``factor`` · x + ``shift``.

    Attributes:
        value: the name of the result.
        factor, shift: (O,), in float64.
        steps: the operation and the constant of each node, in order; () for none.
        reshaped: whether the result has another shape than the values.
    """

    value: str
    factor: Values
    shift: Values
    steps: tuple[tuple[str, str], ...] = ()
    reshaped: bool = False


def scale_after(graph: Graph, value: str, count: int) -> Scale:
    """Return the scale and shift that nodes with constants apply to a value.

    Nodes that change a shape or take some of the values may be among them. After such a node, a
    constant has to be one number.

    Args:
        graph: of the model.
        value: the name of ``count`` values, its last axis.
    """
    found = Scale(value, np.ones(count), np.zeros(count))
    here, reshaped = value, False
    for _ in range(INSIDE):
        users = [one for one in graph.users.get(here, ()) if one.op_type not in ASIDE]
        if here in graph.outputs or len(users) != 1:
            break
        [node] = users
        cut = node.op_type in ("Slice", "Gather") and node.input[0] == here
        if cut or shaped_by(node) == here:
            here, reshaped = node.output[0], True
            continue
        step = _step(graph, node, here, 1 if reshaped else count)
        if step is None:
            break
        (factor, shift), constant = step
        here = node.output[0]
        steps = (*found.steps, (str(node.op_type), constant))
        found = Scale(here, found.factor * factor, found.shift * factor + shift, steps, reshaped)
    return found


def _step(
    graph: Graph, node: Any, value: str, count: int
) -> tuple[tuple[Values | float, Values | float], str] | None:
    """Return (factor, shift) of a node, and the name of its constant; None for another node."""
    if node.op_type == "Neg":
        return (-1.0, 0.0), ""
    if node.op_type not in ("Mul", "Div", "Add", "Sub") or len(node.input) != 2:
        return None
    first = node.input[0] == value
    name = node.input[1 if first else 0]
    number = _constant(graph, name, count)
    if number is None or (node.op_type == "Div" and (not first or not np.all(number))):
        return None
    ways: dict[str, tuple[Values | float, Values | float]] = {
        "Mul": (number, 0.0),
        "Add": (1.0, number),
        "Sub": (1.0, -number) if first else (-1.0, number),
    }
    return (ways[node.op_type] if node.op_type in ways else (1 / number, 0.0)), as_text(name)


def _constant(graph: Graph, name: str, count: int) -> Values | None:
    """Return a constant that is one number or ``count`` numbers along the last axis."""
    found = graph.constant(name) if name else None
    if found is None or found.dtype.kind not in _REAL or not np.isfinite(found).all():
        return None
    if found.size == 1:
        return found.reshape(()).astype(np.float64)
    fits = found.size == count == found.shape[-1]
    return found.reshape(count).astype(np.float64) if fits else None

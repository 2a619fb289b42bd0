"""Paths through an ONNX graph: from a recurrent node to a linear layer, and on to the answer."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gatesviz.model_files.onnx_graph import INSIDE, Graph, attributes_of, named, shaped_by

Stacks = Mapping[str, Sequence[Any]]
"""Name of a part -> its nodes, one for each layer."""
EACH, LAST, FINAL = "each step", "the last step", "the final states"
_ACTIVATIONS = {
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "Tanh": "tanh",
    "Relu": "relu", "Softplus": "softplus", "Softsign": "softsign", "Exp": "exponential",
}  # fmt: skip
"""Operation -> Keras's name, if both compute the same."""
ASIDE = ("Shape", "Size", "ArgMax", "TopK")
"""Operations that read a value and leave it the model's answer."""


class Reading(NamedTuple):
    """What a linear layer reads.

    Attributes:
        between: names of the nodes between a part and the layer, the last one of several.
        part: name of the part that it reads if nothing is between, else "".
        when: `EACH`, `LAST` or `FINAL`.
    """

    between: tuple[str, ...] = ()
    part: str = ""
    when: str = EACH


def reading_of(graph: Graph, name: str, stacks: Stacks) -> Reading:
    """Return what a linear layer reads whose input is the value ``name``."""
    layers = {id(stack[-1]): part for part, stack in stacks.items()}
    states = _final_states(graph, name)
    if states:
        node = states[0][0]
        part = layers.get(id(node), "")
        wanted = [(id(node), way) for way in range(_ways(node))]
        whole = part and [(id(one), way) for one, way in states] == wanted
        return Reading((), part, FINAL) if whole else Reading((named(node),))
    when = EACH
    for _ in range(INSIDE):
        node = graph.makers.get(name)
        if node is None:
            return Reading()
        if id(node) in layers and name == node.output[0]:
            backwards = attributes_of(node).get("direction") == b"reverse"
            kept = when == EACH or not backwards  # the module is given the sequence reversed
            return Reading((), layers[id(node)], when) if kept else Reading((named(node),))
        step = _keeps_steps(graph, node)
        if not step:
            return Reading((named(node),))
        when = LAST if step == LAST else when
        name = shaped_by(node) or node.input[0]
    return Reading((named(node),))


def _keeps_steps(graph: Graph, node: Any) -> str:
    """Return `EACH` if a node keeps the features of each step, `LAST` if of the last one, or ""."""
    kind = node.op_type
    if kind == "Gather":
        index = graph.constant(node.input[1])
        return LAST if index is not None and index.size == 1 and index.flat[0] == -1 else ""
    if kind == "Slice":
        cut = _cut(graph, node)
        if cut is None or (cut[3] or 1) < 0:
            return ""
        return LAST if cut[1] == -1 else EACH
    if kind == "Transpose":
        order = attributes_of(node).get("perm") or [0]
        return EACH if order[-1] == len(order) - 1 else ""
    return EACH if shaped_by(node) else ""


def _cut(graph: Graph, node: Any) -> tuple[int, int, int, int] | None:
    """Return axis, start, end and step of a Slice along one axis."""
    found = attributes_of(node)
    numbers = []
    for k, (key, usual) in enumerate([("starts", None), ("ends", None), ("axes", 0), ("steps", 1)]):
        given = node.input[k + 1] if len(node.input) > k + 1 else ""
        value = graph.constant(given) if given else np.asarray(found.get(key, usual))
        if value is None or value.size != 1 or value.dtype.kind != "i":
            return None
        numbers.append(int(value.flat[0]))
    start, end, axis, step = numbers
    return axis, start, end, step


def _ways(node: Any) -> int:
    return 2 if attributes_of(node).get("direction") == b"bidirectional" else 1


def _final_states(graph: Graph, name: str, depth: int = 0) -> list[tuple[Any, int]]:
    """Return the final states h that a value consists of: (recurrent node, direction); or []."""
    graph.count()
    node = graph.makers.get(name)
    if node is None or depth > INSIDE:
        return []
    if node.op_type in ("LSTM", "GRU", "RNN"):
        is_state = len(node.output) > 1 and node.output[1] == name
        return [(node, way) for way in range(_ways(node))] if is_state else []
    if node.op_type == "Concat":
        found = [_final_states(graph, each, depth + 1) for each in node.input]
        return [one for each in found for one in each] if all(found) else []
    if shaped := shaped_by(node):
        return _final_states(graph, shaped, depth + 1)
    if node.op_type not in ("Gather", "Slice"):
        return []
    states = _final_states(graph, node.input[0], depth + 1)
    if node.op_type == "Gather":
        index, rows = graph.constant(node.input[1]), range(-len(states), len(states))
        if index is None or attributes_of(node).get("axis", 0):
            return []
        return [states[k] for k in index.ravel().tolist() if k in rows]
    cut = _cut(graph, node)
    return states[cut[1] : cut[2] : cut[3]] if cut and not cut[0] and cut[3] else []


def onward_from(graph: Graph, value: str, rank: int) -> tuple[str, tuple[str, ...]]:
    """Return the activation that is applied to a value, and the nodes between it and an answer.

    Args:
        graph: of the model.
        value: its name.
        rank: of the value, as far as its features are its last axis; else 0.
    """
    activation = ""
    for _ in range(INSIDE):
        users = [one for one in graph.users.get(value, ()) if one.op_type not in ASIDE]
        if value in graph.outputs or not users:
            return activation, ()
        node = users[0]
        first = "" if activation else _activation(node, rank)
        cut = node.op_type in ("Slice", "Gather") and node.input[0] == value
        kept = cut or shaped_by(node) == value
        if len(users) > 1 or not (first or kept):
            return activation, tuple(map(named, users))
        activation = first or activation
        rank = rank if first else 0 if node.op_type == "Transpose" else -1
        value = node.output[0]
    return activation, (named(node),)


def _activation(node: Any, rank: int) -> str:
    """Return Keras's name of an activation; a softmax has to be over the features."""
    if node.op_type in ("Softmax", "LogSoftmax"):
        axis = attributes_of(node).get("axis", -1)
        if not rank or axis not in (-1, rank - 1):
            return ""
    return _ACTIVATIONS.get(node.op_type, "")

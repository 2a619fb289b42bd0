"""Read ONNX models: the weights of LSTM, GRU and RNN nodes.

ONNX keeps W (D, K·H, I), R (D, K·H, H) and B (D, 2·K·H), the biases of W·x and of R·h side by side.
The LSTM's gates are i o f c, the GRU's z r h. A GRU without ``linear_before_reset`` resets before
the product, which is another cell than PyTorch's.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gatesviz.model_files.contents import (
    Around,
    Contents,
    Part,
    Stored,
    listed,
    quoted,
    shown,
    stored_array,
)
from gatesviz.model_files.onnx_graph import (
    INSIDE,
    SHAPING,
    Graph,
    Values,
    as_text,
    attributes_of,
    named,
    shaped_by,
)
from gatesviz.model_files.onnx_matrices import (
    embeddings_of,
    linears_of,
    nodes_after,
    notes_on,
    once_of,
)
from gatesviz.model_files.part_sizes import sized

FILE_BYTES = 20_000_000
"""Most bytes of a model: it is read as a whole."""
NODES, RECURRENT_NODES = 50_000, 256
_ORDER = {4: (0, 2, 3, 1), 3: (1, 0, 2), 1: (0,)}
"""Blocks -> places of PyTorch's blocks among those of ONNX."""
_BLOCKS = {"LSTM": 4, "GRU": 3, "RNN": 1}
_USUAL = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


def read(path: Path) -> Contents:
    """Return what an ONNX file holds.

    Raises:
        ValueError: if it is damaged, holds no LSTM, GRU or RNN node, or one that computes
            something else than gatesviz.
        ModuleNotFoundError: if onnx isn't installed; the message says how to get it.
    """
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise ValueError(
            f"{shown(path)} has {size:,} bytes, expected up to {FILE_BYTES:,} of an ONNX model"
        )
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{shown(path)} seems to be an ONNX model, and reading it needs onnx: pip install"
            " 'gatesviz[onnx]'"
        ) from None
    try:
        model = onnx.ModelProto.FromString(path.read_bytes())
    except DecodeError as error:
        raise ValueError(f"{shown(path)} is a damaged ONNX model") from error
    if len(model.graph.node) > NODES:
        raise ValueError(
            f"{shown(path)} has {len(model.graph.node):,} nodes, expected up to {NODES:,}"
        )
    nodes = list(model.graph.node)
    graph = Graph(
        path,
        nodes,
        {one.name: one for one in model.graph.initializer},
        {name: node for node in nodes for name in node.output if name},
        frozenset(one.name for one in model.graph.output),
    )
    try:
        return _contents(graph)
    except (IndexError, KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise ValueError(f"{shown(path)} is a damaged ONNX model") from error


def _contents(graph: Graph) -> Contents:
    recurrent = [node for node in graph.nodes if node.op_type in _BLOCKS]
    if len(recurrent) > RECURRENT_NODES:
        raise ValueError(
            f"{shown(graph.path)} has {len(recurrent):,} recurrent nodes, expected up to"
            f" {RECURRENT_NODES}"
        )
    if not recurrent:
        kinds = sorted({node.op_type for node in graph.nodes})
        raise ValueError(
            f"{shown(graph.path)} has no LSTM, GRU or RNN node. Its nodes are {listed(kinds) or 0}."
            " The new exporter of PyTorch unrolls an nn.RNN: export with dynamo=False"
        )
    stacks = _stacks(graph, recurrent)
    embeddings = embeddings_of(graph)
    linears = linears_of(graph, stacks, [one.name for one in embeddings])
    parts: dict[str, Part] = {}
    around: dict[str, Around] = {}
    for name, stack in stacks.items():
        part = _part(graph, name, stack)
        notes = (*part.notes, *notes_on(part, linears))
        parts[name] = replace(part, notes=notes, once=once_of(part, linears))
        around[name] = Around(_before(graph, stack), nodes_after(part, linears))
    return Contents(
        parts,
        tuple(embeddings),
        tuple(one.matrix for one in linears),
        dict.fromkeys(parts, 0),
        around=around,
    )


def _stacks(graph: Graph, recurrent: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the recurrent nodes by the name of the part; those that one module runs together."""
    stacks: list[list[Any]] = []
    for node in recurrent:
        before = _source(graph, node.input[0])
        stack = next((s for s in stacks if before is s[-1] and _continues(s[-1], node)), None)
        if stack is None:
            stacks.append([node])
        else:
            stack.append(node)
    found = {}
    for k, stack in enumerate(stacks):
        first = stack[0]
        output = next((each for each in first.output if each), "")
        found[as_text(first.name or output or f"{k}")] = stack
    return found


def _before(graph: Graph, stack: Sequence[Any]) -> tuple[str, ...] | None:
    """Return what a part's values depend on and isn't opened: a node before it, first states."""
    before = _before_input(graph, stack[0].input[0])
    states = [_origin(graph, one) for node in stack for one in _given_states(graph, node)]
    names = [
        named(graph.makers[one]) if one in graph.makers else as_text(one)
        for one in states
        if one in graph.makers or one in graph.initializers  # else you give them to the model
    ]
    return tuple(dict.fromkeys([*(before or ()), *names])) if names else before


def _before_input(graph: Graph, name: str) -> tuple[str, ...] | None:
    """Return the node that computes what a recurrent node reads, if it isn't an embedding."""
    for _ in range(INSIDE):
        maker = graph.makers.get(name)
        if maker is None or maker.op_type in ("Gather", "OneHot", *_BLOCKS):
            return ()
        shaped = shaped_by(maker)
        if not shaped:
            return (named(maker),)
        name = shaped
    return None


def _source(graph: Graph, name: str) -> Any:
    """Return the recurrent node whose output is ``name``, apart from its shape."""
    for _ in range(INSIDE):
        node = graph.makers.get(name)
        if node is None or node.op_type in _BLOCKS:
            return node if node is not None and name == node.output[0] else None
        name = shaped_by(node)
    return None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _continues(first: Any, second: Any) -> bool:
    keys = ("direction", "hidden_size", "activations", "linear_before_reset", "layout")
    one, other = attributes_of(first), attributes_of(second)
    return (
        first.op_type == second.op_type
        and all(one.get(key) == other.get(key) for key in keys)
        and _text(one.get("direction", "forward")) != "reverse"
    )


def _check_node(graph: Graph, node: Any, name: str) -> tuple[str, dict[str, Any]]:
    """Return the key of a node's cell, and its attributes.

    Raises:
        ValueError: if it computes something that gatesviz doesn't.
    """
    found, kind = attributes_of(node), node.op_type
    both = _text(found.get("direction", "forward")) == "bidirectional"
    usual = _USUAL[kind]
    given = [_text(one) for one in found.get("activations", [])] or usual * (1 + both)
    where = f"{shown(graph.path)}: {quoted(name)}"
    allowed = [usual * (1 + both)]
    if kind == "RNN":
        allowed.append(["Relu"] * (1 + both))
    if given not in allowed:
        raise ValueError(f"{where} has activations {quoted(given)}, expected {allowed[0]}")
    for key in ("clip", "input_forget"):
        if found.get(key):
            raise ValueError(f"{where} has {key}={quoted(found[key])}, expected none")
    inputs = [*node.input, *[""] * 8]
    if kind == "LSTM" and inputs[7]:
        raise ValueError(f"{where} has peepholes (input P), expected an LSTM without")
    first = [graph.constant(inputs[k]) for k in (5, 6) if k == 5 or kind == "LSTM"]
    widths = {one.shape[-1] for one in first if one is not None and one.ndim}
    if len(widths) > 1:
        raise ValueError(
            f"{where} has first states of the sizes {sorted(widths)}, expected equal sizes: ONNX"
            " has no projection. Save the state dict instead"
        )
    if kind == "GRU":
        return ("gru" if found.get("linear_before_reset") else "gru_reset_before"), found
    return ("lstm" if kind == "LSTM" else f"rnn_{given[0].lower()}"), found


def _part(graph: Graph, name: str, stack: Sequence[Any]) -> Part:
    K = _BLOCKS[stack[0].op_type]
    cell, found = _check_node(graph, stack[0], name)
    notes: list[str] = []
    weights: dict[str, Stored] = {}
    both = _text(found.get("direction", "forward")) == "bidirectional"
    biases = []
    for layer, node in enumerate(stack):
        _check_node(graph, node, node.name or name)
        W, R, B = (_weight(graph, node, k, name) for k in (1, 2, 3))
        if W is None or R is None:
            raise ValueError(f"{shown(graph.path)}: {quoted(name)} lacks W or R")
        biases.append(B is not None)
        fits = W.ndim == R.ndim == 3 and W.shape[:2] == R.shape[:2] == (1 + both, K * R.shape[2])
        if not fits:
            raise ValueError(
                f"{shown(graph.path)}: {quoted(name)} has W {W.shape} and R {R.shape}, expected"
                f" ({1 + both}, {K}·H, I) and ({1 + both}, {K}·H, H)"
            )
        if B is not None and B.shape != (1 + both, 2 * R.shape[1]):
            raise ValueError(
                f"{shown(graph.path)}: {quoted(name)} has B {B.shape}, expected"
                f" {(1 + both, 2 * R.shape[1])}"
            )
        for way in range(1 + both):
            end = f"_l{layer}{'_reverse' if way else ''}"
            named = {"weight_ih": W[way], "weight_hh": R[way]}
            if B is not None:
                named |= dict(zip(("bias_ih", "bias_hh"), np.split(B[way], 2), strict=True))
            for key, rows in named.items():
                weights[key + end] = stored_array(f"{name}.{key}", _ordered(rows, K), graph.path)
        if _given_states(graph, node):
            notes.append(f"{quoted(name)} starts from given states; the module starts from zeros.")
    if len(set(biases)) > 1:
        raise ValueError(f"{shown(graph.path)}: some layers of {quoted(name)} have no bias")
    if len(stack) > 1:
        notes.append(f"Stacked: {listed([node.name for node in stack])}.")
    part = sized(name, f"{name} as ", weights, len(stack), both, biases[0], graph.path)
    return replace(
        part,
        cell=cell,
        notes=tuple(dict.fromkeys(notes)),
        declared=cell is not None,
        backwards=_text(found.get("direction", "forward")) == "reverse",
    )


_REPEATING = (*SHAPING, "Expand", "Tile", "Slice", "Gather")
"""Operations whose values are some of those of their first input."""


def _given_states(graph: Graph, node: Any) -> list[str]:
    """Return the names of the first states that aren't known to be 0."""
    return [name for name in node.input[5:7] if name and not _is_zero(graph, name)]


def _is_zero(graph: Graph, name: str, depth: int = 0) -> bool:
    """Return whether all that a value can be is 0."""
    graph.count()
    node = graph.makers.get(name)
    if name in graph.initializers or node is None or node.op_type == "Constant":
        value = graph.constant(name)
        return value is not None and not np.any(value)
    if depth > INSIDE:
        return False
    if node.op_type == "ConstantOfShape":
        given = attributes_of(node).get("value")
        return given is None or not np.any(graph.read(given))
    if node.op_type in ("Concat", "Where"):
        chosen = node.input[1:] if node.op_type == "Where" else node.input
        return all(_is_zero(graph, one, depth + 1) for one in chosen)
    return node.op_type in _REPEATING and _is_zero(graph, node.input[0], depth + 1)


def _origin(graph: Graph, name: str) -> str:
    """Return the value that a first state repeats: an initializer, an input or what is computed."""
    for _ in range(INSIDE):
        node = graph.makers.get(name)
        if name in graph.initializers or node is None or node.op_type not in _REPEATING:
            break
        name = node.input[0]
    return name


def _weight(graph: Graph, node: Any, index: int, name: str) -> Values | None:
    given = node.input[index] if len(node.input) > index else ""
    if not given:
        return None
    found = graph.constant(given)
    if found is None:
        raise ValueError(
            f"{shown(graph.path)}: {quoted(name)} computes its weight {quoted(given)}: expected a"
            " constant"
        )
    return found


def _ordered(rows: Values, K: int) -> Values:
    blocks = np.split(rows, K)
    return np.concatenate([blocks[k] for k in _ORDER[K]])

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
    Matrix,
    Part,
    Stored,
    listed,
    quoted,
    shown,
    stored_array,
)
from gatesviz.model_files.onnx_graph import INSIDE, SHAPING, Graph, Values, as_text, attributes_of
from gatesviz.model_files.state_dict import sized

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
        ModuleNotFoundError: if onnx isn't installed; the sentence says how to get it.
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
    )
    try:
        return _contents(graph)
    except (IndexError, KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise ValueError(f"{shown(path)} is a damaged ONNX model") from error


def _contents(graph: Graph) -> Contents:
    recurrent = [(k, node) for k, node in enumerate(graph.nodes) if node.op_type in _BLOCKS]
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
    stacks: list[list[Any]] = []
    places: list[int] = []
    for place, node in recurrent:
        before = _source(graph, node.input[0])
        stack = next((s for s in stacks if before is s[-1] and _continues(s[-1], node)), None)
        if stack is None:
            stacks.append([node])
            places.append(place)
        else:
            stack.append(node)
    parts: dict[str, Part] = {}
    for k, stack in enumerate(stacks):
        first = stack[0]
        name = as_text(first.name or next((each for each in first.output if each), "") or f"{k}")
        parts[name] = _part(graph, name, stack)
    embeddings, linears = _matrices(graph)
    where = dict(zip(parts, places, strict=False))
    around = {
        name: Around(_before(graph, stack[0])) for name, stack in zip(parts, stacks, strict=False)
    }
    return Contents(
        parts, tuple(embeddings), tuple(linears), dict.fromkeys(where, 0), around=around
    )


def _before(graph: Graph, node: Any) -> tuple[str, ...] | None:
    """Return the node that computes what a recurrent node reads, if it isn't an embedding."""
    name = node.input[0]
    for _ in range(INSIDE):
        maker = graph.makers.get(name)
        if maker is None or maker.op_type in ("Gather", "OneHot", *_BLOCKS):
            return ()
        if maker.op_type not in SHAPING:
            return (as_text(maker.name or maker.op_type),)
        name = maker.input[0]
    return None


def _source(graph: Graph, name: str) -> Any:
    """Return the recurrent node whose output is ``name``, apart from its shape."""
    for _ in range(INSIDE):
        node = graph.makers.get(name)
        if node is None or node.op_type in _BLOCKS:
            return node if node is not None and name == node.output[0] else None
        if node.op_type not in SHAPING:
            return None
        name = node.input[0]
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
        if any(_given_state(graph, node)):
            notes.append(f"{quoted(name)} starts from given states; the module starts from zeros.")
    if len(set(biases)) > 1:
        raise ValueError(f"{shown(graph.path)}: some layers of {quoted(name)} have no bias")
    if _text(found.get("direction", "forward")) == "reverse":
        notes.append(f"{quoted(name)} reads backwards: reverse the sequence for the module.")
    if len(stack) > 1:
        notes.append(f"Stacked: {listed([node.name for node in stack])}.")
    part = sized(name, f"{name} as ", weights, len(stack), both, biases[0], graph.path)
    return replace(part, cell=cell, notes=tuple(dict.fromkeys(notes)), declared=cell is not None)


def _given_state(graph: Graph, node: Any) -> list[bool]:
    """Return whether each first state is a constant other than 0."""
    found = [graph.constant(name) for name in node.input[5:7] if name]
    return [one is not None and bool(np.any(one)) for one in found]


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


def _matrices(graph: Graph) -> tuple[list[Matrix], list[Matrix]]:
    """Return the matrices of Gather nodes, and of MatMul and Gemm nodes with their biases."""
    users: dict[str, list[Any]] = {}
    for node in graph.nodes:
        for name in node.input:
            users.setdefault(name, []).append(node)
    embeddings: dict[str, Matrix] = {}
    linears: dict[str, Matrix] = {}
    for node in graph.nodes:
        names = [*node.input, "", ""]
        if node.op_type == "Gather":
            table = _matrix(graph, names[0])
            if table is not None and int(attributes_of(node).get("axis", 0)) == 0:
                embeddings[names[0]] = _named(graph, names[0], table, None)
        elif node.op_type in ("MatMul", "Gemm"):
            table = _matrix(graph, names[1])
            if table is None:
                continue
            across = node.op_type == "Gemm" and attributes_of(node).get("transB")
            bias = graph.constant(names[2]) if node.op_type == "Gemm" and names[2] else None
            name = names[1]
            if node.op_type == "MatMul":
                named = _added(users.get(node.output[0], []), node.output[0])
                bias = graph.constant(named) if named else None
                name = named.removesuffix(".bias") if named.endswith(".bias") else name
            rows = table if across else table.T
            bias = bias if bias is not None and bias.shape == rows.shape[:1] else None
            linears[names[1]] = _named(graph, name, rows, bias)
    return list(embeddings.values()), list(linears.values())


def _matrix(graph: Graph, name: str) -> Values | None:
    found = graph.constant(name) if name else None
    fits = found is not None and found.ndim == 2 and found.dtype.kind == "f" and found.size
    return found if fits else None


def _added(users: Sequence[Any], name: str) -> str:
    """Return the name of what is added to the value ``name``, or ""."""
    for node in users:
        if node.op_type == "Add":
            return next((each for each in node.input if each != name), "")
    return ""


def _named(graph: Graph, name: str, rows: Values, bias: Values | None) -> Matrix:
    short = as_text(name).removesuffix(".weight")
    weight = stored_array(name, rows, graph.path)
    return Matrix(
        short, weight, None if bias is None else stored_array(f"{short}.bias", bias, graph.path), 0
    )

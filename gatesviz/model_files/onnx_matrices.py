"""The embeddings and linear layers of an ONNX model, and what each linear layer reads."""

from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gatesviz.model_files.contents import Matrix, Part, listed, quoted, stored_array
from gatesviz.model_files.onnx_graph import Graph, Values, as_text, attributes_of, named, read_by
from gatesviz.model_files.onnx_paths import (
    EACH,
    FINAL,
    LAST,
    Reading,
    Stacks,
    onward_from,
    reading_of,
)
from gatesviz.model_files.onnx_scales import scale_after

_NOTES = 6
"""Most notes on linear layers of one part."""


class Linear(NamedTuple):
    """A linear layer, what it reads and what the model does to its values.

    Attributes:
        matrix: the layer, with the constant scale and shift after it.
        reading: what it reads.
        logarithms: whether the model gives logarithms of its softmax.
        scaled: whether there is a scale or a shift.
    """

    matrix: Matrix
    reading: Reading
    logarithms: bool
    scaled: bool = False


def embeddings_of(graph: Graph) -> list[Matrix]:
    """Return the matrices whose rows a Gather node takes."""
    found: dict[str, Matrix] = {}
    for node in graph.nodes:
        if node.op_type == "Gather" and int(attributes_of(node).get("axis", 0)) == 0:
            name = node.input[0]
            table = _matrix(graph, name)
            if table is not None:
                short = as_text(name).removesuffix(".weight")
                found[name] = Matrix(short, stored_array(name, table, graph.path), None, 0)
    return [*found.values()]


def linears_of(graph: Graph, stacks: Stacks, taken: Iterable[str]) -> list[Linear]:
    """Return the layers that MatMul and Gemm nodes compute, each with what is around it.

    Args:
        graph: of the model.
        stacks: its recurrent parts.
        taken: names of other matrices. Nodes can share a weight, and each layer has its own name.
    """
    reached, names = _reached(graph, stacks), set(taken)
    found: dict[tuple[object, ...], Linear] = {}
    for node in graph.nodes:
        if node.op_type not in ("MatMul", "Gemm") or len(node.input) < 2:
            continue
        table = _matrix(graph, node.input[1])
        if table is None:
            continue
        made = _gemm if node.op_type == "Gemm" else _product
        layer = _scaled(graph, made(graph, node, table))
        bits = reached.get(node.input[0], 0)
        reads = frozenset(name for k, name in enumerate(stacks) if bits >> k & 1)
        one = _linear(graph, node, layer, stacks, reads)
        before = found.get(layer.key)
        if before is None and one.matrix.name in names:
            other = _other(one.matrix.name, node, names)
            one = one._replace(matrix=one.matrix._replace(name=other))
        found[layer.key] = one if before is None else _both(before, one)
        names.add(found[layer.key].matrix.name)
    return [*found.values()]


def _other(name: str, node: Any, names: Container[str]) -> str:
    """Return another name for the layer that a node computes."""
    wanted = f"{name} of {named(node)}"
    return wanted if wanted not in names else f"{wanted}: {as_text(node.output[0])}"


def _both(first: Linear, second: Linear) -> Linear:
    """Return a layer that two nodes compute: as the one that reads a part without others."""
    name = first.matrix.name
    odd = first.matrix.apart or bool(first.matrix.followed)
    if odd != (second.matrix.apart or bool(second.matrix.followed)):
        kept = second if odd else first
        return kept._replace(matrix=kept.matrix._replace(name=name))
    reads = (first.matrix.reads or frozenset()) | (second.matrix.reads or frozenset())
    return first._replace(matrix=first.matrix._replace(reads=reads))


def _linear(
    graph: Graph, node: Any, layer: "Layer", stacks: Stacks, reads: frozenset[str]
) -> Linear:
    """Return a layer, and what is around the node that computes it."""
    reading = Reading((named(node),)) if layer.odd else reading_of(graph, node.input[0], stacks)
    rank = 0 if layer.reshaped else 2 if node.op_type == "Gemm" else 3
    activation, onward = onward_from(graph, layer.value, rank)
    weight = stored_array(node.input[1], layer.rows, graph.path)
    bias = None if layer.bias is None else stored_array(layer.given, layer.bias, graph.path)
    short = as_text(layer.given if layer.given.endswith(".bias") else node.input[1])
    short = short.removesuffix(".bias").removesuffix(".weight")
    logarithms = activation == "log_softmax" and len(layer.rows) > 1
    if activation == "log_softmax" and not logarithms:  # of one number: always 0
        activation, onward = "", ("LogSoftmax",)
    matrix = Matrix(
        short,
        weight,
        bias,
        0,
        apart=not reading.part,
        activation="softmax" if logarithms else activation,
        followed=onward,
        reads=reads,
    )
    return Linear(matrix, reading, logarithms, layer.scaled)


class Layer(NamedTuple):
    """The numbers of a linear layer.

    Attributes:
        key: the same for nodes that compute the same layer.
        value: the name of what it gives.
        rows: (O, F).
        given: the name of its bias, or "".
        bias: (O,), or None.
        odd: whether it computes something else: it mixes steps, or adds what isn't a bias.
        scaled: whether a constant scale or shift after it is part of the numbers.
        reshaped: whether what it gives has another shape after that.
    """

    key: tuple[object, ...]
    value: str
    rows: Values
    given: str
    bias: Values | None
    odd: bool = False
    scaled: bool = False
    reshaped: bool = False


def _gemm(graph: Graph, node: Any, table: Values) -> Layer:
    """Return alpha·x·W + beta·b as one weight and one bias."""
    found = attributes_of(node)
    rows = table if found.get("transB") else table.T
    alpha, beta = (float(found.get(key, 1)) for key in ("alpha", "beta"))
    if alpha != 1:
        graph.spend(rows.size)
        rows = (rows * alpha).astype(rows.dtype)
    given = node.input[2] if len(node.input) > 2 and beta else ""
    bias = _bias(graph, given, len(rows))
    odd = bool(found.get("transA")) or (bool(given) and bias is None)
    bias = None if bias is None else (bias * beta).astype(bias.dtype)
    key = (node.input[1], given, alpha, beta, bool(found.get("transB")), odd)
    return Layer(key, node.output[0], rows, given if bias is not None else "", bias, odd)


def _product(graph: Graph, node: Any, table: Values) -> Layer:
    """Return x·W, with the bias that the next node adds."""
    rows = table.T
    given, total = _added(graph, node.output[0])
    bias = _bias(graph, given, len(rows))
    if bias is None:
        return Layer((node.input[1],), node.output[0], rows, "", None)
    return Layer((node.input[1], given), total, rows, given, bias)


def _scaled(graph: Graph, layer: Layer) -> Layer:
    """Return a layer with the constant scale and shift that the graph applies to its values."""
    scale = scale_after(graph, layer.value, len(layer.rows))
    if not scale.steps:
        return layer
    graph.spend(layer.rows.size)
    bias = np.zeros(len(layer.rows)) if layer.bias is None else layer.bias
    kind = layer.rows.dtype
    return layer._replace(
        key=(*layer.key, *scale.steps),
        value=scale.value,
        rows=(layer.rows * scale.factor[:, None]).astype(kind),
        given=layer.given,
        bias=(bias * scale.factor + scale.shift).astype(kind),
        scaled=True,
        reshaped=scale.reshaped,
    )


def _reached(graph: Graph, stacks: Stacks) -> dict[str, int]:
    """Return value -> the parts that reach it without passing through another one, as bits."""
    bits = {id(node): 1 << k for k, stack in enumerate(stacks.values()) for node in stack}
    found: dict[str, int] = {}
    for node in graph.nodes:  # sorted: a node reads what others before it compute
        own = bits.get(id(node), 0)
        if not own:
            for name in read_by(node):
                own |= found.get(name, 0)
        if own:
            found |= dict.fromkeys(node.output, own)
    return found


def once_of(part: Part, linears: Iterable[Linear]) -> bool | None:
    """Return whether the layers after a part read its final states; None if that isn't known."""
    like = EACH if part.bidirectional else FINAL  # what the output of the last step is
    readings = [one.reading for one in linears if one.reading.part == part.name]
    when = {like if one.when == LAST else one.when for one in readings}
    return when == {FINAL} if len(when) == 1 else None


def notes_on(part: Part, linears: Sequence[Linear]) -> list[str]:
    """Return what stands between a part and the layers after it, and what is applied to these."""
    notes = []
    for one in linears:
        matrix, name = one.matrix, quoted(one.matrix.name)
        if part.name not in (matrix.reads or ()) or matrix.weight.shape[1] != part.output_size:
            continue
        if one.reading.between:
            verb = "stands" if len(one.reading.between) == 1 else "stand"
            notes.append(f"{listed(one.reading.between)} {verb} between the module and {name}.")
        if part.bidirectional and one.reading.part == part.name and one.reading.when == LAST:
            notes.append(f"In the file, {name} reads the last step only.")
        if one.scaled:
            notes.append(f"The scale and the shift after {name} are part of the readout.")
        if one.logarithms:
            notes.append(f"The model gives logarithms of the softmax of what {name} gives.")
        elif matrix.activation:
            notes.append(f"{name} is followed by {quoted(matrix.activation)}.")
    return notes[:_NOTES]


def nodes_after(part: Part, linears: Iterable[Linear]) -> tuple[str, ...]:
    """Return the nodes between a part and the layers that depend on it."""
    own = [one.reading for one in linears if part.name in (one.matrix.reads or ())]
    return tuple(dict.fromkeys(name for one in own for name in one.between))


def _matrix(graph: Graph, name: str) -> Values | None:
    found = graph.constant(name) if name else None
    fits = found is not None and found.ndim == 2 and found.dtype.kind == "f" and found.size
    return found if fits else None


def _added(graph: Graph, value: str) -> tuple[str, str]:
    """Return what the only reader of a value adds to it, and the sum; or two empty names."""
    users = [one for one in graph.users.get(value, ()) if one.op_type not in ("Shape", "Size")]
    if len(users) != 1 or users[0].op_type != "Add" or value in graph.outputs:
        return "", ""
    return next((one for one in users[0].input if one != value), ""), users[0].output[0]


def _bias(graph: Graph, name: str, count: int) -> Values | None:
    """Return a constant that is added to each row of ``count`` values as (count,), or None."""
    found = graph.constant(name) if name else None
    if found is None or found.dtype.kind != "f" or found.size not in (1, count):
        return None
    same = found.size == 1 or found.shape[-1] == count
    return np.broadcast_to(found.reshape(-1), (count,)) if same else None

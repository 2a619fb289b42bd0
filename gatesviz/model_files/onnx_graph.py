"""The nodes of an ONNX model and its constants, which are computed when they are needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.model_files.contents import quoted, shown

VALUES = 10_000_000
"""Most values of a constant, and of all constants that are computed."""
LOOKED_UP = 20_000
"""Most constants that are looked up. A few nodes can name each other billions of times."""
SHAPING = ("Identity", "Squeeze", "Unsqueeze", "Transpose", "Reshape", "Cast", "Dropout")
"""Operations that keep the values of one input and change only their shape or kind."""
INSIDE = 12
"""Most operations between two layers, or between a constant and the node that uses it."""
Values = NDArray[Any]


def as_text(name: str | bytes) -> str:
    """Return a name of a file; protobuf gives bytes where it isn't UTF-8."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


@dataclass(eq=False)
class Graph:
    """The nodes of a model and its constants, which are read when they are needed."""

    path: Path
    nodes: Sequence[Any]
    initializers: Mapping[str, Any]
    makers: Mapping[str, Any] = field(default_factory=dict)  # output -> node
    outputs: frozenset[str] = frozenset()
    looked_up: int = 0
    computed: int = 0

    @cached_property
    def users(self) -> Mapping[str, list[Any]]:
        """Name of a value -> the nodes that read it."""
        found: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(read_by(node)):
                found.setdefault(name, []).append(node)
        return found

    def count(self) -> None:
        """Count one value that is looked up.

        Raises:
            ValueError: if that are too many.
        """
        self.looked_up += 1
        if self.looked_up > LOOKED_UP:
            raise ValueError(f"{shown(self.path)} has too many nodes that name each other")

    def spend(self, size: int) -> None:
        """Count constant values that are computed.

        Raises:
            ValueError: if they are too many.
        """
        self.computed += size
        if self.computed > VALUES:
            raise ValueError(f"{shown(self.path)} computes more than {VALUES:,} constant values")

    def constant(self, name: str, depth: int = 0) -> Values | None:
        """Return the value of ``name`` if it doesn't depend on the input, else None.

        Raises:
            ValueError: if the file doesn't hold it, or it is too large.
        """
        self.count()
        if name in self.initializers:
            return self.read(self.initializers[name])
        node = self.makers.get(name)
        if node is None or depth > INSIDE:
            return None
        if node.op_type == "Constant":
            return self._told(node)
        if node.op_type not in (*SHAPING, "Concat") or not node.input:
            return None
        given = [self.constant(each, depth + 1) for each in node.input if each]
        if any(each is None for each in given):
            return None
        known = [each for each in given if each is not None]
        self.spend(sum(each.size for each in known))
        try:
            return _shaped(node, known)
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(f"{shown(self.path)}: {quoted(name)} is damaged") from error

    def _told(self, node: Any) -> Values | None:
        """Return the value of a Constant node: a tensor, a number or a list of numbers."""
        for one in node.attribute:
            if one.name == "value":
                return self.read(one.t)
            if one.name in ("value_float", "value_int"):
                return np.asarray(one.f if one.name == "value_float" else one.i)
            if one.name in ("value_floats", "value_ints"):
                return np.asarray([*(one.floats or one.ints)])
        return None

    def read(self, tensor: Any) -> Values:
        """Return the values of a tensor of the file.

        Raises:
            ValueError: if the file doesn't hold them, or they are too many.
        """
        from onnx import TensorProto, numpy_helper

        where = f"{shown(self.path)}: {quoted(tensor.name)}"
        if tensor.data_location == TensorProto.EXTERNAL:
            raise ValueError(
                f"{where} is in another file, such as {shown(self.path)[1:-1]}.data: expected all"
                " weights in one file. Export the model with external_data=False"
            )
        size = 1
        for length in tensor.dims:
            size *= max(0, length)
        if size > VALUES or len(tensor.dims) > 8:
            raise ValueError(f"{where} claims shape {quoted(tuple(tensor.dims))}")
        try:
            found = np.asarray(numpy_helper.to_array(tensor))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where} is damaged: {error}"[:300]) from error
        if found.dtype.name == "bfloat16":
            return found.astype(np.float32)
        if found.dtype.kind == "V":  # numbers of 8 bits or fewer, which NumPy lacks
            raise ValueError(
                f"{where} is {found.dtype}: expected floating-point numbers. Save the weights"
                " before they are quantised"
            )
        return found


def named(node: Any) -> str:
    """Return the name of a node, or its operation if it has none."""
    return as_text(node.name or node.op_type)


def shaped_by(node: Any) -> str:
    """Return the name of the value to which a node gives another shape or kind, or "".

    An If whose branches only do that is such a node: PyTorch exports a squeeze as one.
    """
    if node.op_type in SHAPING:
        first: str = node.input[0]
        return first
    inner = [one for given in node.attribute for one in given.g.node]
    kinds = {one.op_type for one in inner}
    if node.op_type != "If" or not kinds <= {*SHAPING, "Constant"} - {"Transpose"}:
        return ""
    read: set[str] = {one.input[0] for one in inner if one.op_type in SHAPING}
    read -= {name for one in inner for name in one.output}
    return read.pop() if len(read) == 1 else ""


def read_by(node: Any) -> Iterator[str]:
    """Return the names of the values that a node reads, also inside an If or a Loop."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield from one.input
        waiting += [inner for given in one.attribute for inner in given.g.node]


def attributes_of(node: Any) -> dict[str, Any]:
    """Return the attributes of a node by name."""
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _shaped(node: Any, given: list[Values]) -> Values | None:
    """Return the value of a node that only changes shapes, from constants."""
    found, first = attributes_of(node), given[0]
    if node.op_type in ("Identity", "Dropout"):
        return first
    if node.op_type == "Transpose":
        return first.transpose(found.get("perm"))
    if node.op_type == "Concat":
        return np.concatenate(given, int(found["axis"]))
    if node.op_type == "Cast":
        return first.astype(np.float64) if found.get("to") == 11 else first.astype(np.float32)
    axes = given[1].tolist() if len(given) > 1 else list(found.get("axes", ()))
    if node.op_type == "Reshape":
        return first.reshape(axes)
    if node.op_type == "Unsqueeze":
        return np.expand_dims(first, tuple(axes))
    return np.squeeze(first, tuple(axes) or None)

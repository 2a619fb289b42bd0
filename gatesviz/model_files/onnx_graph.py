"""The nodes of an ONNX model and its constants, which are computed when they are needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.model_files.contents import quoted, shown

VALUES = 10_000_000
"""Most values of a constant, and of all constants that are computed."""
LOOKED_UP = 20_000
"""Most constants that are looked up. A few nodes can name each other billions of times."""
SHAPING = ("Identity", "Squeeze", "Unsqueeze", "Transpose", "Reshape", "Cast", "Dropout", "Concat")
"""Operations that keep values and change only their shape or kind."""
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
    looked_up: int = 0
    computed: int = 0

    def constant(self, name: str, depth: int = 0) -> Values | None:
        """Return the value of ``name`` if it doesn't depend on the input, else None.

        Raises:
            ValueError: if the file doesn't hold it, or it is too large.
        """
        self.looked_up += 1
        if self.looked_up > LOOKED_UP:
            raise ValueError(f"{shown(self.path)} has too many nodes that name each other")
        if name in self.initializers:
            return self._read(self.initializers[name])
        node = self.makers.get(name)
        if node is None or depth > INSIDE:
            return None
        if node.op_type == "Constant":
            values = [one.t for one in node.attribute if one.name == "value"]
            return self._read(values[0]) if values else None
        if node.op_type not in SHAPING or not node.input:
            return None
        given = [self.constant(each, depth + 1) for each in node.input if each]
        if any(each is None for each in given):
            return None
        known = [each for each in given if each is not None]
        self.computed += sum(each.size for each in known)
        if self.computed > VALUES:
            raise ValueError(f"{shown(self.path)} computes more than {VALUES:,} constant values")
        try:
            return _shaped(node, known)
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(f"{shown(self.path)}: {quoted(name)} is damaged") from error

    def _read(self, tensor: Any) -> Values:
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
            return np.asarray(numpy_helper.to_array(tensor))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where} is damaged: {error}"[:300]) from error


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

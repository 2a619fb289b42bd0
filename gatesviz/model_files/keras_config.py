"""Read the configuration of a Keras file: its layers, and how they are connected.

A model inside a model is written as a layer whose configuration has layers. Its layers are listed
like the others, under the names "inner.lstm", and read what the inner model is given.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gatesviz.model_files.contents import Stored, quoted, shown

KINDS = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
"""Class of a layer -> blocks of H rows."""
SILENT = {
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "ActivityRegularization",
}
"""Layers that do nothing once a model is trained."""
CELL_STATE = ": the cell state c"
"""What follows an LSTM's name where a layer reads its c, not its h."""
MODELS = ("Sequential", "Functional", "Model")
"""Classes of models that run their layers as the configuration says."""
Tensor = tuple[str, int]
"""What a layer reads: another one's name, and which of its outputs."""
Outputs = dict[str, tuple[frozenset[str], ...]]
"""Name of a layer in its model -> the layers, among all, that each of its outputs stands for."""
LAYERS = 2_000
DEPTH = 8
"""Most models around a layer."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a Keras model.

    Attributes:
        name: its name in the model, or its group where the file has no configuration.
        kind: its class; of a wrapped layer, that of the layer inside.
        wrapper: "Bidirectional", "TimeDistributed" or "".
        weights: in Keras's order.
        config: its arguments (of the wrapped layer), or {} if they are unknown.
        outer: the arguments of the wrapper.
        inputs: names of the layers that it reads, with `CELL_STATE` for c; None if unknown.
        given_states: whether another layer gives its first states.
        group: where Keras 3 keeps its weights, without "layers/": "sequential/lstm".
        path: the names of the models around it and its own.
        others: whether the file has weights of it that aren't read.
    """

    name: str
    kind: str
    wrapper: str
    weights: tuple[Stored, ...]
    config: Mapping[str, Any]
    outer: Mapping[str, Any]
    inputs: frozenset[str] | None = None
    given_states: bool = False
    group: str = ""
    path: tuple[str, ...] = ()
    others: bool = False


def layers_described(described: object, path: Path, problems: dict[str, str]) -> list[Layer]:
    """Return the layers of a configuration without their weights, or [] if there is none.

    Args:
        described: the configuration.
        path: of the file, for sentences.
        problems: gets the name of each inner model with recurrent layers that can't be opened ->
            why.

    Raises:
        ValueError: if there is no list of layers, or it is too long.
    """
    if described is None:
        return []
    inner = described.get("config") if isinstance(described, dict) else None
    configs = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(configs, list) or not _is_list(configs):
        raise ValueError(
            f"{shown(path)}: its configuration has no list of layers: expected a Sequential or"
            " functional model. Save its weights instead: model.save_weights('m.weights.h5')"
        )
    found = _Reading(path, problems)
    found.read(configs, (), "", frozenset([""]))
    names = Counter(layer.name for layer in found.layers)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise ValueError(f"{shown(path)} is damaged: two layers have the name {quoted(twice[0])}")
    return found.layers


def _is_list(configs: object) -> bool:
    return isinstance(configs, list) and all(isinstance(one, dict) for one in configs)


def _outputs(layer: Layer, name: str) -> tuple[frozenset[str], ...]:
    """Return what each output of a layer stands for: its own, and with `return_state` h and c."""
    own = frozenset([name])
    if (layer.kind, layer.wrapper) == ("LSTM", ""):
        return own, own, frozenset([name + CELL_STATE])
    return (own,)


def _meant(means: Outputs, tensor: Tensor) -> frozenset[str]:
    """Return the layers, among all, whose answer an output of a layer stands for."""
    name, number = tensor
    outputs = means.get(name) or (frozenset([name]),)
    return outputs[number] if 0 <= number < len(outputs) else outputs[0]


class _Reading:
    """The layers that were read so far, those of inner models among them."""

    def __init__(self, path: Path, problems: dict[str, str]) -> None:
        self.path, self.problems = path, problems
        self.layers: list[Layer] = []

    def read(
        self,
        configs: Sequence[Mapping[str, Any]],
        models: tuple[str, ...],
        group: str,
        given: frozenset[str],
    ) -> Outputs:
        """Add the layers of one model, and return what each of their outputs stands for.

        Args:
            configs: of its layers.
            models: names of the models around them.
            group: where Keras 3 keeps their weights: "" or "sequential/".
            given: what the model reads, for one inside another.
        """
        if len(self.layers) + len(configs) > LAYERS:
            raise ValueError(f"{shown(self.path)} has more than {LAYERS:,} layers")
        counted: Counter[str] = Counter()
        means: Outputs = {"": (given,)}
        before = ""
        for config in configs:
            base = _snake(str(config.get("class_name")))
            own = f"{group}{base}{f'_{counted[base]}' if counted[base] else ''}"
            counted[base] += 1
            layer, tensors = _layer(config, before)
            before = layer.name
            full = ".".join((*models, layer.name))
            read = frozenset[str]().union(*(_meant(means, one) for one in tensors))
            place = (*models, layer.name)
            if models and layer.kind == "InputLayer":
                means[layer.name] = (given,)
            elif self._opens(layer, full, config, len(place)):
                means[layer.name] = self._inner(layer.config, place, f"{own}/", read)
            else:
                means[layer.name] = _outputs(layer, full)
                self.layers.append(replace(layer, name=full, inputs=read, group=own, path=place))
        return means

    def _inner(
        self,
        inner: Mapping[str, Any],
        path: tuple[str, ...],
        group: str,
        given: frozenset[str],
    ) -> tuple[frozenset[str], ...]:
        """Add the layers of an inner model, and return the layers that give each output."""
        configs: list[Mapping[str, Any]] = inner["layers"]
        means = self.read(configs, path, group, given)
        answers = _histories(inner.get("output_layers")) or [(name, 0) for name in [*means][-1:]]
        return tuple(_meant(means, one) for one in answers)

    def _opens(self, layer: Layer, name: str, config: Mapping[str, Any], depth: int) -> bool:
        """Return whether a layer is a model in a chain; if it can't be opened, keep why."""
        inner = layer.config
        if layer.kind not in MODELS or not _is_list(inner.get("layers")):
            return False
        calls = config.get("inbound_nodes")
        called, given = (len(calls), len(_names(calls))) if isinstance(calls, list) else (1, 1)
        given = max(given, sum(one.get("class_name") == "InputLayer" for one in inner["layers"]))
        answers = len(_names(inner.get("output_layers")))
        if layer.wrapper:
            why = f"is inside {layer.wrapper}, expected it alone"
        elif depth > DEPTH:
            why = f"is inside {depth - 1} others, expected up to {DEPTH - 1}"
        elif called != 1:
            why = f"is called {called} times, expected one call"
        elif given > 1 or answers > 1:
            what = f"{given} inputs" if given > 1 else f"answers of {answers} layers"
            why = f"has {what}, expected one"
        else:
            return True
        if _has_recurrent(inner):
            self.problems[name] = (
                f"{shown(self.path)}: the inner model {quoted(name)} {why}. Its layers open from"
                " a file of weights: model.save_weights('m.weights.h5')"
            )
        return False


def _has_recurrent(config: object) -> bool:
    """Return whether a layer in a configuration, at any depth, is recurrent."""
    waiting = [config]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("class_name") in KINDS:
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def _snake(name: str) -> str:
    """Return the name of a class as Keras names groups: "SimpleRNN" -> "simple_rnn"."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _layer(config: Mapping[str, Any], before: str) -> tuple[Layer, list[Tensor]]:
    """Return a layer of a configuration, and what it reads.

    ``before`` is the previous layer's name.
    """
    kind, own = str(config.get("class_name")), config.get("config")
    own = own if isinstance(own, dict) else {}
    name = str(own.get("name") or config.get("name") or kind)
    nodes = config.get("inbound_nodes")
    tensors = _histories(nodes) if nodes is not None else [(before, 0)]
    calls = nodes if isinstance(nodes, list) else []
    given = any(len(_histories(call)) > 1 for call in calls)
    inner = own.get("layer")
    layer = Layer(name, kind, "", (), own, {}, None, given)
    if kind in ("Bidirectional", "TimeDistributed") and isinstance(inner, dict):
        arguments = inner.get("config")
        arguments = arguments if isinstance(arguments, dict) else {}
        wrapped = str(inner.get("class_name"))
        layer = replace(layer, kind=wrapped, wrapper=kind, config=arguments, outer=own)
    return layer, tensors


def _names(nodes: object) -> set[str]:
    return {name for name, _ in _histories(nodes)}


def _histories(nodes: object, depth: int = 0) -> list[Tensor]:
    """Return the tensors ["name", 0, 0] anywhere in the nodes of a functional model.

    Each is the name of a layer and the number of its output. Masks are left out: they come from the
    layer that masks, not from the one before.
    """
    if isinstance(nodes, dict):
        parts = [inner for key, inner in nodes.items() if key != "mask"]
        return [one for inner in parts for one in _histories(inner, depth + 1)]
    if not isinstance(nodes, list) or depth > 12:
        return []
    if len(nodes) >= 3 and isinstance(nodes[0], str) and type(nodes[1]) is int:
        number = nodes[2] if type(nodes[2]) is int else 0
        more = _histories(nodes[3:], depth + 1)  # Keras 2 adds the other arguments
        return [(nodes[0], number), *more]
    return [one for inner in nodes for one in _histories(inner, depth + 1)]

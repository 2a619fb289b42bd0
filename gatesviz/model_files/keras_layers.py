"""Read the layers of a Keras file: their classes, arguments and weights.

Keras 3 names groups by class and counts them (``layers/lstm_1``), not by the names of layers. The
format of Keras 2 has the layers' names.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gatesviz.model_files import hdf5
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
LAYERS = 2_000
_UNKNOWN = "unknown recurrent layer"
_GROUP = re.compile(r"(?:layers/)?([^/]+)/(?:(.+)/)?vars/(\d{1,6})")
"""A layer of the model, the path to its weights inside, and the number of a weight."""
_ANY_GROUP = re.compile(
    r"(.+?)/(?:((?:forward_layer|backward_layer|layer|cells?|(?<=cells/)[^/]+)"
    r"(?:/(?:cells?|(?<=cells/)[^/]+))*)/)?vars/(\d{1,6})"
)
"""The same for a layer at any depth, in a file that doesn't describe its layers."""


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
        inputs: names of the layers that it reads; None if unknown.
        given_states: whether another layer gives its first states.
    """

    name: str
    kind: str
    wrapper: str
    weights: tuple[Stored, ...]
    config: Mapping[str, Any]
    outer: Mapping[str, Any]
    inputs: frozenset[str] | None = None
    given_states: bool = False


def configurations(described: object, path: Path) -> list[dict[str, Any]]:
    """Return the configurations of the layers, or [] if there are none."""
    if described is None:
        return []
    inner = described.get("config") if isinstance(described, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(layers, list) or not all(isinstance(one, dict) for one in layers):
        raise ValueError(
            f"{shown(path)}: its configuration has no list of layers: expected a Sequential or"
            " functional model. Save its weights instead: model.save_weights('m.weights.h5')"
        )
    if len(layers) > LAYERS:
        raise ValueError(f"{shown(path)} has {len(layers):,} layers, expected up to {LAYERS:,}")
    return layers


def _snake(name: str) -> str:
    """Return the name of a class as Keras names groups: "SimpleRNN" -> "simple_rnn"."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _layer(config: Mapping[str, Any], weights: Sequence[Stored], before: str | None) -> Layer:
    """Return a layer of a configuration; ``before`` is the previous layer's name."""
    kind, own = str(config.get("class_name")), config.get("config")
    own = own if isinstance(own, dict) else {}
    name = str(own.get("name") or config.get("name") or kind)
    nodes = config.get("inbound_nodes")
    inputs = frozenset(_histories(nodes)) if nodes is not None else frozenset([before or ""])
    calls = nodes if isinstance(nodes, list) else []
    given = any(len(_histories(call)) > 1 for call in calls)
    inner = own.get("layer")
    if kind in ("Bidirectional", "TimeDistributed") and isinstance(inner, dict):
        arguments = inner.get("config")
        arguments = arguments if isinstance(arguments, dict) else {}
        return Layer(
            name, str(inner.get("class_name")), kind, tuple(weights), arguments, own, inputs, given
        )
    return Layer(name, kind, "", tuple(weights), own, {}, inputs, given)


def _histories(nodes: object, depth: int = 0) -> "list[str]":
    """Return the names in ["name", 0, 0] anywhere in the nodes of a functional model.

    Masks are left out: they come from the layer that masks, not from the one before.
    """
    if isinstance(nodes, dict):
        parts = [inner for key, inner in nodes.items() if key != "mask"]
        return [name for inner in parts for name in _histories(inner, depth + 1)]
    if not isinstance(nodes, list) or depth > 12:
        return []
    if len(nodes) >= 3 and isinstance(nodes[0], str) and type(nodes[1]) is int:
        return [nodes[0], *_histories(nodes[3:], depth + 1)]  # Keras 2 adds the other arguments
    return [name for inner in nodes for name in _histories(inner, depth + 1)]


def layers_of(
    found: Mapping[str, Any], configs: Sequence[Mapping[str, Any]], source: hdf5.Source
) -> list[Layer]:
    """Return the layers of a file of Keras 3, whose groups count the classes of layers."""
    grouped: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for name in found:
        match = (_GROUP if configs else _ANY_GROUP).fullmatch(name)
        if match and match[1].split("/")[0] != "optimizer":
            inside = grouped.setdefault(match[1], {}).setdefault(match[2] or "", [])
            inside.append((int(match[3]), name))

    def weights(group: str) -> list[Stored]:
        parts = grouped.get(group, {})
        order = sorted(parts, key=lambda part: (part.startswith("backward"), part))
        return [
            hdf5.stored(found[name], name, source)
            for part in order
            for _, name in sorted(parts[part])
        ]

    counted: Counter[str] = Counter()
    layers: list[Layer] = []
    for config in configs:
        base = _snake(str(config.get("class_name")))
        group = f"{base}_{counted[base]}" if counted[base] else base
        counted[base] += 1
        kind = str(config.get("class_name"))
        useful = kind in (*KINDS, "Bidirectional", "TimeDistributed", "Embedding", "Dense")
        before = layers[-1].name if layers else None
        layers.append(_layer(config, weights(group) if useful else [], before))
    if not configs:
        names = {group: re.sub(r"(^|/)layers/", r"\1", group) for group in grouped}
        twice = {name for name, count in Counter(names.values()).items() if count > 1}
        for group, parts in grouped.items():
            name = group if names[group] in twice else names[group]
            kind, wrapper = _guessed(name.rpartition("/")[2], [*parts])
            held = tuple(weights(group))
            kind = _by_shape(kind, held)
            layers.append(Layer(name.replace("/", "."), kind, wrapper, held, {}, {}))
    return layers


def _by_shape(kind: str, held: Sequence[Stored]) -> str:
    """Return the class of a layer whose name doesn't say it, by the shapes of its weights."""
    shapes = [one.shape for one in held]
    if kind == "other" and [len(shape) for shape in shapes] in ([2], [2, 1]):
        fits = len(shapes) == 1 or shapes[1] == shapes[0][1:]
        return ("Embedding" if len(shapes) == 1 else "Dense") if fits else kind
    if kind != _UNKNOWN or len(held) < 2 or len(held[1].shape) != 2:
        return kind
    rows, columns = held[1].shape
    return next((k for k, blocks in KINDS.items() if rows and columns == blocks * rows), kind)


def _guessed(group: str, parts: Sequence[str]) -> tuple[str, str]:
    """Return the class and the wrapper of a layer, from the names in a file."""
    text = f"{group} {' '.join(parts)}"
    wrapper = "Bidirectional" if "forward" in text else ""
    if "time_distributed" in text:
        wrapper = "TimeDistributed"
    for pattern, kind in (
        ("cells/", "StackedRNNCells"), ("conv_", "other"), ("simple_rnn", "SimpleRNN"),
        ("lstm", "LSTM"),
        ("gru", "GRU"), ("embedding", "Embedding"), ("dense|time_distributed", "Dense"),
    ):  # fmt: skip
        if re.search(pattern, text):
            return kind, wrapper
    return (_UNKNOWN if "cell" in text else "other"), wrapper


def old_layers_of(
    group: Any, configs: Sequence[Mapping[str, Any]], source: hdf5.Source
) -> list[Layer]:
    """Return the layers of a file in the format of Keras 2, whose groups are the layers' names."""
    path = source.path
    layers: list[Layer] = []
    by_name: dict[str, list[Stored]] = {}
    written: dict[str, list[str]] = {}
    for name in hdf5.names(group.attrs, "layer_names", path):
        if name not in group:
            raise ValueError(f"{shown(path)} is damaged: the layer {quoted(name)} is missing")
        own = hdf5.names(group[name].attrs, "weight_names", path)
        for each in own:
            if each not in group[name]:
                raise ValueError(f"{shown(path)} is damaged: {quoted(each)} is missing")
        written[name] = own
        useful = any(re.search(r"kernel|bias|embeddings", each) for each in own)
        stored = [hdf5.stored(group[name][each], each, source) for each in own] if useful else []
        by_name[name] = stored
    for config in configs:
        before = layers[-1].name if layers else None
        one = _layer(config, [], before)
        layers.append(replace(one, weights=tuple(by_name.get(one.name, []))))
    if not configs:
        for name, own in written.items():
            kind, wrapper = _guessed(name, own)
            layers.append(Layer(name, kind, wrapper, tuple(by_name[name]), {}, {}))
    return layers

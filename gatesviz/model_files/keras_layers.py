"""Read the layers of a Keras file: their classes, arguments and weights.

Keras 3 names groups by class and counts them (``layers/lstm_1``), not by the names of layers. The
format of Keras 2 has the layers' names.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gatesviz.model_files.contents import Stored, quoted, shown
from gatesviz.model_files.hdf5 import Listing
from gatesviz.model_files.keras_config import DEPTH, KINDS, Layer

_UNKNOWN = "unknown recurrent layer"
_ANY_GROUP = re.compile(
    r"(.+?)/(?:((?:forward_layer|backward_layer|layer|cells?|(?<=cells/)[^/]+)"
    r"(?:/(?>(?<=cells/)[^/]+|cells?))*)/)?vars/(\d{1,6})"
)
"""A layer at any depth, the path to its weights inside, and the number of a weight."""
_USEFUL = (*KINDS, "Embedding", "Dense")
"""Classes of layers whose weights are read."""


def layers_of(found: Listing, described: Sequence[Layer]) -> list[Layer]:
    """Return the layers of a file of Keras 3, whose groups count the classes of layers.

    Args:
        found: what the file holds.
        described: the layers of its configuration, if it has one.
    """
    grouped: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for name in found.datasets:
        match = _ANY_GROUP.fullmatch(name)
        if match and match[1].split("/")[0] != "optimizer":
            inside = grouped.setdefault(match[1], {}).setdefault(match[2] or "", [])
            inside.append((int(match[3]), name))

    def weights(group: str) -> tuple[Stored, ...]:
        parts = grouped.get(group, {})
        order = sorted(parts, key=lambda part: (part.startswith("backward"), part))
        return tuple(found.stored(name, name) for part in order for _, name in sorted(parts[part]))

    names = {group: re.sub(r"(^|/)layers/", r"\1", group) for group in grouped}
    if described:
        groups = {name: group for group, name in names.items()}
        around = {"/".join(name.split("/")[:k]) for name in groups for k in range(1, DEPTH + 2)}
        return [
            replace(one, weights=weights(groups.get(one.group, "")))
            if one.kind in _USEFUL
            else replace(one, others=one.group in around)
            for one in described
        ]
    layers: list[Layer] = []
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    for group, parts in grouped.items():
        name = group if names[group] in twice else names[group]
        kind, wrapper = _guessed(name.rpartition("/")[2], [*parts])
        held = weights(group)
        layers.append(Layer(name.replace("/", "."), _by_shape(kind, held), wrapper, held, {}, {}))
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


def old_layers_of(found: Listing, described: Sequence[Layer]) -> list[Layer]:
    """Return the layers of a file in the format of Keras 2, whose groups are the layers' names.

    Args:
        found, described: as of `layers_of`.
    """
    path = found.source.path
    by_name: dict[str, list[Stored]] = {}
    written: dict[str, tuple[str, ...]] = {}
    for name in _once(found.layers or (), path):
        if name not in found.weights:
            raise ValueError(f"{shown(path)} is damaged: the layer {quoted(name)} is missing")
        own = _once(found.weights[name], path)
        for each in own:
            if found.named(name, each) not in found.datasets:
                raise ValueError(f"{shown(path)} is damaged: {quoted(each)} is missing")
        written[name] = own
        useful = any(re.search(r"kernel|bias|embeddings", each) for each in own)
        by_name[name] = [found.stored(found.named(name, one), one) for one in own if useful]
    if described:
        return [
            replace(one, weights=held, others=bool(held or written.get(".".join(one.path))))
            for one in described
            for held in [_inside(by_name.get(one.path[0], []), one.path[1:])]
        ]
    return [
        Layer(name, *_guessed(name, own), tuple(by_name[name]), {}, {})
        for name, own in written.items()
    ]


def _once(names: tuple[str, ...], path: Path) -> tuple[str, ...]:
    """Return names, each of which occurs once.

    Raises:
        ValueError: if one occurs twice, as in a truncated file.
    """
    if len(set(names)) < len(names):
        raise ValueError(f"{shown(path)} is damaged: names of weights occur twice")
    return names


def _inside(held: Sequence[Stored], path: Sequence[str]) -> tuple[Stored, ...]:
    """Return a layer's weights among those of the model around it.

    A Sequential model has its name in "sequential/inner/lstm/lstm_cell/kernel", a functional model
    hasn't: "lstm/lstm_cell/kernel".
    """
    if not path:
        return tuple(held)
    named = {one: one.name.split("/")[:-1] for one in held}
    own = [one for one in held if path[-1] in named[one]]
    exact = [one for one in own if all(each in named[one] for each in path)]
    return tuple(exact or own)

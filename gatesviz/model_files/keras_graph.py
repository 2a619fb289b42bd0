"""What stands next to a layer of a Keras file: which layers read it, and what they do to it."""

from collections.abc import Mapping, Sequence

from gatesviz.model_files.contents import Around
from gatesviz.model_files.keras_config import CELL_STATE, SILENT, Layer

Heard = Mapping[str, list[str]]
"""Name of a layer -> the layers that read it."""
_PLAIN = ("InputLayer", "Embedding", "Masking", *SILENT)
"""Layers before a part that change no value of what it reads, or are known."""


def around(layers: Sequence[Layer], group: Sequence[Layer], heard: Heard) -> Around:
    """Return the layers next to a part that aren't opened.

    Args:
        layers: of the file.
        group: the part's own layers.
        heard: of `readers`.
    """
    known = {one.name: one for one in layers}

    def strange(name: str, plain: Sequence[str]) -> bool:
        return name in known and known[name].kind not in plain

    before, waiting, seen = [], [*(group[0].inputs or ())], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if strange(name, _PLAIN):
            before.append(name)
        elif name in known and known[name].kind in ("Masking", *SILENT):
            waiting += known[name].inputs or ()
    after = [name for name in heard.get(group[-1].name, ()) if strange(name, ("Dense", *SILENT))]
    return Around(tuple(before), tuple(after))


def readers(layers: Sequence[Layer]) -> dict[str, list[str]]:
    """Return the name of each layer -> the layers that read it, `SILENT` ones left out."""
    silent = {one.name: one.inputs or frozenset() for one in layers if one.kind in SILENT}
    found: dict[str, list[str]] = {}
    for layer in layers:
        for name in layer.inputs or ():
            seen = set[str]()
            while name in silent and len(silent[name]) == 1 and name not in seen:
                seen.add(name)
                [name] = silent[name]
            found.setdefault(name, []).append(layer.name)
    return found


def readers_of_c(heard: Heard) -> dict[str, str]:
    """Return the name of each layer that reads the cell state of an LSTM -> that LSTM's name."""
    return {
        reader: name.removesuffix(CELL_STATE)
        for name, readers in heard.items()
        if name.endswith(CELL_STATE)
        for reader in readers
    }


def activation_and_followers(
    dense: Layer, layers: Sequence[Layer], heard: Heard
) -> tuple[str, tuple[str, ...]]:
    """Return the activation of a Dense layer, and the layers that change its values after that.

    The activation may be a layer of its own.
    """
    known = {one.name: one for one in layers}
    own, found = _activation(dense.config.get("activation")), _changing(dense.name, known, heard)
    if own in ("", "linear") and len(found) == 1 and found[0] in heard[dense.name]:
        [last] = found
        alone = _of_layer(known[last])
        if alone and not _changing(last, known, heard):
            return alone, ()
    return own, tuple(found)


def _changing(name: str, known: Mapping[str, Layer], heard: Heard) -> list[str]:
    """Return the next layers after a layer that change its values, not their shape alone."""
    found: list[str] = []
    waiting, seen = [*heard.get(name, ())], set[str]()
    while waiting:
        after = waiting.pop(0)
        if after in seen or after not in known:
            continue
        seen.add(after)
        if known[after].kind in ("Reshape", "Flatten"):
            waiting += heard.get(after, ())
        elif known[after].kind not in SILENT:
            found.append(after)
    return found


def _of_layer(layer: Layer) -> str:
    """Return the activation that is a layer of its own; "" for another layer."""
    given = layer.config
    if layer.kind == "Activation":
        return _activation(given.get("activation"))
    if layer.kind == "Softmax" and given.get("axis", -1) == -1:
        return "softmax"
    plain = {"max_value": None, "negative_slope": 0, "threshold": 0}
    if layer.kind == "ReLU" and all(given.get(k, value) == value for k, value in plain.items()):
        return "relu"
    return ""


def _activation(given: object) -> str:
    """Return the name of an activation in a configuration; an author's own one is marked."""
    if isinstance(given, dict):
        name = given.get("config") if isinstance(given.get("config"), str) else None
        return f"custom {name or given.get('class_name')}"
    return str(given or "")

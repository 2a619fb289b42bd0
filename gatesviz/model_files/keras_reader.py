"""Read Keras models: ``.keras``, ``.h5`` and ``.weights.h5``, of Keras 2 and 3.

Keras keeps kernels as (I, K·H) and (H, K·H), where PyTorch has rows. The LSTM's gates are i f c o
in both. The GRU's are z r h, PyTorch's r z n. An LSTM has one bias; a GRU has two rows of bias with
``reset_after=True`` and one without, which is another cell.
"""

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from gatesviz.model_files import hdf5
from gatesviz.model_files.contents import Contents, Matrix, Part, Stored, listed, quoted, shown
from gatesviz.model_files.keras_layers import (
    KINDS,
    SILENT,
    Layer,
    configurations,
    layers_of,
    old_layers_of,
)
from gatesviz.model_files.state_dict import sized

CONFIG_BYTES = 4_000_000
CONFIG_PARTS = 100_000
"""Most parts of a configuration: a layer has about 100."""
_ORDER = {4: (0, 1, 2, 3), 3: (1, 0, 2), 1: (0,)}
"""Blocks -> places of PyTorch's blocks among those of Keras."""


def is_keras_zip(names: Sequence[str]) -> bool:
    """Return whether a zip archive with these files is a ``.keras`` file."""
    return "config.json" in names and "model.weights.h5" in names


def read_zip(path: Path, archive: zipfile.ZipFile) -> Contents:
    """Return what a ``.keras`` file holds.

    Raises:
        ValueError: if it is damaged or holds no recurrent layer that gatesviz knows.
    """
    records = {record.filename: record for record in archive.infolist()}
    config, weights = records["config.json"], records["model.weights.h5"]
    if config.file_size > CONFIG_BYTES or weights.compress_type:
        raise ValueError(
            f"{shown(path)} is a damaged or compressed archive: expected a file as model.save"
            " writes it"
        )
    with archive.open(config) as file:
        described = _parsed(file.read(CONFIG_BYTES), path)
    return read_weights(hdf5.Source(path, "model.weights.h5"), described)


def read_weights(source: hdf5.Source, described: object = None) -> Contents:
    """Return what an HDF5 file of Keras holds.

    Args:
        source: the file.
        described: the configuration, if it is known already.

    Raises:
        ValueError, ModuleNotFoundError: as `read_zip` and `hdf5.opened`.
    """
    path = source.path
    with hdf5.opened(source) as root:
        found = hdf5.datasets(root, path)
        if described is None and (text := hdf5.text(root.attrs, "model_config", path)):
            described = _parsed(text.encode("utf-8", "replace"), path)
        configs = configurations(described, path)
        group = root.get("model_weights", root)
        if "layer_names" in group.attrs or "layer_names0" in group.attrs:
            layers = old_layers_of(group, configs, source)
        else:
            layers = layers_of(found, configs, source)
    return _contents(layers, path, known=bool(configs))


def _parsed(data: bytes, path: Path) -> object:
    if sum(map(data.count, b",[{")) > CONFIG_PARTS:
        raise ValueError(f"{shown(path)}: its configuration has more than {CONFIG_PARTS:,} parts")
    try:
        described = json.loads(data)
    except (ValueError, RecursionError):
        described = None
    if described is None:
        raise ValueError(f"{shown(path)}: its configuration isn't JSON")
    return described


def _contents(layers: Sequence[Layer], path: Path, *, known: bool) -> Contents:
    parts: dict[str, Part] = {}
    places: dict[str, int] = {}
    embeddings: list[Matrix] = []
    linears: list[Matrix] = []
    left: list[str] = []
    heard = _readers(layers)
    stacks = _stacks(layers)
    beside: dict[str, int] = {}  # layer next to a part -> the part's place
    for place, group in enumerate(stacks):
        if group[0].kind not in KINDS or not group[0].weights:
            continue
        part = _part(group, path, known)
        parts[part.name], places[part.name] = part, place
        beside |= dict.fromkeys([*(group[0].inputs or ()), *heard.get(group[-1].name, ())], place)
    for [one, *_] in stacks:
        shapes = [len(stored.shape) for stored in one.weights]
        if one.kind == "Embedding" and shapes == [2]:
            embeddings.append(Matrix(one.name, one.weights[0], None, beside.get(one.name, -1)))
        elif one.kind == "Dense" and shapes in ([2], [2, 1]):
            linears.append(_dense(one, beside.get(one.name, -1)))
        elif one.name not in parts and (one.weights or re.search("RNN|LSTM|GRU|recur", one.kind)):
            left.append(one.name)
    if not parts:
        kinds = [layer.kind for layer in layers if layer.kind != "InputLayer"]
        nested = known and {"Sequential", "Functional", "Model"} & set(kinds)
        inside = (
            ". For layers of a model inside a model, save the weights:"
            " model.save_weights('m.weights.h5')"
            if nested
            else ""
        )
        raise ValueError(
            f"{shown(path)} has no LSTM, GRU or SimpleRNN layer, alone or in Bidirectional. Its"
            f" layers: {listed(kinds) or 'none'}{inside}"
        )
    return Contents(
        parts, tuple(embeddings), tuple(linears), places, {}, tuple(left), _notes(layers, known)
    )  # fmt: skip


def _readers(layers: Sequence[Layer]) -> dict[str, list[str]]:
    """Return the name of each layer -> the layers that read it, `SILENT` ones left out."""
    silent = {one.name: one.inputs or frozenset() for one in layers if one.kind in SILENT}
    found: dict[str, list[str]] = {}
    for layer in layers:
        for name in layer.inputs or ():
            while name in silent and len(silent[name]) == 1 and name not in silent[name]:
                [name] = silent.pop(name)
            found.setdefault(name, []).append(layer.name)
    return found


def _notes(layers: Sequence[Layer], known: bool) -> tuple[str, ...]:
    notes = []
    if not known:
        notes.append("The file has no configuration: Keras's default activations are assumed.")
    for layer in layers:
        if layer.kind == "Embedding" and layer.config.get("mask_zero") is True:
            notes.append(f"{quoted(layer.name)} masks 0: cut a sequence where its padding begins.")
        after = layer.config.get("activation") if layer.kind == "Dense" else None
        if after not in (None, "linear"):
            notes.append(f"{quoted(layer.name)} is followed by {quoted(after)}.")
    return tuple(notes)


def _dense(layer: Layer, place: int) -> Matrix:
    bias = layer.weights[1] if len(layer.weights) > 1 else None
    return Matrix(layer.name, _transposed(layer.weights[0]), bias, place)


def _transposed(stored: Stored) -> Stored:
    return Stored(stored.name, stored.shape[::-1], lambda: stored.load().T.contiguous())


def _stacks(layers: Sequence[Layer]) -> list[list[Layer]]:
    """Return the layers; recurrent ones that one module can run are together, in order."""
    stacks: list[list[Layer]] = []
    silent: dict[str, str] = {}
    for layer in layers:
        if layer.kind in SILENT and layer.inputs is not None and len(layer.inputs) == 1:
            [before] = layer.inputs
            silent[layer.name] = silent.get(before, before)
            continue
        read = {silent.get(name, name) for name in layer.inputs or ()}
        last = next((s for s in stacks if {s[-1].name} == read), None)
        if last is not None and _continues(last[-1], layer):
            last.append(layer)
        else:
            stacks.append([layer])
    return stacks


_ALIKE = (
    "units", "activation", "recurrent_activation", "use_bias", "reset_after", "go_backwards",
)  # fmt: skip


def _continues(first: Layer, second: Layer) -> bool:
    """Return whether torch.nn can run both layers in one module."""
    return (
        first.kind in KINDS
        and (first.kind, first.wrapper) == (second.kind, second.wrapper)
        and all(first.config.get(key) == second.config.get(key) for key in _ALIKE)
        and first.config.get("go_backwards") in (None, False)
        and first.config.get("return_sequences") is True
        and not second.given_states
        and first.outer.get("merge_mode", "concat") == "concat"
        and second.outer.get("merge_mode", "concat") == "concat"
        and [w.shape[1:] for w in first.weights] == [w.shape[1:] for w in second.weights]
    )


def _part(group: Sequence[Layer], path: Path, known: bool) -> Part:
    """Return the part that stacked layers of one kind form.

    Raises:
        ValueError: if a layer computes something that gatesviz doesn't, or its weights don't fit.
    """
    first = group[0]
    both, K = first.wrapper == "Bidirectional", KINDS[first.kind]
    cell = _cell(first, path)
    weights: dict[str, Stored] = {}
    bias, after = True, None
    for layer, one in enumerate(group):
        count = len(one.weights) // 2 if both else len(one.weights)
        if count not in (2, 3) or len(one.weights) != count * (1 + both):
            raise ValueError(
                f"{shown(path)}: {quoted(one.name)} has {len(one.weights)} weights, expected a"
                " kernel, a recurrent kernel and a bias for each direction"
            )
        bias = count == 3
        for way in range(1 + both):
            own = one.weights[way * count : (way + 1) * count]
            suffix = f"_l{layer}{'_reverse' if way else ''}"
            named, split = _converted(own, K, path)
            weights |= {f"{name}{suffix}": stored for name, stored in named.items()}
            after = split if split is not None else after
    part = sized(first.name, f"{first.name} as ", weights, len(group), both, bias, path)
    if part.blocks != K:
        raise ValueError(f"{shown(path)}: {quoted(first.name)} has the weights of another layer")
    unsure = K == 3 and after is None and not known
    if K == 3:
        if after is None:
            after = first.config.get("reset_after", True) is not False
        cell = "gru" if after else "gru_reset_before"
    elif K == 1 and not known:
        cell = None
    notes = ["A GRU without bias can reset before or after the product. After is assumed."]
    notes = (notes if unsure else []) + _notes_on(group)
    return replace(
        part, cell=cell, notes=tuple(notes), declared=cell is not None and not unsure
    )  # fmt: skip


def _notes_on(group: Sequence[Layer]) -> list[str]:
    """Return what the module does otherwise than Keras's stacked layers."""
    first, both, notes = group[0], group[0].wrapper == "Bidirectional", []
    if len(group) > 1:
        notes.append(f"Stacked: {listed([one.name for one in group])}.")
    if first.config.get("go_backwards") is True:
        notes.append(f"{quoted(first.name)} reads backwards: reverse the sequence for the module.")
    if both and (mode := first.outer.get("merge_mode", "concat")) != "concat":
        notes.append(f"Keras merges both directions by {quoted(mode)}; the module concatenates.")
    if first.given_states:
        notes.append(
            f"{quoted(first.name)} starts from given states; the module starts from zeros."
        )
    if both and group[-1].config.get("return_sequences", True) is False:
        notes.append(
            "Keras answers once, from the forward state of the last step and the backward state of"
            " the first step. The readout here takes both from the same step."
        )
    return notes


def _cell(layer: Layer, path: Path) -> str | None:
    """Return the key of the layer's cell, or check its activations."""
    other = layer.outer.get("backward_layer")
    other = other.get("config") if isinstance(other, dict) else None
    if isinstance(other, dict):
        for key in _ALIKE[:5]:
            if other.get(key) != layer.config.get(key):
                raise ValueError(
                    f"{shown(path)}: both directions of {quoted(layer.name)} differ in {key}:"
                    " expected equal layers"
                )
    activation = layer.config.get("activation", "tanh")
    recurrent = layer.config.get("recurrent_activation", "sigmoid")
    allowed = ("tanh", "relu") if layer.kind == "SimpleRNN" else ("tanh",)
    if activation not in allowed:
        raise ValueError(
            f"{shown(path)}: {quoted(layer.name)} has activation={quoted(activation)}, expected"
            f" {' or '.join(map(repr, allowed))}"
        )
    if layer.kind != "SimpleRNN" and recurrent != "sigmoid":
        raise ValueError(
            f"{shown(path)}: {quoted(layer.name)} has recurrent_activation={quoted(recurrent)},"
            " expected 'sigmoid'"
        )
    return f"rnn_{activation}" if layer.kind == "SimpleRNN" else layer.kind.lower()


def _converted(own: Sequence[Stored], K: int, path: Path) -> tuple[dict[str, Stored], bool | None]:
    """Return a direction's weights in PyTorch's layout; for a GRU, whether r comes after W·h."""
    kernel, recurrent, *biases = own
    for stored in (kernel, recurrent):
        if len(stored.shape) != 2 or stored.shape[1] % K or 0 in stored.shape:
            raise ValueError(
                f"{shown(path)}: {quoted(stored.name)} has shape {stored.shape}, expected {K}·H"
                " columns"
            )
    named = {"weight_ih": _in_rows(kernel, K), "weight_hh": _in_rows(recurrent, K)}
    if not biases:
        return named, None
    [bias] = biases
    if K == 3 and bias.shape == (2, kernel.shape[1]):
        named |= {"bias_ih": _bias(bias, K, 0), "bias_hh": _bias(bias, K, 1)}
        return named, True
    if bias.shape != (kernel.shape[1],):
        raise ValueError(
            f"{shown(path)}: {quoted(bias.name)} has shape {bias.shape}, expected"
            f" ({kernel.shape[1]},)"
        )
    named |= {"bias_ih": _bias(bias, K, None), "bias_hh": _zeros(bias)}
    return named, False if K == 3 else None


def _ordered(rows: Tensor, K: int) -> Tensor:
    blocks = rows.chunk(K)
    return torch.cat([blocks[k] for k in _ORDER[K]])


def _in_rows(stored: Stored, K: int) -> Stored:
    return Stored(stored.name, stored.shape[::-1], lambda: _ordered(stored.load().T, K))


def _bias(stored: Stored, K: int, row: int | None) -> Stored:
    def load() -> Tensor:
        values = stored.load()
        return _ordered(values if row is None else values[row], K)

    return Stored(stored.name, stored.shape[-1:], load)


def _zeros(stored: Stored) -> Stored:
    return Stored(stored.name, stored.shape, lambda: torch.zeros_like(stored.load()))

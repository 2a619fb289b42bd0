"""Read Keras models: ``.keras``, ``.h5`` and ``.weights.h5``, of Keras 2 and 3.

`keras_config` reads how layers are connected, `keras_layers` finds the weights of each, and
`keras_weights` turns them into PyTorch's layout.
"""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gatesviz.model_files import hdf5
from gatesviz.model_files.contents import (
    RESET_ASSUMED,
    Around,
    Contents,
    Matrix,
    Part,
    Stored,
    listed,
    quoted,
    shown,
)
from gatesviz.model_files.hdf5_process import Source
from gatesviz.model_files.keras_config import KINDS, SILENT, Layer, layers_described
from gatesviz.model_files.keras_graph import activation_and_followers, around, readers, readers_of_c
from gatesviz.model_files.keras_layers import layers_of, old_layers_of
from gatesviz.model_files.keras_weights import converted, transposed
from gatesviz.model_files.part_sizes import sized

CONFIG_BYTES = 4_000_000
CONFIG_PARTS = 100_000
"""Most parts of a configuration: a layer has about 100."""


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
    return read_weights(hdf5.record_of(archive, weights, path), described)


def read_weights(source: Source, described: object = None) -> Contents:
    """Return what an HDF5 file of Keras holds.

    Args:
        source: the file.
        described: the configuration, if it is known already.

    Raises:
        ValueError, ImportError: as `read_zip` and `hdf5.listing`.
    """
    path = source.path
    found = hdf5.listing(source)
    if described is None and found.config:
        described = _parsed(found.config.encode(), path)
    problems: dict[str, str] = {}
    configs = layers_described(described, path, problems)
    layers = (layers_of if found.layers is None else old_layers_of)(found, configs)
    cells = bool(configs) and any("cell/vars/" in name for name in found.datasets)
    return _contents(layers, path, problems, known=bool(configs), cells=cells)


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


def _contents(
    layers: Sequence[Layer], path: Path, problems: dict[str, str], *, known: bool, cells: bool
) -> Contents:
    """Return the parts of the layers, and what is around them.

    Args:
        layers: of the file.
        path: of the file.
        problems: name of an inner model that can't be opened -> why.
        known: whether the file describes its layers.
        cells: whether it has weights of a recurrent layer that it doesn't describe.
    """
    parts: dict[str, Part] = {}
    places: dict[str, int] = {}
    heard = readers(layers)
    stacks = _stacks(layers)
    near_by: dict[str, Around] = {}
    beside: dict[str, int] = {}  # layer next to a part -> the part's place
    for place, group in enumerate(stacks):
        if group[0].kind not in KINDS or not group[0].weights:
            continue
        part = _part(group, path, known)
        parts[part.name], places[part.name] = part, place if known else 0
        if known:
            near_by[part.name] = around(layers, group, heard)
        beside |= dict.fromkeys([*(group[0].inputs or ()), *heard.get(group[-1].name, ())], place)
    if not parts:
        raise ValueError(next(iter(problems.values()), None) or _nothing(layers, path, cells))
    embeddings: list[Matrix] = []
    linears: list[Matrix] = []
    left: list[str] = []
    of_c = readers_of_c(heard)
    for [one, *_] in stacks:
        shapes = [len(stored.shape) for stored in one.weights]
        near = beside.get(one.name, -1), known and one.name not in beside
        if one.name in of_c:
            left.append(one.name)
        elif one.kind == "Embedding" and shapes == [2]:
            embeddings.append(Matrix(one.name, one.weights[0], None, *near))
        elif one.kind == "Dense" and shapes in ([2], [2, 1]):
            bias = one.weights[1] if len(shapes) > 1 else None
            after = activation_and_followers(one, layers, heard) if known else ("", None)
            linears.append(Matrix(one.name, transposed(one.weights[0]), bias, *near, *after))
        elif one.name not in {*parts, *problems} and _is_left(one):
            left.append(one.name)
    matrices = tuple(embeddings), tuple(linears), places
    notes = _notes(layers, known, {one.name: one.activation for one in linears}, of_c)
    return Contents(parts, *matrices, {}, tuple(left), notes, problems, around=near_by)


def _nothing(layers: Sequence[Layer], path: Path, cells: bool) -> str:
    """Return the sentence on a file without a layer that opens."""
    kinds = [layer.kind for layer in layers if layer.kind != "InputLayer"]
    inside = (
        ". For recurrent layers inside a layer of your own, save the weights:"
        " model.save_weights('m.weights.h5')"
    )
    return (
        f"{shown(path)} has no LSTM, GRU or SimpleRNN layer, alone or in Bidirectional. Its"
        f" layers: {listed(kinds) or 'none'}{inside if cells else ''}"
    )


MASKED = (
    "In Keras, {} makes the model skip padded steps, those {}: the state stays as it was. gatesviz"
    " reads every step, so leave padded steps out of your sequence, or the numbers differ."
)


def _is_left(layer: Layer) -> bool:
    """Return whether the notes should name a layer that isn't opened."""
    held = bool(layer.weights) or (layer.others and layer.kind not in SILENT)
    return held or re.search("RNN|LSTM|GRU|recur", layer.kind) is not None


def _notes(
    layers: Sequence[Layer], known: bool, activations: Mapping[str, str], of_c: Mapping[str, str]
) -> tuple[str, ...]:
    notes = []
    if not known:
        notes.append("The file has no configuration: Keras's default activations are assumed.")
    for layer in layers:
        if layer.kind == "Embedding" and layer.config.get("mask_zero") is True:
            notes.append(MASKED.format(quoted(layer.name), "of entry 0"))
        if layer.kind == "Masking":
            value = quoted(layer.config.get("mask_value", 0.0))
            notes.append(MASKED.format(quoted(layer.name), f"whose values all equal {value}"))
        if layer.name in of_c:
            notes.append(
                f"{quoted(layer.name)} reads the cell state c of {quoted(of_c[layer.name])}, not h,"
                " so it isn't a readout here."
            )
        after = activations.get(layer.name, "")
        if after not in ("", "linear"):
            notes.append(f"{quoted(layer.name)} is followed by {quoted(after)}.")
    return tuple(notes)


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
            named, split = converted(own, K, path)
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
    notes = ([RESET_ASSUMED] if unsure else []) + _notes_on(group)
    last = group[-1].config
    told = known and last.get("return_state") is not True
    once = last.get("return_sequences") is not True if told else None
    declared = cell is not None and not unsure
    backwards = first.config.get("go_backwards") is True
    return replace(
        part, cell=cell, notes=tuple(notes), declared=declared, once=once, backwards=backwards
    )


def _notes_on(group: Sequence[Layer]) -> list[str]:
    """Return what the module does otherwise than Keras's stacked layers."""
    first, both, notes = group[0], group[0].wrapper == "Bidirectional", []
    if len(group) > 1:
        notes.append(f"Stacked: {listed([one.name for one in group])}.")
    if both and (mode := first.outer.get("merge_mode", "concat")) != "concat":
        notes.append(f"Keras merges both directions by {quoted(mode)}; the module concatenates.")
    if first.given_states:
        notes.append(
            f"{quoted(first.name)} starts from given states; the module starts from zeros."
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

"""Find recurrent layers, embeddings and linear layers in named tensors, by names and shapes.

Any prefix will do: that of the author's class, of Lightning or Hugging Face, of
``DataParallel`` (``module.``) and of ``torch.compile`` (``_orig_mod.``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gatesviz.model_files.contents import Contents, Matrix, Part, Stored, listed, quoted, shown
from gatesviz.model_files.first_states import FIRST_STATE, named_states
from gatesviz.model_files.part_sizes import Group, part_of

PARTS = 500
_RECURRENT = re.compile(
    r"(?P<prefix>.*?)(?P<made>parametrizations\.)?"
    r"(?P<name>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)"
    r"(?:_l(?P<layer>\d{1,3})(?P<reverse>_reverse)?)?"
    r"(?P<form>(?(made)\..+|(?:\.original[01]?|\.0\._[uv]|_orig|_mask|_raw|_[guv])))?",
    re.DOTALL,
)
_WRAPPERS = re.compile(
    r"^(?:module\.|_orig_mod\.)+"
    r"|(?<![^.])(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\."
)
_ALONE = ("weight", "bias")
_ATTENTION = ("in_proj_weight", "q_proj_weight")
"""The first weight of MultiheadAttention; the second name if keys or values have another size."""
_OF_CELL = re.compile(r"(?:weight|bias|w|b)_[^.]*|.*peep.*", re.IGNORECASE | re.DOTALL)
"""How a tensor of a cell is named, such as "weight_ci", where the name has no prefix."""
Tensors = Mapping[str, Stored]


def contents_of(
    path: Path, containers: Sequence[tuple[str, Tensors]], extras: Mapping[str, object]
) -> Contents:
    """Return what named tensors hold.

    Args:
        path: of the file, for sentences.
        containers: each mapping with tensors in the file, with its name.
        extras: name -> what else the file holds.

    Raises:
        ValueError: if no recurrent layer is complete; the message names what is missing.
    """
    found, rest = _layers(path, containers)
    several = len({one.container for one in found}) > 1
    parts, places, problems = _parts(path, found, several=several)
    order = _order_of_parts(containers, found, several=several)
    if not parts:
        raise ValueError(next(iter(problems.values()), None) or _nothing(path, containers))
    _take_nonlinearity(parts, extras)
    embeddings, linears, left = list[Matrix](), list[Matrix](), list[str]()
    between, states = dict[str, tuple[int, int]](), dict[str, Stored]()
    for container, others, place in rest:
        _matrices(container, several, others, place, embeddings, linears, left)
        between |= _between(container, several, others)
        states |= named_states(container if several else "", others)
    where = _places(containers)
    order |= {one.name: where[one.place, one.weight.name] for one in (*embeddings, *linears)}
    around = tuple(embeddings), tuple(linears), places, extras, tuple(left)
    return Contents(parts, *around, problems=problems, others=between, states=states, order=order)


class _Layer(NamedTuple):
    """Recurrent weights with a prefix in a container, its number, and what else is inside them."""

    container: str
    prefix: str
    group: Group
    place: int
    inside: list[str] | None


def _layers(
    path: Path, containers: Sequence[tuple[str, Tensors]]
) -> tuple[list["_Layer"], list[tuple[str, dict[str, Stored], int]]]:
    """Return the recurrent layers, and the other tensors of each container with its number.

    Raises:
        ValueError: if there are too many groups.
    """
    found, rest = [], []
    for index, (container, tensors) in enumerate(containers):
        groups, others = _grouped(_without_wrappers(tensors))
        inside = _inside(groups, others)
        for prefix, group in groups.items():
            found.append(_Layer(container, prefix, group, index, inside.get(prefix)))
        rest.append((container, others, index))
    if len(found) > PARTS:
        raise ValueError(
            f"{shown(path)} has {len(found):,} recurrent parts, expected up to {PARTS:,}"
        )
    return found, rest


def _parts(
    path: Path, found: Sequence["_Layer"], *, several: bool
) -> tuple[dict[str, Part], dict[str, int], dict[str, str]]:
    """Return the complete parts by name, their places, and why others can't be opened."""
    parts, places, problems = dict[str, Part](), dict[str, int](), dict[str, str]()
    for container, prefix, group, index, more in found:
        name = _part_name(container, prefix, several)
        try:
            _check_no_other_cell(prefix, more, path)
            parts[name] = part_of(name, prefix, group, path)
            places[name] = index
        except ValueError as error:
            problems[name] = str(error)
    return parts, places, problems


def _part_name(container: str, prefix: str, several: bool) -> str:
    name = prefix.rstrip("._")
    return ".".join(filter(None, [container, name])) if several else name


def _places(containers: Sequence[tuple[str, Tensors]]) -> dict[tuple[int, str], tuple[int, int]]:
    """Return the place of each tensor: number of its container and name -> that and its place."""
    return {
        (index, stored.name): (index, place)
        for index, (_, tensors) in enumerate(containers)
        for place, stored in enumerate(tensors.values())
    }


_DEFINED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
"""The order in which PyTorch defines the weights of a layer."""


def _order_of_parts(
    containers: Sequence[tuple[str, Tensors]], found: Sequence["_Layer"], *, several: bool
) -> dict[str, tuple[int, int]]:
    """Return the place of each part whose weights are together and in PyTorch's order."""
    order, where = dict[str, tuple[int, int]](), _places(containers)
    for container, prefix, group, index, _ in found:
        keys = [(layer, reverse, _DEFINED.index(kind)) for kind, layer, reverse in group]
        stored = [one for forms in group.values() for one in forms.values()]
        places = [where[index, one.name] for one in stored]
        together = places[-1][1] - places[0][1] == len(places) - 1
        if together and places == sorted(places) and keys == sorted(keys):
            order[_part_name(container, prefix, several)] = places[0]
    return order


def _take_nonlinearity(parts: dict[str, Part], extras: Mapping[str, object]) -> None:
    """Make the only RNN use the hyperparameter ``nonlinearity`` of a checkpoint, if it has one."""
    plain = [part for part in parts.values() if part.blocks == 1]
    known = {name: one for name, one in extras.items() if name.rpartition(".")[2] == "nonlinearity"}
    values = [one for one in known.values() if one in ("tanh", "relu")]
    if len(plain) != 1 or not values or len(set(map(str, known.values()))) > 1:
        return
    note = f"{quoted(next(iter(known)))} of the file is {values[0]!r}."
    parts[plain[0].name] = replace(plain[0], cell=f"rnn_{values[0]}", notes=(note,))


def _nothing(path: Path, containers: Sequence[tuple[str, Tensors]]) -> str:
    names = [name for _, tensors in containers for name in tensors]
    holds = f"It holds {len(names):,} tensors: {listed(names, 3)}" if names else "It holds none"
    return (
        f"{shown(path)} has no recurrent layer: expected tensors whose names end in 'weight_ih_l0'"
        f" and 'weight_hh_l0', as torch.nn.LSTM, GRU and RNN have them. {holds}"
    )


def _without_wrappers(tensors: Tensors) -> dict[str, Stored]:
    """Return the tensors without ``module.`` and ``_orig_mod.``, if names stay different."""
    short = {_WRAPPERS.sub("", name): tensor for name, tensor in tensors.items()}
    return short if len(short) == len(tensors) else dict(tensors)


def _grouped(tensors: Tensors) -> tuple[dict[str, Group], dict[str, Stored]]:
    """Return the recurrent weights by prefix, and all other tensors."""
    groups: dict[str, Group] = {}
    others: dict[str, Stored] = {}
    for name, tensor in tensors.items():
        match = _RECURRENT.fullmatch(name)
        if match is None:
            others[name] = tensor
            continue
        layer = int(match["layer"] or 0)
        key = (match["name"], layer, match["reverse"] is not None)
        groups.setdefault(match["prefix"], {}).setdefault(key, {})[match["form"] or ""] = tensor
    for prefix, group in [*groups.items()]:  # weight dropout keeps the weights outside its module
        inside = groups.get(f"{prefix}module.")
        if inside is not None and all([*forms] == ["_raw"] for forms in group.values()):
            inside.update(groups.pop(prefix))
    return groups, others


def _inside(groups: Mapping[str, Group], others: Tensors) -> dict[str, list[str]]:
    """Return which other tensors belong to the cell of a group itself, by its prefix.

    They are in the same module as the recurrent weights, as peepholes or a normalisation of the
    gates are. Matrices with a weight of two sizes may surround it: a class of an author can have
    recurrent weights of its own, and an embedding or a readout.
    """
    found: dict[str, list[str]] = {}
    for name, stored in others.items():
        prefix = _module_of(name, groups)
        owner, dot, kind = name.rpartition(".")
        weight = stored if kind == "weight" else others.get(f"{owner}{dot}weight")
        if prefix is None or FIRST_STATE.fullmatch(kind):
            continue
        rest = name.removeprefix(prefix)
        if "." in rest and weight is not None and len(weight.shape) == 2:
            continue
        if prefix or _named_as_inside(rest, stored, groups[prefix]):
            found.setdefault(prefix, []).append(name)
    return found


def _module_of(name: str, groups: Mapping[str, Group]) -> str | None:
    """Return the longest prefix of a group that ends in a dot and begins a name, or ""."""
    owner = name
    for _ in range(20):
        owner, dot, _ = owner.rpartition(".")
        if owner + dot in groups:
            return owner + dot
    return None


def _named_as_inside(name: str, stored: Stored, group: Group) -> bool:
    """Return whether a tensor belongs to a cell whose own names have no prefix.

    All names of the file begin as the cell's do. So its own name has to tell, or its size: a
    normalisation of the gates has as many values as they have, K·H.
    """
    if _OF_CELL.fullmatch(name):
        return True
    sizes = {k: one.shape for (k, layer, _), forms in group.items() if not layer
             for one in forms.values() if len(one.shape) == 2}  # fmt: skip
    gates, H = sizes.get("weight_hh", (0, 0))
    inputs = sizes.get("weight_ih", (0, 0))[1]
    both = 2 * H  # the output of both directions
    return stored.shape == (gates,) and gates not in (0, H, both, inputs)


def _check_no_other_cell(prefix: str, more: list[str] | None, path: Path) -> None:
    """Check that a cell has no tensors of its own beside the recurrent weights and biases.

    Raises:
        ValueError: if it has some: then its gates aren't those of torch.nn.
    """
    if not more:
        return
    whose = quoted(prefix.rstrip(".")) if prefix else "the recurrent cell"
    raise ValueError(
        f"{shown(path)}: beside weight_ih and weight_hh, {whose} has {listed(more, 3)}. So it"
        " isn't the LSTM, GRU or RNN of torch.nn, and its gates can't be computed here. If these"
        " don't belong to the cell, save the state dict without them"
    )


def _between(container: str, several: bool, others: Tensors) -> dict[str, tuple[int, int]]:
    """Return how many values other layers take and give.

    They are LayerNorm and its like, with one weight for each value, MultiheadAttention, and
    convolutions. A layer that was saved alone has its container's name.
    """
    found = {}
    for name, stored in others.items():
        full = f"{container}.{name}" if several or "." not in name else name
        owner, _, kind = full.removeprefix(".").rpartition(".")
        if kind == "weight" and len(stored.shape) == 1 and stored.shape[0] > 1:
            found[owner] = stored.shape[0], stored.shape[0]
        elif kind in _ATTENTION and len(stored.shape) == 2:
            found[owner] = stored.shape[1], stored.shape[1]
        elif kind == "weight" and len(stored.shape) == 3:
            found[owner] = stored.shape[1], stored.shape[0]
    return found


def _matrices(
    container: str,
    several: bool,
    others: Tensors,
    place: int,
    embeddings: list[Matrix],
    linears: list[Matrix],
    left: list[str],
) -> None:
    """Sort the other tensors of a container into matrices, and names of what is left.

    A layer that was saved alone, as in {"rnn": …, "fc": fc.state_dict()}, has its container's name.
    """
    for name, stored in others.items():
        owner, dot, kind = name.rpartition(".")
        full = f"{container}.{name}" if container and (several or name in _ALONE) else name
        weight = others.get(f"{owner}{dot}weight") if kind == "bias" else None
        if weight is not None and len(weight.shape) == 2:
            continue
        inside = name.endswith("out_proj.weight") and any(
            f"{owner[:-8]}{first}" in others for first in _ATTENTION
        )
        if kind != "weight" or len(stored.shape) != 2 or 0 in stored.shape or inside:
            left.append(full)  # inside: part of an attention
            continue
        bias = others.get(f"{owner}{dot}bias")
        short = full.removesuffix(".weight")
        if bias is not None and bias.shape == stored.shape[:1]:
            linears.append(Matrix(short, stored, bias, place))
        else:
            embeddings.append(Matrix(short, stored, None, place))
            linears.append(Matrix(short, stored, None, place))

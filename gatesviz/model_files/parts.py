"""The recurrent part of a file, and the matrices around it, as modules of PyTorch."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from gatesviz.cells import CELLS, find_cell
from gatesviz.fresh import unfilled, with_memory
from gatesviz.model_files.contents import Contents, Matrix, Part, quoted, shown
from gatesviz.recordings.activated import FUNCTIONS, ActivatedLinear

if TYPE_CHECKING:
    from gatesviz.fresh import Module


def choose_part(contents: Contents, part: str | None, path: Path) -> Part:
    """Return the recurrent part with this name, or the only one.

    Raises:
        ValueError: if there is none, or several without a name; the message names the choices.
    """
    parts = contents.parts
    if part is not None and not isinstance(part, str):
        raise TypeError(f"part: expected a name, got {quoted(part)}")
    if part is not None and part in parts:
        return parts[part]
    if part is not None and part in contents.problems:
        raise ValueError(contents.problems[part])
    if part is None and len(parts) == 1:
        return next(iter(parts.values()))
    choices = "; ".join(f"{quoted(name)} ({one.sizes})" for name, one in list(parts.items())[:8])
    choices += f" and {len(parts) - 8} more" if len(parts) > 8 else ""
    if part is None:
        raise ValueError(
            f"{shown(path)} has {len(parts)} recurrent parts: {choices}. Choose one with part="
        )
    raise ValueError(f"part: {shown(path)} has no {quoted(part)}, expected one of {choices}")


def cell_of(part: Part, cell: str | None, nonlinearity: str | None) -> str:
    """Return the key of the part's cell, from the arguments where shapes can't decide.

    Raises:
        ValueError: if an argument is needed or doesn't fit the shapes.
    """
    if nonlinearity not in (None, "tanh", "relu"):
        raise ValueError(f"nonlinearity: expected 'tanh' or 'relu', got {quoted(nonlinearity)}")
    if cell is not None:
        key = f"rnn_{nonlinearity or 'tanh'}" if cell == "rnn" and nonlinearity else cell
        fits = [known.key for known in CELLS.values() if len(known.blocks) == part.blocks]
        if key not in fits:
            name = quoted(part.name) if part.name else "the recurrent part"
            raise ValueError(
                f"cell: {name} has {part.blocks} blocks of {part.hidden_size} rows:"
                f" expected {' or '.join(map(repr, fits))}, got {quoted(cell)}"
            )
        return find_cell(key).key
    if part.cell is not None and part.blocks > 1 and nonlinearity is not None:
        name = find_cell(part.cell).name
        raise ValueError(f"nonlinearity: the {name} has none to choose, expected None")
    if part.cell is not None and nonlinearity is None:
        return part.cell
    if nonlinearity is None:
        name = quoted(part.name) if part.name else "The recurrent part"
        raise ValueError(
            f"{name} is an RNN, and its weights don't show whether it uses tanh or"
            " relu. Pass nonlinearity='tanh' or nonlinearity='relu'"
        )
    return f"rnn_{nonlinearity}"


def module_of(part: Part, cell: str, batch_first: bool) -> "Module":
    """Return the part as a module with the cell ``cell``, in evaluation mode.

    Raises:
        ValueError: if a weight can't be used; the message names it.
    """
    options: dict[str, Any] = {"num_layers": part.layers, "bidirectional": part.bidirectional}
    options |= {"bias": part.bias, "batch_first": bool(batch_first)}
    if part.state_size != part.hidden_size:
        options["proj_size"] = part.state_size
    module = unfilled(cell, part.input_size, part.hidden_size, **options)
    wide = part.weights["weight_hh_l0"].load().dtype
    module = module.to(wide)
    with torch.no_grad():
        for name, stored in part.weights.items():
            getattr(module, name).copy_(stored.load())
    return module.eval()


def embedding_of(matrix: Matrix | None) -> nn.Embedding | None:
    """Return an embedding with these weights."""
    if matrix is None:
        return None
    weight = matrix.weight.load().clone()  # the file may be mapped into memory
    return nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight).eval()


def linear_of(matrix: Matrix | None) -> nn.Linear | None:
    """Return a linear layer with these weights, and with the activation of its numbers.

    A softmax or a sigmoid isn't part of it: the numbers before them are logits.
    """
    if matrix is None:
        return None
    weight = matrix.weight.load()
    outputs, inputs = weight.shape
    after = matrix.activation
    kind = ActivatedLinear if after in FUNCTIONS or _always_1(after, outputs) else nn.Linear
    linear = kind(inputs, outputs, bias=matrix.bias is not None, device="meta")
    linear = with_memory(linear).to(weight.dtype)
    if isinstance(linear, ActivatedLinear):
        linear.activation = after
    with torch.no_grad():
        linear.weight.copy_(weight)
        if matrix.bias is not None:
            linear.bias.copy_(matrix.bias.load())
    return linear.eval()


def _always_1(activation: str, outputs: int) -> bool:
    """Return whether a readout always answers 1: the softmax of one number."""
    return activation == "softmax" and outputs == 1


def is_computed(activation: str) -> bool:
    """Return whether gatesviz computes the answers of a readout with this activation."""
    return activation in ("", "linear", "softmax", "sigmoid", *FUNCTIONS)


def in_one_precision(*modules: "Module | nn.Module | None") -> str:
    """Convert modules that hold float32 and float64 to float64; return a note on it or ""."""
    given = [module for module in modules if module is not None]
    if len({one.dtype for module in given for one in module.parameters()}) < 2:
        return ""
    for module in given:
        module.to(torch.float64)
    return "Weights in the file are float32 and float64. gatesviz computes in float64."


def size_of(part: Part) -> int:
    """Return how many weights the part has."""
    total = 0
    for stored in part.weights.values():
        size = 1
        for length in stored.shape:
            size *= length
        total += size
    return total

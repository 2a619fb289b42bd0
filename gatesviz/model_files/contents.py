"""What a model file holds, in PyTorch's names and layout, before any weight is read."""

import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

RESET_ASSUMED = "A GRU without bias can reset before or after the product. After is assumed."
QUOTED = 80
"""Most characters of a name that a sentence quotes."""


class Stored(NamedTuple):
    """One tensor of a file, which is read when it is needed.

    Attributes:
        name: its name in the file.
        shape: its shape.
        load: reads it: (…) in float32 or float64, on the CPU.
    """

    name: str
    shape: tuple[int, ...]
    load: "Callable[[], Tensor]"


@dataclass(frozen=True, eq=False)
class Part:
    """One recurrent part of a file: all layers and directions that one module runs.

    Attributes:
        name: its name in the file, or "" if its tensors have no prefix.
        blocks: K, the gates that share each matrix: 4, 3 or 1.
        cell: key of `gatesviz.cells.CELLS`; None where the file doesn't say.
        input_size, hidden_size, state_size: I, H and P.
        layers: the number of layers.
        bidirectional, bias: as in torch.nn.
        weights: PyTorch's name, such as "weight_ih_l0_reverse" -> tensor.
        notes: what a reader of the model has to know about it.
        declared: whether the file names the cell, so that it isn't a guess from shapes.
        once: whether the file says that what follows reads the final states (True) or the output
            of each step (False); None if it doesn't say.
        backwards: whether it reads a sequence from its last step to its first.
    """

    name: str
    blocks: int
    cell: str | None
    input_size: int
    hidden_size: int
    state_size: int
    layers: int
    bidirectional: bool
    bias: bool
    weights: Mapping[str, Stored]
    notes: tuple[str, ...] = ()
    declared: bool = False
    once: bool | None = None
    backwards: bool = False

    @property
    def where(self) -> str:
        """Its name after that of the file in a sentence: ": 'encoder.lstm'", or ""."""
        return f": {quoted(self.name)}" if self.name else ""

    @property
    def output_size(self) -> int:
        """The size of its output at each step: D·P for D directions."""
        return self.state_size * (1 + self.bidirectional)

    @property
    def sizes(self) -> str:
        """Its sizes as text: "4 gates, I=20, H=64, 2 layers"."""
        kind = {4: "LSTM", 3: "GRU", 1: "RNN"}[self.blocks]
        layers = f", {self.layers} layers" if self.layers > 1 else ""
        both = ", both directions" if self.bidirectional else ""
        return f"{kind}, I={self.input_size}, H={self.hidden_size}{layers}{both}"


class Matrix(NamedTuple):
    """An embedding, or a linear layer with its bias.

    Attributes:
        name: its name in the file.
        weight: (V, E) of an embedding, (O, F) of a linear layer.
        bias: (O,), or None.
        place: its place in the file; a smaller number comes first.
        apart: whether the file shows that other layers are between it and every recurrent part.
        activation: what the file says is applied to a linear layer's values, such as "softmax";
            "" if nothing or unknown.
        followed: names of the layers that change a linear layer's values and aren't its activation;
            None where the file doesn't show how its layers are connected.
        reads: names of the parts whose values reach a linear layer; None where the file doesn't
            show that.
    """

    name: str
    weight: Stored
    bias: Stored | None
    place: int
    apart: bool = False
    activation: str = ""
    followed: tuple[str, ...] | None = None
    reads: frozenset[str] | None = None


class Around(NamedTuple):
    """Names of the layers next to a part that are neither its embedding nor its readout.

    None where the file doesn't show how its layers are connected.
    """

    before: tuple[str, ...] | None = None
    after: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Contents:
    """What one model consists of.

    Attributes:
        parts: its recurrent parts, at least one, by name.
        embeddings: matrices without a bias, which may be embeddings.
        linears: linear layers.
        places: name of a part -> its place in the file.
        extras: name -> what else the file holds and may be a vocabulary.
        left: names of the tensors that are neither.
        notes: what holds for the whole file.
        problems: name of a part that can't be opened -> why.
        others: name of a normalisation, an attention or a convolution -> how many values it takes
            and gives, where only names and shapes are known.
        around: name of a part -> other layers next to it.
        states: name -> tensor that is the first state of a part, as its name says.
        order: name of a part or a matrix -> its mapping in the file and its place there. Parts
            whose weights aren't in PyTorch's order are left out.
    """

    parts: Mapping[str, Part]
    embeddings: tuple[Matrix, ...] = ()
    linears: tuple[Matrix, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    extras: Mapping[str, object] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    around: Mapping[str, "Around"] = field(default_factory=dict)
    states: Mapping[str, Stored] = field(default_factory=dict)
    order: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def beginnings(self) -> frozenset[tuple[str, ...]]:
        """The levels with which names of parts begin: ("encoder",), ("encoder", "lstm")."""
        named = map(levels, self.parts)
        return frozenset(name[:k] for name in named for k in range(1, len(name) + 1))

    @cached_property
    def either(self) -> frozenset[str]:
        """The names of matrices that can be embeddings or linear layers without a bias."""
        linears = {one.name for one in self.linears}
        return frozenset(one.name for one in self.embeddings if one.name in linears)

    @cached_property
    def homes(self) -> dict[str, tuple[str, ...]]:
        """Name of another layer -> the levels that it shares with a part: as many as it can."""
        found = {}
        matrices = (one.name for one in (*self.embeddings, *self.linears))
        for layer in (*matrices, *self.others, *self.states):
            name = levels(layer)
            shared = [k for k in range(len(name) + 1) if not k or name[:k] in self.beginnings]
            found[layer] = name[: shared[-1]]
        return found


def levels(name: str) -> tuple[str, ...]:
    """Return the parts of a name between dots, up to 20."""
    return tuple(name.split(".", 19))


_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxtuple = 3, 10, 10
_SHORT.maxstring = _SHORT.maxother = QUOTED


def quoted(name: object) -> str:
    """Return a name for a sentence: its repr, cut to `QUOTED` characters.

    A collection may hold a tree of repeats, whose whole repr would never end.
    """
    text = repr(name) if isinstance(name, str | int | float) else _SHORT.repr(name)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"


def shown(path: str | Path) -> str:
    """Return the file's name for a sentence, without its folder."""
    return quoted(Path(path).name)


def listed(names: "list[str] | tuple[str, ...]", most: int = 5) -> str:
    """Return names for a sentence, the first ones of a long list."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(quoted(name) for name in names[:most]) + more


def converted_note(kinds: "Iterable[torch.dtype]") -> tuple[str, ...]:
    """Return a note if weights have fewer bits in the file than gatesviz computes with."""
    small = {kind for kind in kinds if kind.is_floating_point and kind.itemsize < 4}
    found = sorted(str(kind).removeprefix("torch.") for kind in small)
    if not found:
        return ()
    return (
        f"Weights in the file are {' and '.join(found)}. gatesviz converts them to float32, which"
        " is exact, and computes in float32.",
    )


def as_weight(tensor: "Tensor", name: str, path: Path) -> "Tensor":
    """Return a tensor of a file as float32 or float64 on the CPU.

    Raises:
        ValueError: if it is quantised, sparse, complex, without values, or not finite.
    """
    where = f"{shown(path)}: {quoted(name)}"
    if tensor.is_quantized or not (tensor.is_floating_point() or tensor.is_complex()):
        kind = str(tensor.dtype).removeprefix("torch.")
        raise ValueError(
            f"{where} is {kind}: expected floating-point numbers. Save the weights before"
            " they are quantised"
        )
    if tensor.layout is not torch.strided or tensor.is_complex() or tensor.is_meta:
        kind = f"{tensor.device}, {tensor.layout}, {tensor.dtype}".replace("torch.", "")
        raise ValueError(f"{where} is {kind}: expected a dense tensor of real numbers")
    found = tensor.detach().to("cpu")
    if found.dtype not in (torch.float32, torch.float64):
        found = found.to(torch.float32)
    broken = found.numel() - int(torch.isfinite(found).sum())
    if broken:
        raise ValueError(
            f"{where}: {broken:,} of its {found.numel():,} values are NaN or infinite. Open a"
            " checkpoint from before the training diverged"
        )
    return found


def stored_array(
    name: str, array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", path: Path
) -> Stored:
    """Return a `Stored` of a NumPy array that is already in memory."""
    return Stored(
        name,
        tuple(array.shape),
        lambda: as_weight(torch.from_numpy(np.array(array, order="C")), name, path),
    )

"""The weights of a tiny cell as one row of numbers, one for each slider.

Input size 1, H units, K gates. A gate depends only on the sum of PyTorch's two biases, so it has
one slider. A block of `Cell.split_blocks` has two: in the GRU's candidate, r multiplies one.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gatesviz.cells import CELLS
from gatesviz.fresh import fresh
from gatesviz.limits import Limit

if TYPE_CHECKING:
    from gatesviz.fresh import Module

Values = tuple[float, ...]
UNITS = Limit("hidden units of the tiny cell", 1, 2)
FARTHEST = 10.0
"""Weights and biases range from minus this to this; a gate is then within 5e-5 of 0 or 1."""


class Handle(NamedTuple):
    """One weight or bias of a cell.

    Attributes:
        block: the letter of the gate it feeds; "h" for the RNN.
        unit: the unit it feeds.
        source: its factor: "x", "h0" or "h1"; "b" for the bias. A block with two biases has
            "bi" for the one added to W·x and "bh" for the one added to W·h.
    """

    block: str
    unit: int
    source: str

    @property
    def name(self) -> str:
        """Its name in the equations, and what it is."""
        if self.source == "x":
            return f"W_i{self.block} (weight for x)"
        if self.source.startswith("h"):
            return f"W_h{self.block} (weight for h{self.source[1:]})"
        if self.source == "b":
            return f"b_{self.block} (b_i{self.block} + b_h{self.block})"
        return f"b_{self.source[1:]}{self.block}"

    @property
    def key(self) -> str:
        """The name of its slider for `slider_key`."""
        return f"inside weight {'_'.join(map(str, self))}"


def handles(cell: str, units: int) -> tuple[Handle, ...]:
    """Return the handles of a cell (a key of `gatesviz.cells.CELLS`), gate by gate."""
    found = []
    for block in CELLS[cell].blocks:
        biases = ("bi", "bh") if block in CELLS[cell].split_blocks else ("b",)
        sources = ["x", *(f"h{unit}" for unit in range(units)), *biases]
        found += [Handle(block, unit, source) for unit in range(units) for source in sources]
    return tuple(found)


def module_of(cell: str, units: int, values: Values) -> "Module":
    """Return the torch.nn module, one layer with input size 1, that has these weights.

    Raises:
        ValueError: if the number of values differs from the number of handles.
    """
    import torch

    module = fresh(cell, 1, units)
    state = {name: torch.zeros_like(tensor) for name, tensor in module.state_dict().items()}
    for handle, value in zip(handles(cell, units), values, strict=True):
        name, place = place_of(cell, units, handle)
        state[f"{name}_l0"][place] = value
    module.load_state_dict(state)
    return module


def fresh_values(cell: str, units: int, seed: int) -> Values:
    """Return PyTorch's initial weights for ``seed``."""
    state = fresh(cell, 1, units, seed=seed).state_dict()
    values = []
    for handle in handles(cell, units):
        name, place = place_of(cell, units, handle)
        value = state[f"{name}_l0"][place].item()
        if handle.source == "b":
            value += state["bias_hh_l0"][place].item()
        values.append(value)
    return tuple(values)


def place_of(cell: str, units: int, handle: Handle) -> tuple[str, tuple[int, ...]]:
    """Return where PyTorch has a handle's number: the name, without the layer, and the index."""
    row = CELLS[cell].blocks.index(handle.block) * units + handle.unit
    if handle.source == "x":
        return "weight_ih", (row, 0)
    if handle.source in ("b", "bi"):
        return "bias_ih", (row,)
    if handle.source == "bh":
        return "bias_hh", (row,)
    return "weight_hh", (row, int(handle.source[1:]))


class Row(NamedTuple):
    """The weights of one gate of a unit.

    Attributes:
        x, h: the weights of the input and of the unit's own state.
        b: the bias.
        across: the weight of the other unit's state, if there are two.
        bh: the second bias, if the block has two: the GRU's b_hn.
    """

    x: float = 0.0
    h: float = 0.0
    b: float = 0.0
    across: float = 0.0
    bh: float = 0.0


def values_of(cell: str, units: int, rows: Mapping[str, Row]) -> Values:
    """Return the weights in ``rows``: gate -> its row; a missing gate has zeros.

    With two units, unit 1 is the same with the sign of x reversed.
    """
    return tuple(
        float(_value(rows.get(handle.block, Row()), handle)) for handle in handles(cell, units)
    )


def _value(row: Row, handle: Handle) -> float:
    if handle.source == "x":
        return -row.x if handle.unit else row.x
    if handle.source in ("b", "bi"):
        return row.b
    if handle.source == "bh":
        return row.bh
    return row.h if handle.source == f"h{handle.unit}" else row.across

"""Fewer parameters: a claim that needs no run, since it can be counted."""

from dataclasses import dataclass

from gatesviz.cells import CELLS
from gatesviz.experiments.claims.benchmarks import (
    COMPARED,
    Benchmark,
    Measured,
    Parts,
    Specs,
    Values,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import Interval, Verdict
from gatesviz.limits import FEATURES, HIDDEN, LAYERS
from gatesviz.training.spec import parameter_count

FORMULA = r"K \cdot H \cdot (I + H + 2)"
"""In LaTeX, of one layer and direction: K blocks of H rows, each with I weights for the input, H
for the state, and two biases. PyTorch keeps these apart though only their sum counts, but for the
GRU's candidate, whose second bias is inside the reset."""


@dataclass(frozen=True)
class Size:
    """How many numbers a cell learns.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        blocks: K.
        weights, biases: together `parameters`.
        spare: how many of the biases the cell would not miss, since only their sum with another
            one counts.
        ratio: parameters by those of the RNN, exact.
    """

    cell: str
    blocks: int
    weights: int
    biases: int
    spare: int
    ratio: int

    @property
    def parameters(self) -> int:
        """All."""
        return self.weights + self.biases

    @property
    def products(self) -> int:
        """Multiplications in the matrix products of one step: one for each weight."""
        return self.weights


def sizes(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> tuple[Size, ...]:
    """Return RNN, GRU and LSTM of that size. Their parameters are as 1 : 3 : 4, exactly.

    Raises:
        ValueError: if a size is not allowed.
    """
    FEATURES.check(inputs)
    HIDDEN.check(hidden)
    LAYERS.check(layers)
    if directions not in (1, 2):
        raise ValueError(f"directions: {directions} given, 1 or 2 allowed")
    return tuple(_size(cell, inputs, hidden, layers, directions) for cell in COMPARED)


def _size(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> Size:
    blocks, units = len(CELLS[cell].blocks), layers * directions * hidden
    biases, count = 2 * blocks * units, parameter_count(cell, inputs, hidden, layers, directions)
    spare = (blocks - (cell == "gru")) * units
    return Size(cell, blocks, count - biases, biases, spare, blocks)


def verdict(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> Verdict:
    """Return what that says of the claim: it is exact, so there is no interval.

    Raises:
        ValueError: as `sizes`.
    """
    told = sizes(inputs, hidden, layers, directions)
    each, fewer = (
        ", ".join(f"{CELLS[size.cell].name} {size.parameters - spare:,}" for size, spare in pairs)
        for pairs in ([(size, 0) for size in told], [(size, size.spare) for size in told])
    )
    return Verdict(
        "yes",
        f"With the same number of units: {each}, exactly as 1 : 3 : 4. PyTorch keeps two biases"
        " for every row of weights though only their sum counts, except in the GRU's candidate,"
        f" whose second bias is inside the reset. Counted once, they leave {fewer}.",
    )


def _take(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    return {cell: (float(spec.parameter_count),) for cell, spec in specs.items()}, {}


def _compare(found: Measured) -> tuple[Comparison, ...]:
    spec = found.specs["lstm"]
    size = (spec.learned.input_size, spec.hidden_size, spec.layers, spec.directions)
    share = found.values["gru"][0] / found.values["lstm"][0]
    exact = Interval((share,), share, share, share, "it is counted, so it is exact", "count")
    return (Comparison("parameters, GRU / LSTM", exact, verdict(*size)),)


PARAMETERS = Benchmark(
    key="parameters",
    sentence="GRUs have fewer parameters than LSTMs.",
    measures=(
        "The parameters of torch.nn's modules with the same number of units, counted. Yes if GRU /"
        " LSTM lies below 1."
    ),
    y_name="parameters",
    _take=_take,
    _compare=_compare,
    counted=True,
)

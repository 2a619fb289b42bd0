"""Fewer parameters: a claim that needs no run, since it can be counted."""

from dataclasses import dataclass

from gatesviz.cells import CELLS
from gatesviz.experiments.statistics import Verdict
from gatesviz.limits import FEATURES, HIDDEN, LAYERS
from gatesviz.training.sizes import parameter_count

SENTENCE = "GRUs have fewer parameters than LSTMs."
FORMULA = r"K \cdot H \cdot (I + H + 2)"
"""In LaTeX, of one layer and direction: K blocks of H rows, each with I weights for the input, H
for the state, and two biases. PyTorch keeps these apart though only their sum counts, but for the
GRU's candidate, whose second bias is inside the reset."""
COMPARED = ("rnn_tanh", "gru", "lstm")


@dataclass(frozen=True)
class Size:
    """How many numbers a cell learns.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        blocks: K.
        weights, biases: together `parameters`.
        ratio: parameters by those of the RNN, exact.
    """

    cell: str
    blocks: int
    weights: int
    biases: int
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
    told = []
    for cell in COMPARED:
        blocks = len(CELLS[cell].blocks)
        biases = layers * directions * 2 * blocks * hidden
        count = parameter_count(cell, inputs, hidden, layers, directions)
        told.append(Size(cell, blocks, count - biases, biases, blocks))
    return tuple(told)


def verdict(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> Verdict:
    """Return what that says of the claim: it is exact, so there is no interval.

    Raises:
        ValueError: as `sizes`.
    """
    told = {size.cell: size for size in sizes(inputs, hidden, layers, directions)}
    numbers = ", ".join(f"{CELLS[c].name} {told[c].parameters:,}" for c in COMPARED)
    return Verdict("yes", f"With the same number of units: {numbers}, exactly as 1 : 3 : 4.")

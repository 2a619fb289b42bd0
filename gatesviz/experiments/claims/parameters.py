"""Parameter counts: a claim that needs no run."""

from dataclasses import dataclass

from gatesviz.cells import CELLS, GRU, LSTM, compared
from gatesviz.experiments.claims.benchmarks import (
    Benchmark,
    Measurement,
    Parts,
    Specs,
    Values,
)
from gatesviz.experiments.claims.claim import Comparison
from gatesviz.experiments.statistics import Interval, Verdict
from gatesviz.limits import FEATURES, HIDDEN, LAYERS
from gatesviz.training.spec import parameter_count

FORMULA = r"K \cdot H \cdot (I + H + 2)"
"""LaTeX formula for one layer and direction: K blocks of H rows. A row has I input weights, H
recurrent weights and two biases. Only the sum of the two biases matters, except in the GRU's
candidate, where the reset gate multiplies the second one."""


@dataclass(frozen=True)
class Size:
    """The parameter counts of a cell.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        blocks: K, the number of blocks.
        weights, biases: the two parts of `parameters`.
        spare: redundant biases, because only their sum with another bias matters.
        ratio: the parameters divided by the RNN's, which is exact.
    """

    cell: str
    blocks: int
    weights: int
    biases: int
    spare: int
    ratio: int

    @property
    def parameters(self) -> int:
        """All parameters: weights and biases."""
        return self.weights + self.biases

    @property
    def products(self) -> int:
        """Multiplications in the matrix products of one step, one for each weight."""
        return self.weights


def sizes(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> tuple[Size, ...]:
    """Return the sizes of RNN, GRU and LSTM. Their parameters are exactly as 1 : 3 : 4.

    Raises:
        ValueError: if a size is not allowed.
    """
    FEATURES.check(inputs)
    HIDDEN.check(hidden)
    LAYERS.check(layers)
    if directions not in (1, 2):
        raise ValueError(f"expected 1 or 2 directions, got {directions}")
    return tuple(_size(cell.key, inputs, hidden, layers, directions) for cell in compared())


def _size(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> Size:
    blocks, units = len(CELLS[cell].blocks), layers * directions * hidden
    biases, count = 2 * blocks * units, parameter_count(cell, inputs, hidden, layers, directions)
    spare = (blocks - len(CELLS[cell].split_blocks)) * units
    return Size(cell, blocks, count - biases, biases, spare, blocks)


def verdict(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> Verdict:
    """Return the verdict on the claim. It is exact, so it has no interval.

    Raises:
        ValueError: as `sizes`.
    """
    counts = sizes(inputs, hidden, layers, directions)
    ratio = " : ".join(str(size.ratio) for size in counts)
    total, reduced = (
        ", ".join(f"{CELLS[size.cell].name} {size.parameters - spare:,}" for size, spare in pairs)
        for pairs in ([(size, 0) for size in counts], [(size, size.spare) for size in counts])
    )
    return Verdict(
        "yes",
        f"Parameters with equal hidden units: {total}, exactly {ratio}. PyTorch has two biases"
        " for each row of weights, but only their sum matters. The exception is the GRU's"
        " candidate, where the reset gate multiplies one of them. Without redundant biases:"
        f" {reduced}.",
    )


def _run(specs: Specs, rounds: int) -> tuple[Values, Parts]:
    return {cell: (float(spec.parameter_count),) for cell, spec in specs.items()}, {}


def _compare(measurement: Measurement) -> tuple[Comparison, ...]:
    spec = measurement.spec
    size = (spec.learned.input_size, spec.hidden_size, spec.layers, spec.directions)
    share = measurement.values[GRU.key][0] / measurement.values[LSTM.key][0]
    exact = Interval((share,), share, share, share, "this is counted, so it is exact", "count")
    return (Comparison("parameters, GRU / LSTM", exact, verdict(*size)),)


PARAMETERS = Benchmark(
    key="parameters",
    sentence="GRUs have fewer parameters than LSTMs.",
    measures=(
        "We count the parameters of torch.nn's modules with equal hidden units. The answer is “yes”"
        " if the ratio GRU / LSTM is below 1."
    ),
    y_name="parameters",
    _run=_run,
    _compare=_compare,
    counted=True,
)

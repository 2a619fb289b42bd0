"""Every limit of gatesviz, once: shown in the widget, checked at the border and again at work."""

from dataclasses import dataclass
from numbers import Real
from operator import index
from reprlib import repr as shortened
from typing import Any


def whole(name: str, value: Any) -> int:
    """Return ``value`` as an int, also where it is NumPy's or a tensor's whole number.

    Raises:
        TypeError: naming the value, if it is no whole number.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, got {shortened(value)}") from None


@dataclass(frozen=True)
class Limit:
    """A closed range.

    Attributes:
        name: the thing counted, as a sentence uses it.
        low, high: the smallest and the largest allowed value.
    """

    name: str
    low: int
    high: int

    def check(self, value: int) -> int:
        """Return ``value``.

        Raises:
            TypeError: if it is no whole number.
            ValueError: naming the value and the range, if it lies outside.
        """
        value = whole(self.name, value)
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name}: {value:,} given, {self.low:,} to {self.high:,} allowed")
        return value


@dataclass(frozen=True)
class Span:
    """A closed range of real numbers.

    Attributes:
        name: what is measured, as a sentence uses it.
        low, high: the smallest and the largest allowed value.
    """

    name: str
    low: float
    high: float

    def check(self, value: float) -> float:
        """Return ``value``.

        Raises:
            TypeError: if it is no real number.
            ValueError: naming the value and the range, if it lies outside or is NaN.
        """
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{self.name}: expected a number, got {shortened(value)}")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name}: {value:g} given, {self.low:g} to {self.high:g} allowed")
        return value


def megabytes(limit: Limit) -> int:
    """Return the upper end of a limit of bytes in whole megabytes, as a page says it."""
    return limit.high // 1_000_000


STEPS = Limit("steps in a sequence", 2, 1_000)
FEATURES = Limit("features at each step", 1, 256)
HIDDEN = Limit("hidden units", 1, 64)
LAYERS = Limit("layers", 1, 3)
SEED = Limit("seed", 0, 9_999)
TYPED_CHARACTERS = Limit("characters typed or pasted", 1, 100_000)
TYPED_TEXT = Limit("characters of a text typed or pasted to learn from", 1, 200_000)
"""A box sends its text with every click, a file only once."""
UPLOAD_BYTES = Limit("bytes in an uploaded file", 1, 5_000_000)
CSV_COLUMNS = Limit("columns in a table", 1, 500)
UPLOADS_EACH = Limit("bytes of the files that one session uploads", 0, 60_000_000)
UPLOADS_IN_ALL = Limit("bytes of all uploaded files", 0, 1_000_000_000)
PLAYER_VALUES = Limit("values in one player", 1, 4_000_000)
"""How many numbers one player may hold: gates and states of every panel, and weights."""
CSV_ROWS = Limit("rows in a table", 1, 300_000)
CSV_CELLS = Limit("cells in a table", 1, 1_000_000)
"""43,824 × 13 cells are read in 0.5 s with 55 MB more, the slowest table of 5 MB, whose cells all
differ and have brackets and groups, in 3.7 s with 92 MB: see `benchmarks/reading.py`."""
HAND_INPUT = Span("input by hand", -3, 3)
HAND_STEPS = Limit("steps made by hand", 0, 60)
DRAWN_POINTS = Limit("points in a drawn line", 2, 10_000)
SOUND_MILLISECONDS = Limit("milliseconds of sound", 100, 60_000)
LINK_PARAMETERS = Limit("parameters of a link", 0, 1_000)
PORT = Limit("port", 1, 65_535)
TRAINING_STEPS = Limit("steps in a training sequence", 2, 400)
BATCH = Limit("sequences in a batch", 1, 256)
DATA_SIZE = Limit("sequences in the training set", 1, 1_000)
MATCHED_HIDDEN = Limit("hidden units of a cell as large as the LSTM", 1, 256)
UPDATE_PRODUCTS = Limit("multiplications in one update", 1, 9_000_000_000)
"""An update cannot be divided: half a second of a worker, so that others have their turn."""
RUN_UPDATES = Limit("updates of a run", 0, 100_000)
UPDATES_AT_ONCE = Limit("updates at once", 1, 10_000)
RUN_BYTES = Limit("bytes in a saved run", 1, 40_000_000)
HEADER_PARTS = Limit("parts of the settings in a file", 1, 1_000_000)
"""Each takes memory when it is read, whatever it is. A text to learn from may hold 200,000 commas,
and a run has at most 100,000 changes of its learning rate."""
RUNS_EACH = Limit("runs of one person at a time", 1, 6)
RUNS_IN_ALL = Limit("runs of everybody at a time", 1, 120)
LEARNING_RATE = Span("learning rate", 1e-6, 10)
CLIP = Span("largest gradient norm", 1e-3, 1e3)
DROPOUT = Span("dropout", 0, 0.9)
FORGET_BIAS = Span("forget bias", -10, 10)
GATE_BIAS = Span("bias of the input and output gates", -10, 10)
GAIN = Span("gain of the recurrent weights", 0.1, 10)
CONVOLUTION = Limit("steps that a convolution reads", 2, 9)
SPECTRAL_RADIUS = Span("spectral radius of the recurrent weights", 0.1, 4)
GRADIENT_STEPS = Limit("steps that a gradient goes back", 2, 400)
INFLUENCE_STEPS = Limit("steps of a map from inputs to outputs", 2, 120)
HALF_TRAINED = Limit("updates of a half-trained model", 1, 500)
PERIOD = Span("period in steps", 2, 500)
NOISE = Span("noise", 0, 2)
LEARNT_VALUES = Limit("values in a series to learn from", 20, 250_000)
LEARNT_CELLS = Limit("numbers in columns to learn from (rows × columns)", 20, 650_000)
"""50,000 rows of 13 columns. Fitting their linear forecasts takes 1.5 s and 0.1 GB. They travel
with every slice of training: 5.2 MB, which adds 3 ms to it."""
TITLE_CHARACTERS = Limit("characters in a title", 0, 200)
LEARNT_CHARACTERS = Limit("characters in a text to learn from", 200, 2_000_000)
"""1.1 million characters become a task in 0.1 s; 50 updates take as long as those of 100,000."""
EXPERIMENT_RUNS = Limit("runs of an experiment", 1, 500)
SEEDS = Limit("seeds of an experiment", 1, 20)
SEARCH_MINUTES = Limit("minutes of a search", 1, 30)
RUN_TOGETHER = Limit("runs of an experiment at a time", 1, RUNS_EACH.high)
KEPT_RESULT_BYTES = Limit("bytes of kept results", 100_000, 200_000_000)
CLIFF_POINTS = Limit("points along an axis of the cliff", 2, 301)
CLIFF_STEPS = Limit("steps of the one-unit network", 1, 200)
CLIFF_UPDATES = Limit("updates on the cliff", 1, 1_000)

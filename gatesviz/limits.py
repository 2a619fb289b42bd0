"""Every limit of gatesviz, once: widgets show it, and input and work are checked against it."""

import logging
import os
from dataclasses import dataclass
from numbers import Real
from operator import index
from reprlib import repr as shortened
from typing import Any


def whole(name: str, value: Any) -> int:
    """Return ``value`` as an int. NumPy integers and integer tensors are accepted.

    Raises:
        TypeError: if it is not a whole number; the message names it.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, got {shortened(value)}") from None


@dataclass(frozen=True)
class Limit:
    """A closed range of whole numbers.

    Attributes:
        name: what is counted, in the plural: "hidden units".
        low, high: the smallest and the largest allowed value.
    """

    name: str
    low: int
    high: int

    def check(self, value: int) -> int:
        """Return ``value``.

        Raises:
            TypeError: if it is not a whole number.
            ValueError: if it is outside the range; the message names both.
        """
        value = whole(self.name, value)
        if not self.low <= value <= self.high:
            raise ValueError(_outside(self.name, f"{value:,}", f"{self.low:,} to {self.high:,}"))
        return value


@dataclass(frozen=True)
class Span:
    """A closed range of real numbers.

    Attributes:
        name: what is measured: "learning rate".
        low, high: the smallest and the largest allowed value.
    """

    name: str
    low: float
    high: float

    def check(self, value: float) -> float:
        """Return ``value``.

        Raises:
            TypeError: if it is not a real number.
            ValueError: if it is outside the range or NaN; the message names both.
        """
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{self.name}: expected a number, got {shortened(value)}")
        if not self.low <= value <= self.high:
            raise ValueError(_outside(self.name, f"{value:g}", f"{self.low:g} to {self.high:g}"))
        return value


def _outside(name: str, value: str, allowed: str) -> str:
    return f"{name}: {value} is outside the allowed range {allowed}"


def bound(variable: str, limit: Limit) -> int:
    """Return the bound that an environment variable sets, or ``limit.high``; 0 means no bound.

    The log names a value that is no whole number.
    """
    text = os.environ.get(variable, "").strip() or str(limit.high)
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    logging.getLogger(__name__).warning(
        "%s=%r is no whole number; expected the most %s, or 0. %s are allowed now.",
        variable, text[:40], limit.name, f"{limit.high:,}",
    )  # fmt: skip
    return limit.high


def megabytes(limit: Limit) -> int:
    """Return the upper end of a limit of bytes, in whole megabytes."""
    return limit.high // 1_000_000


STEPS = Limit("steps in a sequence", 2, 1_000)
FEATURES = Limit("features at each step", 1, 256)
HIDDEN = Limit("hidden units", 1, 64)
LAYERS = Limit("layers", 1, 3)
SEED = Limit("seed", 0, 9_999)
TYPED_CHARACTERS = Limit("characters typed or pasted", 1, 100_000)
TYPED_TEXT = Limit("characters in a typed or pasted training text", 1, 200_000)
"""A text box sends its text with every click; a file is sent once."""
WRITTEN_LETTERS = Limit("letters to write", 1, 1_000)
"""Two hundred letters take a packaged model 0.04 s."""
TEMPERATURE = Span("temperature", 0.1, 2)
UPLOAD_BYTES = Limit("bytes in an uploaded file", 1, 5_000_000)
CSV_COLUMNS = Limit("columns in a table", 1, 500)
UPLOADS_EACH = Limit("bytes uploaded in one session", 0, 60_000_000)
UPLOADS_IN_ALL = Limit("bytes uploaded in all sessions", 0, 1_000_000_000)
PLAYER_VALUES = Limit("values in one player", 1, 4_000_000)
"""Gates and states of all panels, and weights."""
CSV_ROWS = Limit("rows in a table", 1, 300_000)
CSV_CELLS = Limit("cells in a table", 1, 1_000_000)
"""Reading 43,824 × 13 cells takes 0.5 s and 55 MB. The slowest table of 5 MB takes 3.7 s and 92 MB:
all its cells differ and have brackets and digit groups. `benchmarks/reading.py` measures both."""
HAND_INPUT = Span("input value", -3, 3)
HAND_STEPS = Limit("steps made with the sliders", 0, 60)
DRAWN_POINTS = Limit("points in a drawn line", 2, 10_000)
SOUND_MILLISECONDS = Limit("milliseconds of sound", 100, 60_000)
EDITS = Limit("edits of a recording", 0, 1_000)
EDIT_TEXT = Limit("characters in the edits of a link", 0, 4_000)
LINK_PARAMETERS = Limit("parameters of a link", 0, 1_000)
PORT = Limit("port", 1, 65_535)
TRAINING_STEPS = Limit("steps in a training sequence", 2, 400)
BATCH = Limit("batch size", 1, 256)
DATA_SIZE = Limit("sequences in the training set", 1, 1_000)
MATCHED_HIDDEN = Limit("hidden units of a cell with as many parameters as the LSTM", 1, 256)
UPDATE_PRODUCTS = Limit("multiplications in one update", 1, 9_000_000_000)
"""An update cannot be divided. This many take a worker half a second, so other runs get a turn."""
RUN_UPDATES = Limit("updates of a run", 0, 100_000)
UPDATES_AT_ONCE = Limit("updates at once", 1, 10_000)
RUN_BYTES = Limit("bytes in a saved run", 1, 40_000_000)
HEADER_PARTS = Limit("parts in the settings of a file", 1, 1_000_000)
"""Each part takes memory when it is read. A training text may hold 200,000 commas, and a run may
change its learning rate 100,000 times."""
MODEL_BYTES = Limit("bytes in a model file", 1, 500_000_000)
"""Only the tensors that are used are read. The rest of the file isn't loaded."""
MODEL_WEIGHTS = Limit("weights of an opened model", 1, 50_000_000)
"""200 MB in float32. An embedding or a readout that doesn't fit is ignored. No file gets more
memory than the values that it really holds."""
MODEL_UPLOAD = Limit("bytes in an uploaded model file", 0, 40_000_000)
MODEL_UPLOADS_IN_ALL = Limit("bytes of model files in all sessions", 0, 1_000_000_000)
SHOWN_WEIGHTS = Limit("weights of a model on the pages", 1, 4_000_000)
"""Of the recurrent part alone. `gatesviz.open_model` opens larger ones."""
READ_AT_ONCE = Limit("inputs, states or answers of all sequences", 1, 10_000_000)
"""Of a file's model on *Find the unit*. One-hot vectors take 12 bytes each while they are made."""
READ_IN_ONE_GO = Limit("steps of a text that is read in one go", 2, 2_000)
"""By a file's model on *Find the unit*. Reading 2,000 steps again without a unit takes half a
second."""
LAYERS_IN_FILE = Limit("layers in a model file", 1, 64)
RUNS_EACH = Limit("simultaneous runs of one tab", 1, 6)
RUNS_OF_PERSON = Limit("simultaneous runs of one person in all tabs", 1, 24)
RUNS_OF_ADDRESS = Limit("runs of one network address", 1, 400)
"""A school sits behind one address: 130 people have three cells each. `GATESVIZ_RUNS` sets another
bound. Without one, tabs without cookies from one address could take all runs of the server."""
RUNS_IN_ALL = Limit("simultaneous runs of all people", 1, 480)
STORED_RUNS = Limit("runs stored for a restart", 0, 5_000)
STORED_RUN_BYTES = Limit("bytes of runs stored for a restart", 0, 500_000_000)
STORED_RUN_BYTES_OF_PERSON = Limit("bytes of one person's stored runs", 0, 60_000_000)
STORED_RUN_HOURS = 12
"""After so many hours a stored run is deleted."""
LEARNING_RATE = Span("learning rate", 1e-6, 10)
CLIP = Span("maximum gradient norm", 1e-3, 1e3)
DROPOUT = Span("dropout", 0, 0.9)
FORGET_BIAS = Span("forget bias", -10, 10)
GATE_BIAS = Span("bias of the input and output gates", -10, 10)
GAIN = Span("gain of the recurrent weights", 0.1, 10)
CONVOLUTION = Limit("steps in a convolution", 2, 9)
SPECTRAL_RADIUS = Span("spectral radius of the recurrent weights", 0.1, 4)
GRADIENT_STEPS = Limit("steps of backpropagation", 2, 400)
INFLUENCE_STEPS = Limit("steps in an influence map", 2, 120)
HALF_TRAINED = Limit("updates of a half-trained model", 1, 500)
PERIOD = Span("period in steps", 2, 500)
NOISE = Span("noise", 0, 2)
LEARNT_VALUES = Limit("values in a training series", 20, 250_000)
LEARNT_CELLS = Limit("numbers in training columns (rows × columns)", 20, 650_000)
"""50,000 rows of 13 columns. Fitting their linear forecast takes 1.5 s and 0.1 GB. Sending them
to a worker, 5.2 MB, adds 3 ms to each slice of training."""
TITLE_CHARACTERS = Limit("characters in a title", 0, 200)
LEARNT_CHARACTERS = Limit("characters in a training text", 200, 2_000_000)
"""Making a task from 1.1 million characters takes 0.1 s. Updates take as long as with 100,000."""
WHAT_IF_SEQUENCES = Limit("sequences of a what-if experiment", 1, 2_000)
THRESHOLD = Span("threshold", 1e-6, 1e6)
"""How far from 0 an active unit stays."""
MATCHES = Limit("matches", 1, 1_000)
EXPERIMENT_RUNS = Limit("runs of an experiment", 1, 500)
SEEDS = Limit("seeds of an experiment", 1, 20)
SEARCH_MINUTES = Limit("minutes of a search", 1, 30)
RUN_TOGETHER = Limit("simultaneous runs of an experiment", 1, RUNS_EACH.high)
PENDING_RESULT_BYTES = Limit("bytes of results that wait for the disk", 0, 50_000_000)
KEPT_RESULT_BYTES = Limit("bytes of stored results", 100_000, 200_000_000)
CLIFF_POINTS = Limit("points along an axis of the cliff", 2, 301)
CLIFF_STEPS = Limit("steps of the one-unit network", 1, 200)
CLIFF_UPDATES = Limit("updates on the cliff", 1, 1_000)
REMEMBERED_PERSONS = 5_000
"""Of more people, those who came first are forgotten, with their solved challenges."""
OPEN_ROOMS = Limit("open rooms of a server", 0, 50)
ROOMS_OF_PERSON = Limit("open rooms of one person", 0, 3)
ROOM_HOURS = 12
"""After so many hours a room ends by itself."""
ROOM_PEOPLE = Limit("people in a room", 0, 1_000)
ROOM_ANSWERS = Limit("answers of one person in a room", 0, 300)
ROOM_QUESTIONS = Limit("questions in a room", 0, 400)
ROOM_ASKED = Limit("questions in a room, with other settings each", 0, 4_000)
ROOM_OPTIONS = Limit("options of a question", 0, 40)
ROOM_SOCKETS = Limit("open boards of one person", 0, 12)
TABS_OF_ADDRESS = Limit("open tabs of one network address", 0, 1_000)
"""A school of 300 behind one address has three tabs each. `GATESVIZ_TABS` sets another bound."""
PAUSE_TEXT = Limit("characters of a message to a class", 0, 80)
ROOM_ADDRESS = Limit("characters of an address that a class follows", 0, 6_000)
ROOM_PLAYER = Limit("characters of what a class sees in the player", 0, 6_000)

"""Settings of the page "Feed a sequence": one table for widgets, links and saved choices."""

import json
from collections.abc import Mapping

from gatesviz.cells import CELLS, every_cell, letters, with_forget_bias
from gatesviz.limits import (
    FORGET_BIAS,
    HIDDEN,
    LAYERS,
    NOISE,
    PERIOD,
    SEED,
    STEPS,
    TEMPERATURE,
    TYPED_CHARACTERS,
    Limit,
)
from gatesviz.sequences import COMMAS, SERIES, WAVES
from gatesviz.traces import Direction
from gatesviz.training.spec import PROBES
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.model_upload import FILE

SOURCES = ("text", "numbers", "wave", "drawing", "real series", "table", "microphone")
SAMPLE = "held-out sample"
"""The source that *Train live* adds: held-out samples of a trained model's task."""
SIDE_BY_SIDE = "several cells"
CELL_CHOICES: Mapping[str, tuple[str, ...]] = {
    **{cell.short: (cell.key,) for cell in every_cell()},
    SIDE_BY_SIDE: tuple(cell.key for cell in CELLS.values() if cell.compared),
}
"""Choice on the page -> keys of the cells, left to right."""
YOURS, FRESH = "yours", "fresh"
UNPACKAGED = (FRESH, YOURS, FILE)
"""Weights that don't come with gatesviz."""
WEIGHTS = ("recall", "brackets", "characters", "wave", *UNPACKAGED)
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")
NUMBERS = "0 0 1 0 0 0 -1 0 0 0 0.5 0.5 0 0 0 -0.5 -0.5 0 0 0 1 -1 1 -1 0 0 0 0"
TITLES = tuple(series.title for series in SERIES.values())
_PLAIN = {"step": "jump", "chirp": "rising frequency"}
SHAPES: Mapping[str, str] = {_PLAIN.get(key, key): key for key in WAVES}
"""Shape on the page -> key of `WAVES`. There, a step would be mistaken for a step of time."""
SCALINGS: Mapping[str, str] = {
    "not scaled": "as is",
    "mean 0, deviation 1": "standard",
    "−1 to 1": "unit",
}
"""Scale on the page -> what `Sequence.scaled` takes."""

SOURCE = Field(key="src", label="Input", takes=Choice((*SOURCES, SAMPLE)), default="text")
TEXT = Field(
    key="text", label="Text", takes=Text(TYPED_CHARACTERS.high), default="", look="area",
    help=f"Type anything, {STEPS.low} to {STEPS.high:,} characters. Each character is one step. If"
    " the chosen built-in model can't read your text, the page switches to the"
    " model “characters”.",
)  # fmt: skip
HEAT = Field(
    key="temp", label="Temperature", takes=Number(TEMPERATURE), default=0.7, look="slider",
    options={"step": 0.1},
    help="At temperature 1, the model picks each character with its predicted probability. Below"
    " 1, it picks likely characters even more often. Above 1, it picks unlikely ones more often"
    " than at 1.",
)  # fmt: skip
TEXT_SEED = Field(
    key="textseed", label="Seed for the model's text", takes=Whole(SEED), default=0,
    help="With the same seed, temperature and input text, the model writes the same text."
    " Another seed gives another text.",
)  # fmt: skip
LETTERS = Whole(Limit("letters that the model wrote", 0, 600))
"""The link's parameter ``write``."""
NUMBER_ROW = Field(
    key="num", label="Numbers", takes=Text(TYPED_CHARACTERS.high), default=NUMBERS, look="area",
    help=f"Enter {STEPS.low} to {STEPS.high:,} numbers, separated by spaces or commas.",
)  # fmt: skip
CUT = Field(
    key="cut", label=f"Use only the first {STEPS.high:,} steps", takes=Switch(), default=False,
    look="checkbox",
)  # fmt: skip
COMMA = Field(
    key="commas", label="Commas between digits", takes=Choice(COMMAS), default=None,
    options={"index": None, "placeholder": "Choose their meaning"},
)  # fmt: skip
SHAPE = Field(
    key="shape", label="Shape", takes=Choice(tuple(SHAPES), former=_PLAIN),
    default="sine",
)  # fmt: skip
LENGTH = Field(key="steps", label="Steps", takes=Whole(STEPS), default=80, look="slider")
PERIOD_FIELD = Field(
    key="period", label="Period in steps", takes=Number(PERIOD), default=20.0, look="slider"
)
NOISE_FIELD = Field(
    key="noise", label="Noise", takes=Number(NOISE), default=0.0, look="slider",
    help="Standard deviation of the noise added to each value.",
)  # fmt: skip
NOISE_SEED = Field(key="wseed", label="Seed of the noise", takes=Whole(SEED), default=0)
REAL_SERIES = Field(key="series", label="Series", takes=Choice(TITLES), default=TITLES[0])
FIRST_ROW = Field(
    key="start", label="Start at this step of the series",
    takes=Whole(Limit("first row", 0, 100_000)), default=0, look="slider",
)  # fmt: skip
SAMPLE_NUMBER = Field(
    key="sample", label="Sample", takes=Choice(SAMPLES), default=SAMPLES[0], look="segments"
)
SCALE = Field(
    key="scale", label="Scale",
    takes=Choice(tuple(SCALINGS), former={how: name for name, how in SCALINGS.items()}),
    default="mean 0, deviation 1",
    help="Scale the numbers before the cell reads them: to mean 0 and standard deviation 1, or to"
    " the range −1 to 1. Large numbers that aren't scaled drive every gate to 0 or 1.",
)  # fmt: skip
COLUMN = Field(key="column", label="Column", takes=Text(200), default="", look="select")
FILL = Field(
    key="fill", label="Fill gaps with the last value", takes=Switch(), default=False,
    look="checkbox",
)  # fmt: skip
CUT_ROWS = Field(
    key="rows", label=f"Use only the first {STEPS.high:,} rows", takes=Switch(), default=False,
    look="checkbox",
)  # fmt: skip
CELL = Field(
    key="cell", label="Cell",
    takes=Choice(
        tuple(CELL_CHOICES), former={
            "RNN relu": "RNN, ReLU",
            "GRU reset before": "GRU, r first",
            "side by side": SIDE_BY_SIDE,
        }
    ),
    default="LSTM", look="segments",
    help="“RNN, ReLU” is an RNN with ReLU in place of tanh. “GRU, r first” is a GRU that"
    " multiplies h by r first, then by W_hn: W_hn·(r·h) + b_hn. PyTorch's GRU computes r·(W_hn·h +"
    " b_hn).",
)  # fmt: skip
WEIGHT = Field(
    key="weights", label="Model", takes=Choice(WEIGHTS), default=WEIGHTS[0],
    help="What each model was trained to do: “recall” names the last capital letter, “brackets”"
    " counts open brackets, “characters” predicts the next character, “wave” the next value. The"
    " menu lists only models that fit the input and the cell. “fresh” is PyTorch's initialisation,"
    " without training. Train a model on the page Train live and press “Open in…”. It is then in"
    " this list as “yours”. “your file” opens a model that you saved with PyTorch, Keras or ONNX.",
)  # fmt: skip
HIDDEN_UNITS = Field(
    key="hidden", label="Hidden units", takes=Whole(HIDDEN), default=8, look="slider"
)
LAYER_COUNT = Field(key="layers", label="Layers", takes=Whole(LAYERS), default=1, look="slider")
BOTH = Field(key="both", label="Read in both directions", takes=Switch(), default=False)
SEED_FIELD = Field(key="seed", label="Seed", takes=Whole(SEED), default=0)
FORGET = Field(
    key="fbias", label=f"Forget bias of the {with_forget_bias()}", takes=Number(FORGET_BIAS),
    default=None,
    options={"step": 0.5, "placeholder": "PyTorch's default"},
    help="The sum of the forget gate's two biases, b_if + b_hf. A larger bias moves f"
    " towards 1, so the untrained cell keeps more of c.",
)  # fmt: skip
LAYER_SHOWN = Field(
    key="layer", label="Layer shown", takes=Whole(LAYERS), default=1, look="slider",
    help="The first layer is 1 here, and 0 in Python, in scripts and in the edits of a link.",
)  # fmt: skip
DIRECTION_SHOWN = Field(
    key="dir", label="Direction shown", takes=Choice(DIRECTIONS), default="forward",
    look="segments",
)  # fmt: skip

FIELDS = (
    SOURCE, TEXT, HEAT, TEXT_SEED, NUMBER_ROW, CUT, COMMA, SHAPE, LENGTH, PERIOD_FIELD,
    NOISE_FIELD, NOISE_SEED,
    REAL_SERIES, SAMPLE_NUMBER, FIRST_ROW, SCALE, COLUMN, FILL, CUT_ROWS, CELL, WEIGHT,
    HIDDEN_UNITS, LAYER_COUNT, BOTH, SEED_FIELD, FORGET, LAYER_SHOWN, DIRECTION_SHOWN,
)  # fmt: skip
WIDGETS: Mapping[str, Parameter] = {
    **parameters(FIELDS),
    "guess": Choice(tuple(letter for letter in letters() if letter not in ("c", "h"))),
}
"""Parameters of the page's widgets."""


def read_columns(text: str) -> list[str]:
    """Return the names of columns that a link has as a JSON list.

    Raises:
        ValueError: if it is no list of different texts.
    """
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('expected a list of columns, such as ["x", "y"]')
    return list(dict.fromkeys(names))


COLUMNS_KEY, COLUMNS = "columns", Text(2_000, read_columns)
"""The columns that a model of several inputs reads, in its order."""
PARAMETERS: Mapping[str, Parameter] = {
    **WIDGETS,
    COLUMNS_KEY: COLUMNS,
    "line": Text(2_000),
    "write": LETTERS,
}

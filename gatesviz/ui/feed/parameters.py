"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.limits import (
    FORGET_BIAS,
    HIDDEN,
    LAYERS,
    NOISE,
    PERIOD,
    SEED,
    STEPS,
    TYPED_CHARACTERS,
    Limit,
)
from gatesviz.sequences import COMMAS, SCALES, SERIES, WAVES
from gatesviz.traces import Direction
from gatesviz.training.spec import PROBES
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole

SOURCES = ("text", "numbers", "wave", "drawing", "real series", "table", "microphone")
SAMPLE = "held-out sample"
"""A source that is there once a model was handed over: of the task it was trained for."""
CELL_CHOICES: Mapping[str, tuple[str, ...]] = {
    "LSTM": ("lstm",),
    "GRU": ("gru",),
    "RNN": ("rnn_tanh",),
    "RNN relu": ("rnn_relu",),
    "side by side": ("rnn_tanh", "lstm", "gru"),
}
"""What the reader picks -> the cells that read, left to right."""
YOURS, FRESH = "yours", "fresh"
WEIGHTS = ("recall", "brackets", "characters", "wave", YOURS, FRESH)
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")

WIDGETS: Mapping[str, Parameter] = {
    "src": Choice((*SOURCES, SAMPLE)),
    "text": Text(TYPED_CHARACTERS.high),
    "num": Text(TYPED_CHARACTERS.high),
    "cut": Switch(),
    "commas": Choice(COMMAS),
    "shape": Choice(tuple(WAVES)),
    "steps": Whole(STEPS),
    "period": Number(PERIOD),
    "noise": Number(NOISE),
    "wseed": Whole(SEED),
    "series": Choice(tuple(series.title for series in SERIES.values())),
    "sample": Choice(SAMPLES),
    "start": Whole(Limit("first row", 0, 100_000)),
    "scale": Choice(SCALES),
    "column": Text(200),
    "fill": Switch(),
    "rows": Switch(),
    "cell": Choice(tuple(CELL_CHOICES)),
    "weights": Choice(WEIGHTS),
    "hidden": Whole(HIDDEN),
    "layers": Whole(LAYERS),
    "both": Switch(),
    "seed": Whole(SEED),
    "fbias": Number(FORGET_BIAS),
    "layer": Whole(LAYERS),
    "dir": Choice(DIRECTIONS),
    "guess": Choice(("i", "f", "g", "o", "r", "z", "n")),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = {**WIDGETS, "line": Text(2_000)}

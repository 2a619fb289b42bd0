"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.experiments.training_reach import ROWS, SEEDS
from gatesviz.limits import (
    FORGET_BIAS,
    GRADIENT_STEPS,
    HALF_TRAINED,
    HIDDEN,
    RUN_UPDATES,
    SEED,
    SPECTRAL_RADIUS,
    Limit,
)
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole

CELLS: Mapping[str, str] = {"RNN": "rnn_tanh", "GRU": "gru", "LSTM": "lstm"}
"""The label on the page -> key of `gatesviz.cells.CELLS`."""
REACH, BACKWARD, INPUTS, HORIZON, EXPLODING, DURING = (
    "how far back",
    "backward in the cell",
    "which input matters",
    "memory horizon",
    "exploding",
    "during training",
)
VIEWS = (REACH, BACKWARD, INPUTS, HORIZON, EXPLODING, DURING)

FRESH, HALF, TRAINED, YOURS = "fresh", "half-trained", "trained", "yours"
WEIGHTS = (FRESH, HALF, TRAINED, YOURS)
TASKS = ("recall", "brackets", "wave")
LATCH = "latch"
TITLES: Mapping[str, str] = {EVERY_TASK[key].title: key for key in (*TASKS, LATCH)}
"""What the reader picks -> its key; only a half-trained model knows the last."""
AS_DRAWN, RADIUS, ORTHOGONAL = "as drawn", "spectral radius", "orthogonal"
RECURRENT = (AS_DRAWN, RADIUS, ORTHOGONAL)
SET_BIAS, CHRONO = "forget bias", "chrono"
DRAWN_BIAS = "bias as drawn"
BIASES = (DRAWN_BIAS, SET_BIAS, CHRONO)
LINEAR = "linear"
ACTIVATIONS = ("tanh", "relu", LINEAR)
NOISE, ZEROS, WAVE, TEXT = "random noise", "zeros", "wave", "text"
FED = (NOISE, ZEROS, WAVE, TEXT)
SHARES = ("10 %", "25 %", "50 %", "75 %", "100 %")
PLACES = ("the first", "one between", "the last")
LEARNS = ("yes", "no")
FATES = ("comes down", "is thrown off", "gets stuck")
PHIS = ("sigmoid", "tanh")
COURSES = ("grows", "shrinks", "stays")
GUESSES = ("1", "2", "5", "10", "20", "50", "100", "never")

WIDGETS: Mapping[str, Parameter] = {
    "grview": Choice(VIEWS),
    "grw": Choice(WEIGHTS),
    "grtask": Choice(tuple(TITLES)),
    "grupd": Whole(HALF_TRAINED),
    "grat": Whole(RUN_UPDATES),
    "grlen": Whole(GRADIENT_STEPS),
    "grhid": Whole(HIDDEN),
    "grseed": Whole(SEED),
    "grwhh": Choice(RECURRENT),
    "grrho": Number(SPECTRAL_RADIUS),
    "grbias": Choice(BIASES),
    "grfb": Number(FORGET_BIAS),
    "gract": Choice(ACTIVATIONS),
    "grin": Choice(FED),
    "grguess": Choice(GUESSES),
    "grdraw": Switch(),
    "grshow": Switch(),
    "grcell": Choice(tuple(CELLS)),
    "grback": Choice(SHARES),
    "grwhich": Choice(PLACES),
    "grhor": Choice(LEARNS),
    "grrow": Choice(ROWS),
    "grrun": Whole(Limit("seed of the run", 0, SEEDS - 1)),
    "grphi": Choice(PHIS),
    "grfate": Choice(FATES),
    "grsolid": Switch(),
    "grstate": Choice(("h", "c")),
    "grcourse": Choice(COURSES),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = {**WIDGETS, "grline": Text(2_000)}

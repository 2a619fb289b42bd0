"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping
from typing import get_args

from gatesviz.limits import (
    BATCH,
    CLIP,
    DATA_SIZE,
    DROPOUT,
    FORGET_BIAS,
    HIDDEN,
    LAYERS,
    LEARNING_RATE,
    MATCHED_HIDDEN,
    RUN_UPDATES,
    SEED,
    TRAINING_STEPS,
    UPDATES_AT_ONCE,
    Limit,
)
from gatesviz.tasks import TASKS
from gatesviz.traces import Direction
from gatesviz.training.spec import PROBES, Optimiser
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.train.rate_changes import CHARACTERS, read
from gatesviz.ui.user_data import SERIES, TEXT

CELLS_CHOICES: Mapping[str, tuple[str, ...]] = {
    "LSTM": ("lstm",),
    "GRU": ("gru",),
    "RNN": ("rnn_tanh",),
    "LSTM and RNN": ("lstm", "rnn_tanh"),
    "LSTM and GRU": ("lstm", "gru"),
    "GRU and RNN": ("gru", "rnn_tanh"),
    "all three": ("lstm", "gru", "rnn_tanh"),
}
"""What the reader picks -> the cells that learn, left to right."""
NAMES: Mapping[str, str] = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN"}
NONE, YES, NO = "none of them", "yes", "no"
FIRST_TASK = "temporal_order"
TITLES: Mapping[str, str] = {task.title: key for key, task in TASKS.items()}
EQUAL = ("units", "parameters")
BIASES = ("forget bias", "as drawn", "chrono")
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
LAYERS_SHOWN = tuple(str(k) for k in range(1, LAYERS.high + 1))
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")
GATES = ("f", "i", "g", "o", "r", "z", "n", "c", "h")
RUN = Limit("updates of a run", 10, UPDATES_AT_ONCE.high)

MORE: Mapping[str, Parameter] = {
    "trequal": Choice(EQUAL),
    "trlayers": Whole(LAYERS),
    "trdrop": Number(DROPOUT),
    "trboth": Switch(),
    "trlength": Whole(TRAINING_STEPS),
    "trbatch": Whole(BATCH),
    "trdata": Whole(DATA_SIZE),
    "tropt": Choice(get_args(Optimiser)),
    "trclip": Switch(),
    "trnorm": Number(CLIP),
    "trrates": Text(CHARACTERS, read),
    "trinit": Choice(BIASES),
    "trbias": Number(FORGET_BIAS),
}
"""What a first run does not need."""

WIDGETS: Mapping[str, Parameter] = {
    "trtask": Choice((*TITLES, SERIES, TEXT)),
    "trcells": Choice(tuple(CELLS_CHOICES)),
    "trhidden": Whole(HIDDEN),
    "trrate": Number(LEARNING_RATE),
    "trseed": Whole(SEED),
    "trend": Whole(RUN),
    **MORE,
    "trlog": Switch(),
}
"""What widgets hold before there is a run."""

PARAMETERS: Mapping[str, Parameter] = {
    **WIDGETS,
    "trat": Whole(RUN_UPDATES),
    "trsample": Choice(SAMPLES),
    "trlayer": Choice(LAYERS_SHOWN),
    "trdir": Choice(DIRECTIONS),
    "trtwo": Switch(),
    "trb": Whole(RUN_UPDATES),
    "trpic": Switch(),
    "trgate": Choice(GATES),
    "trunit": Whole(Limit("unit", 0, MATCHED_HIDDEN.high - 1)),
    "trguess": Choice((*NAMES.values(), NONE, YES, NO)),
}

"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.limits import (
    BATCH,
    FORGET_BIAS,
    HIDDEN,
    LEARNING_RATE,
    MATCHED_HIDDEN,
    RUN_UPDATES,
    SEED,
    TRAINING_STEPS,
    UPDATES_AT_ONCE,
    Limit,
)
from gatesviz.tasks import TASKS
from gatesviz.training.seeds import PROBES
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Whole

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
NONE = "none of them"
FIRST_TASK = "temporal_order"
TITLES: Mapping[str, str] = {task.title: key for key, task in TASKS.items()}
EQUAL = ("units", "parameters")
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
GATES = ("f", "i", "g", "o", "r", "z", "n", "c", "h")
RUN = Limit("updates of a run", 10, UPDATES_AT_ONCE.high)

WIDGETS: Mapping[str, Parameter] = {
    "trtask": Choice(tuple(TITLES)),
    "trcells": Choice(tuple(CELLS_CHOICES)),
    "trhidden": Whole(HIDDEN),
    "trlength": Whole(TRAINING_STEPS),
    "trrate": Number(LEARNING_RATE),
    "trseed": Whole(SEED),
    "trbatch": Whole(BATCH),
    "trequal": Choice(EQUAL),
    "trbias": Number(FORGET_BIAS),
    "trend": Whole(RUN),
    "trlog": Switch(),
}
"""What widgets hold before there is a run."""

PARAMETERS: Mapping[str, Parameter] = {
    **WIDGETS,
    "trat": Whole(RUN_UPDATES),
    "trsample": Choice(SAMPLES),
    "trtwo": Switch(),
    "trb": Whole(RUN_UPDATES),
    "trpic": Switch(),
    "trgate": Choice(GATES),
    "trunit": Whole(Limit("unit", 0, MATCHED_HIDDEN.high - 1)),
    "trguess": Choice((*NAMES.values(), NONE)),
}

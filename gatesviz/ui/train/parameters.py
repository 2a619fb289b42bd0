"""Every setting of the page, written once: its widget, its link, its check and its spec field."""

from collections.abc import Mapping
from itertools import combinations
from typing import get_args

from gatesviz.cells import compared, further, letters, offered, with_forget_bias
from gatesviz.limits import (
    BATCH,
    CLIP,
    CONVOLUTION,
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
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.task_titles import FORMER_TITLES
from gatesviz.ui.train.rate_changes import CHARACTERS, parse_rate_changes
from gatesviz.ui.user_data import SERIES, TEXT

NAMES: Mapping[str, str] = {cell.key: cell.short for cell in offered()}
"""Cell -> its name in menus and charts, those of comparisons first, the largest first."""
COMPARED: tuple[str, ...] = tuple(cell.key for cell in reversed(compared()))
"""The cells that the page trains side by side, the largest first."""
CELLS_CHOICES: Mapping[str, tuple[str, ...]] = {
    **{NAMES[cell]: (cell,) for cell in COMPARED},
    **{cell.short: (cell.key,) for cell in further()},
    **{
        f"{NAMES[one]} and {NAMES[other]}": (one, other) for one, other in combinations(COMPARED, 2)
    },
    "all three" if len(COMPARED) == 3 else "all cells": COMPARED,
}
"""The menu's choices, each with its cells from left to right."""
NONE, YES, NO = "none of them", "yes", "no"
FIRST_TASK = "temporal_order"
TITLES: Mapping[str, str] = {task.title: key for key, task in TASKS.items()}
EQUAL = ("units", "parameters")
BIASES = ("forget bias", "PyTorch's default", "chrono")
FORMER_BIASES: Mapping[str, str] = {"as drawn": BIASES[1]}
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
LAYERS_SHOWN = tuple(str(k) for k in range(1, LAYERS.high + 1))
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")
GATES = letters()
RUN = Limit("updates of a run", 10, UPDATES_AT_ONCE.high)


TASK = Field(
    key="trtask", label="Task", takes=Choice((*TITLES, SERIES, TEXT), FORMER_TITLES),
    default=TASKS[FIRST_TASK].title, setting="task",
)  # fmt: skip
CELL_MENU = Field(
    key="trcells", label="Cells", takes=Choice(tuple(CELLS_CHOICES)), default="LSTM and RNN",
    setting="cell",
)  # fmt: skip
HIDDEN_UNITS = Field(
    key="trhidden", label="Hidden units", takes=Whole(HIDDEN), default=8, look="slider",
    setting="hidden_size",
)  # fmt: skip
RATE = Field(
    key="trrate", label="Initial learning rate", takes=Number(LEARNING_RATE), default=0.01,
    setting="learning_rate",
    options={"step": 0.001, "format": "%g"},
)  # fmt: skip
RUN_SEED = Field(key="trseed", label="Seed", takes=Whole(SEED), default=0, setting="seed")
UPDATES = Field(key="trend", label="Updates per run", takes=Whole(RUN), default=600)
SIZE_AS = Field(
    key="trequal", label="Give all cells the same number of", takes=Choice(EQUAL), default=EQUAL[0],
    look="segments", setting="equal",
    help="Units: every cell has the same number of hidden units. Parameters: every cell has about"
    " as many parameters as the LSTM, so the GRU and the RNN get more hidden units.",
)  # fmt: skip
LAYER_COUNT = Field(
    key="trlayers", label="Layers", takes=Whole(LAYERS), default=1, look="slider", setting="layers",
)  # fmt: skip
DROPPED = Field(
    key="trdrop", label="Dropout between layers", takes=Number(DROPOUT), default=0.0,
    setting="dropout",
    help="During training, this share of h (0 to 1) is set to 0 at random between two layers.",
    options={"step": 0.1},
)  # fmt: skip
BOTH = Field(
    key="trboth", label="Bidirectional", takes=Switch(), default=False, setting="bidirectional",
    help="A second cell of the same kind, with its own weights, reads each sequence from end to"
    " start.",
)  # fmt: skip
LENGTH = Field(
    key="trlength", label="Length in steps", takes=Whole(TRAINING_STEPS), default=None,
    setting="length",
)  # fmt: skip
BATCH_SIZE = Field(
    key="trbatch", label="Batch size", takes=Whole(BATCH), default=32,
    setting="batch_size",
)  # fmt: skip
TRAINING_SET = Field(
    key="trdata", label="Training sequences", takes=Whole(DATA_SIZE), default=None,
    setting="data_size",
    help="If you leave this field empty, every batch has new sequences. If you enter a number, the"
    " model trains on that number of sequences, again and again. A small number lets it memorise"
    " them. The chart then shows two scores: on training sequences and on held-out sequences.",
    options={"placeholder": "new ones for every batch"},
)  # fmt: skip
OPTIMISER = Field(
    key="tropt", label="Optimiser", takes=Choice(get_args(Optimiser)), default="adam",
    setting="optimiser",
)  # fmt: skip
CLIPPED = Field(
    key="trclip", label="Clip the gradient", takes=Switch(), default=True, setting="clip",
    help="On its way back through a long sequence, a gradient can become very large. Clipping"
    " stops one update from ruining the weights.",
)  # fmt: skip
NORM = Field(
    key="trnorm", label="Maximum gradient norm", takes=Number(CLIP), default=1.0, setting="clip",
    help="The norm is taken over all parameters together. If it is larger than this"
    " maximum, the gradient is scaled down to it.",
    options={"step": 0.5, "format": "%g"},
)  # fmt: skip
RATE_CHANGES = Field(
    key="trrates", label="Learning-rate schedule", takes=Text(CHARACTERS, parse_rate_changes),
    default="",
    help="For each change, write the update, a colon and the new rate. For example, “200: 0.001”"
    " sets the rate to 0.001 after update 200. Changes that you make during a run also appear"
    " here.",
    options={"placeholder": "200: 0.001, 400: 0.0001"},
)  # fmt: skip
FIRST_BIASES = Field(
    key="trinit", label="Initial gate biases", takes=Choice(BIASES, FORMER_BIASES),
    default=BIASES[0], look="segments", setting="chrono",
    help="PyTorch's default: each bias is drawn uniformly from −1/√H to 1/√H, with H hidden units."
    f" Forget bias: you choose the forget bias of the {with_forget_bias()} below. All other biases"
    " keep PyTorch's default. Chrono: the units start with biases that let them remember for"
    " different numbers of steps. For each unit, u is drawn uniformly from 1 to T − 1, with T steps"
    " in a sequence. The bias of the forget gate f (LSTM) or the update gate z (GRU) is log u, so"
    " the unit remembers for about u steps (Tallec & Ollivier 2018). An RNN has no gates and keeps"
    " the default.",
)  # fmt: skip
BIAS = Field(
    key="trbias", label=f"Forget bias of the {with_forget_bias()}", takes=Number(FORGET_BIAS),
    default=1.0, setting="forget_bias",
    help="The sum of the forget gate's two biases, b_if + b_hf. If it is above 0, the"
    " forget gate starts more than half open, so the cell keeps more than half of its state at each"
    " step.",
    options={"step": 0.5},
)  # fmt: skip

CONVOLVED = Field(
    key="trconv", label="Width of the convolution before the cell, in steps",
    takes=Whole(CONVOLUTION), default=None,
    setting="convolution",
    help="The convolution reads this many steps: the current one and those just before it. At each"
    " step, it has one output for each hidden unit, with a ReLU. The cell reads these outputs. If"
    " you leave this field empty, the cell reads the inputs themselves.",
    options={"placeholder": "no convolution"},
)  # fmt: skip
ATTENDS = Field(
    key="trattn", label="Attention over earlier states", takes=Switch(), default=False,
    setting="attention",
    help="The readout gets two things: the current h, and a weighted mean of the current and"
    " all earlier h. The model computes a score for each of these h. A softmax turns the scores"
    " into the weights of this mean.",
)  # fmt: skip

FIRST = (TASK, CELL_MENU, HIDDEN_UNITS, RUN_SEED, UPDATES)
"""The settings that are always in sight."""
FOLDED: Mapping[str, tuple[Field, ...]] = {
    "Learning rate and optimiser": (RATE, OPTIMISER, CLIPPED, NORM, RATE_CHANGES),
    "Layers, directions, number of parameters": (SIZE_AS, LAYER_COUNT, DROPPED, BOTH),
    "Length and number of sequences": (LENGTH, BATCH_SIZE, TRAINING_SET),
    "Gate biases": (FIRST_BIASES, BIAS),
    "Convolution and attention": (CONVOLVED, ATTENDS),
}
"""The title of each fold -> the settings that a first run does not need."""
MORE = tuple(field for fields in FOLDED.values() for field in fields)
SETTINGS = (*FIRST, *MORE)
NO_WIDGET = ("gain", "carry", "forget_gate", "gate_bias")
"""Fields of `TrainingSpec` that this page has no widget for. They keep their defaults."""

LOG = Field(key="trlog", label="Logarithmic loss axis", takes=Switch(), default=False)
SAMPLE = Field(
    key="trsample", label="Sequence shown", takes=Choice(SAMPLES), default=SAMPLES[0],
    look="segments",
    help="The heatmaps show how the model reads this sequence. Training never uses it. The"
    f" {len(SAMPLES)} sequences are the same for every run of this task and length.",
)  # fmt: skip
LAYER = Field(
    key="trlayer", label="Layer shown", takes=Choice(LAYERS_SHOWN), default=LAYERS_SHOWN[-1],
    look="segments",
)  # fmt: skip
DIRECTION = Field(
    key="trdir", label="Direction shown", takes=Choice(DIRECTIONS), default=DIRECTIONS[0],
    look="segments",
)  # fmt: skip
TWO = Field(key="trtwo", label="Compare two updates", takes=Switch(), default=False)
PICTURE = Field(key="trpic", label="One unit over the whole run", takes=Switch(), default=True)
GATE = Field(
    key="trgate", label="Gate or state", takes=Choice(GATES), default=GATES[0], look="segments",
)  # fmt: skip
UNIT = Field(
    key="trunit", label="Unit", takes=Whole(Limit("unit", 0, MATCHED_HIDDEN.high - 1)), default=0,
)  # fmt: skip
AT = Field(key="trat", label="After update", takes=Whole(RUN_UPDATES), default=0, look="slider")
OTHER_AT = Field(
    key="trb", label="Compared with update", takes=Whole(RUN_UPDATES), default=0, look="slider",
)  # fmt: skip
GUESS = Field(
    key="trguess",
    label="",
    takes=Choice((*(NAMES[k] for k in COMPARED), NONE, YES, NO)),
    default=NONE,
)
VIEW = (SAMPLE, LAYER, DIRECTION, TWO, PICTURE, GATE, UNIT, AT, OTHER_AT, GUESS)
"""The choices about a run that is there."""

WIDGETS: Mapping[str, Parameter] = parameters((*SETTINGS, LOG))
"""The widgets that are there before a run."""
FIELDS: Mapping[str, Field] = {field.key: field for field in (*SETTINGS, LOG, *VIEW)}
PARAMETERS: Mapping[str, Parameter] = parameters(FIELDS.values())

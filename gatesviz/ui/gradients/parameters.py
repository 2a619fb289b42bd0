"""Every setting of the page *Vanishing gradients*, once: its widget, its link and its check."""

from collections.abc import Mapping

from gatesviz.cells import further, keys_by_name, with_forget_bias
from gatesviz.experiments.training_reach import ROWS, SEEDS
from gatesviz.limits import (
    FORGET_BIAS,
    GRADIENT_STEPS,
    HALF_TRAINED,
    HIDDEN,
    RUN_UPDATES,
    SEED,
    SPECTRAL_RADIUS,
    TYPED_CHARACTERS,
    Limit,
    Span,
)
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.model_upload import FILE
from gatesviz.ui.task_titles import FORMER_TITLES

CELLS: Mapping[str, str] = keys_by_name()
"""Name on the page -> key of `gatesviz.cells.CELLS`, the smallest first."""
FURTHER: Mapping[str, str] = {cell.short: cell.key for cell in further()}
"""The same for cells that menus offer, too, and that “all cells” leaves out."""
MENU = (*reversed(list(CELLS)), *FURTHER)
"""The names in the order of menus of one cell."""
REACH, BACKWARD, INPUTS, HALF_LIFE, HORIZON, EXPLODING, DURING = (
    "how far back",
    "backward, step by step",
    "which input matters",
    "half-life",
    "memory horizon",
    "exploding",
    "during training",
)
VIEWS = (REACH, BACKWARD, INPUTS, HALF_LIFE, HORIZON, EXPLODING, DURING)

FRESH, HALF, TRAINED, YOURS = "fresh", "half-trained", "trained", "yours"
WEIGHTS = (FRESH, HALF, TRAINED, YOURS, FILE)
TASKS = ("recall", "brackets", "wave")
LATCH = "latch"
TITLES: Mapping[str, str] = {EVERY_TASK[key].title: key for key in (*TASKS, LATCH)}
"""The title of a task -> its key. The last one is for half-trained models only."""
DEFAULT, RADIUS, ORTHOGONAL = "PyTorch's default", "spectral radius", "orthogonal"
RECURRENT = (DEFAULT, RADIUS, ORTHOGONAL)
SET_BIAS, CHRONO = "forget bias", "chrono"
BIASES = (DEFAULT, SET_BIAS, CHRONO)
LINEAR = "linear"
ACTIVATIONS = ("tanh", "relu", LINEAR)
NOISE, ZEROS, WAVE, TEXT = "random noise", "zeros", "wave", "text"
FED = (NOISE, ZEROS, WAVE, TEXT)
SHARES = ("10 %", "25 %", "50 %", "75 %", "100 %")
POSITIONS = ("the first", "one in between", "the last")
_FORMER_POSITIONS = ("one between", "one in the middle", "a step in between")
LEARNS = ("yes", "no")
FATES = ("moves downhill", "jumps far away", "gets stuck")
PHIS = ("sigmoid", "tanh")
COURSES = ("grows", "shrinks", "stays the same")
HALF_BIAS = Span("forget bias of the half-life", -2, 6)
HALF_STEPS = Limit("half-life in steps", 1, 280)
"""Up to the half-life of the largest forget bias."""
GUESSES = ("1", "2", "5", "10", "20", "50", "100", "never")


VIEW_FIELD = Field(
    key="grview", label="View", takes=Choice(VIEWS, {"backward in the cell": BACKWARD}),
    default=REACH, look="segments", options={"label_visibility": "collapsed"},
)  # fmt: skip
WEIGHTS_FIELD = Field(
    key="grw", label="Model", takes=Choice(WEIGHTS), default=FRESH,
    help="Fresh: PyTorch's random weights, not trained. Half-trained: weights after a short"
    " training run on this page. Trained: models that come with this app. After you train models on"
    " Train live, “yours” appears in this menu. “Your file” opens a saved model.",
)  # fmt: skip
TASK_FIELD = Field(
    key="grtask",
    label="Task",
    takes=Choice(tuple(TITLES), FORMER_TITLES),
    default=EVERY_TASK[TASKS[0]].title,
)
UPDATES_FIELD = Field(key="grupd", label="Updates", takes=Whole(HALF_TRAINED), default=100)
AT_FIELD = Field(
    key="grat", label="After update", takes=Whole(RUN_UPDATES), default=0, look="slider"
)
STEPS_FIELD = Field(
    key="grlen", label="Steps T", takes=Whole(GRADIENT_STEPS), default=50, look="slider"
)
HIDDEN_FIELD = Field(
    key="grhid", label="Hidden units", takes=Whole(HIDDEN), default=32, look="slider"
)
SEED_FIELD = Field(key="grseed", label="Seed", takes=Whole(SEED), default=0)
RECURRENT_FIELD = Field(
    key="grwhh", label="Recurrent weights W_hh",
    takes=Choice(RECURRENT, former={"as" + " drawn": DEFAULT}), default=DEFAULT,
    help="W_hh has one H × H block for each gate and one for the candidate (H hidden units)."
    " PyTorch's default: uniform between −1/√H and 1/√H. Spectral radius: the default weights,"
    " scaled so that each block has spectral radius ρ, its largest absolute eigenvalue. Orthogonal:"
    " each block is ρ times a random orthogonal matrix. You choose ρ.",
)  # fmt: skip
RADIUS_FIELD = Field(
    key="grrho", label="Spectral radius ρ", takes=Number(SPECTRAL_RADIUS), default=1.0,
    options={"step": 0.1},
)  # fmt: skip
BIAS_FIELD = Field(
    key="grbias", label=f"Forget gate of the {with_forget_bias()}",
    takes=Choice(BIASES, former={"bias as" + " drawn": DEFAULT}), default=DEFAULT,
    help="Forget bias: the sum of PyTorch's two biases of f. The larger it is, the nearer f is"
    " to 1. Chrono: each unit's forget bias is the logarithm of a random number from 1 to"
    " T − 1 (Tallec & Ollivier 2018).",
)  # fmt: skip
FORGET_FIELD = Field(
    key="grfb", label="Forget bias b", takes=Number(FORGET_BIAS), default=1.0,
    options={"step": 0.1},
)  # fmt: skip
ACTIVATION_FIELD = Field(
    key="gract", label="Nonlinearity of the RNN", takes=Choice(ACTIVATIONS), default="tanh",
    help="Linear: no input and no bias, so h stays 0. At 0, tanh has slope 1, so gradients are"
    " those of a linear RNN.",
)  # fmt: skip
FED_FIELD = Field(key="grin", label="Input", takes=Choice(FED), default=NOISE)
TEXT_FIELD = Field(
    key="grtext", label="Text", takes=Text(TYPED_CHARACTERS.high), default="", look="area",
    help="The model of your file reads this text, repeated or cut to the number of steps.",
)  # fmt: skip
GUESS_FIELD = Field(key="grguess", label="Guess", takes=Choice(GUESSES), default=None)
DRAW_FIELD = Field(key="grdraw", label="Draw the curve you expect", takes=Switch(), default=False)
SHOW_FIELD = Field(
    key="grshow", label="Show the result without a guess", takes=Switch(), default=False
)
CELL_FIELD = Field(key="grcell", label="Cell", takes=Choice(MENU), default="LSTM", look="segments")
BACK_FIELD = Field(key="grback", label="Guess", takes=Choice(SHARES), default=None)
WHICH_FIELD = Field(
    key="grwhich", label="Guess",
    takes=Choice(POSITIONS, former=dict.fromkeys(_FORMER_POSITIONS, POSITIONS[1])),
    default=None,
)  # fmt: skip
LEARNS_FIELD = Field(key="grhor", label="Guess", takes=Choice(LEARNS), default=None)
ROW_FIELD = Field(key="grrow", label="Cell", takes=Choice(ROWS), default=ROWS[0], look="segments")
RUN_FIELD = Field(
    key="grrun", label="Seed", takes=Whole(Limit("seed of the run", 0, SEEDS - 1)),
    default=0,
)  # fmt: skip
PHI_FIELD = Field(
    key="grphi", label="Nonlinearity φ in h′ = φ(w·h + b)", takes=Choice(PHIS), default=PHIS[0],
    look="segments",
)  # fmt: skip
FATE_FIELD = Field(
    key="grfate",
    label="Guess",
    takes=Choice(
        FATES, {"comes down": FATES[0], "moves down": FATES[0], "is thrown off": FATES[1]}
    ),
    default=None,
)
SOLID_FIELD = Field(key="grsolid", label="Show in 3D", takes=Switch(), default=False)
EVERY = "all cells"
CURVES_FIELD = Field(
    key="grcurves",
    label="Curves",
    takes=Choice((EVERY, *CELLS, *FURTHER)),
    default=EVERY,
    look="segments",
)
STATE_FIELD = Field(
    key="grstate", label="Gradient by", takes=Choice(("h", "c")), default="c", look="segments"
)
COURSE_FIELD = Field(
    key="grcourse", label="Guess", takes=Choice(COURSES, {"stays": COURSES[2]}), default=None
)

HALF_BIAS_FIELD = Field(
    key="grhalf", label="Forget bias b", takes=Number(HALF_BIAS), default=1.0, look="slider",
    options={"step": 0.01},
    help="The sum of the forget gate's two biases, b_if + b_hf.",
)  # fmt: skip

HALF_STEPS_FIELD = Field(
    key="grhsteps", label="Half-life in steps", takes=Whole(HALF_STEPS), default=None,
    look="slider",
    help="Choose a half-life, and the page sets the forget bias to match. This slider is rounded"
    " to whole steps.",
)  # fmt: skip
"""Another way to set the forget bias. The link has the bias."""

SIDEBAR = (
    WEIGHTS_FIELD, TASK_FIELD, UPDATES_FIELD, AT_FIELD, STEPS_FIELD, HIDDEN_FIELD, SEED_FIELD,
    RECURRENT_FIELD, RADIUS_FIELD, BIAS_FIELD, FORGET_FIELD, ACTIVATION_FIELD, FED_FIELD,
    TEXT_FIELD,
)  # fmt: skip
"""The settings of the models, which every view that uses them shares."""
FORGET_GATE = "Forget gate"
FOLDED: Mapping[str, tuple[Field, ...]] = {
    "Hidden units and input": (HIDDEN_FIELD, FED_FIELD),
    "Recurrent weights and nonlinearity": (RECURRENT_FIELD, RADIUS_FIELD, ACTIVATION_FIELD),
    FORGET_GATE: (BIAS_FIELD, FORGET_FIELD),
}
"""The title of each fold -> the settings of fresh models that the first question doesn't need."""
OTHER_WAYS = "Other ways to answer"
"""The title of the fold with other ways to see the result."""
FIELDS = (
    VIEW_FIELD, *SIDEBAR, GUESS_FIELD, DRAW_FIELD, SHOW_FIELD, CELL_FIELD, BACK_FIELD, WHICH_FIELD,
    LEARNS_FIELD, ROW_FIELD, RUN_FIELD, PHI_FIELD, FATE_FIELD, SOLID_FIELD, CURVES_FIELD,
    STATE_FIELD, COURSE_FIELD, HALF_BIAS_FIELD,
)  # fmt: skip

WIDGETS: Mapping[str, Parameter] = parameters(FIELDS)
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = {
    **WIDGETS,
    **parameters((HALF_STEPS_FIELD,)),
    "grline": Text(2_000),
}

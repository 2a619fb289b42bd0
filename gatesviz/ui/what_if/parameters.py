"""Every setting of the page *What if?*, once: its widget, its link and its check."""

from collections.abc import Mapping

from gatesviz.cells import every_cell, letters, offered
from gatesviz.experiments.outcomes import LOST, OUTCOMES, SAME, WORSE, WRONG
from gatesviz.experiments.what_if import SEQUENCES
from gatesviz.limits import Limit
from gatesviz.tasks import TASKS
from gatesviz.trained import trained_info, trained_names
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Parameter, Whole
from gatesviz.ui.model_upload import FILE

ONE_STEP, FOR_GOOD, FREE = "one step", "one gate at all steps", "free play"
VIEWS = (ONE_STEP, FOR_GOOD, FREE)
FORMER_OUTCOMES = {
    "nothing changes": SAME,
    "the answers stay as good": SAME,
    "the answers stay as good as before": SAME,
    "it gets worse": WORSE,
    "the answers get worse": WORSE,
    "the answers get worse, but stay better than guessing": WORSE,
    "the answers get worse, but beat guessing": WORSE,
    "it only guesses": LOST,
    "the model only guesses": LOST,
    "it does worse than guessing": WRONG,
    "the model does worse than guessing": WRONG,
}
"""Words of older links -> outcome."""
GATES = tuple(letter for letter in letters() if letter not in ("c", "h"))

LATCH = f"LSTM: {TASKS['latch'].title}, 50 steps"
"""The label of the model of known result T13."""
PACKAGED: Mapping[str, str] = {
    f"{cell.short}: {info.task.title}": info.name
    for cell in every_cell()
    for info in map(trained_info, trained_names())
    if info.cell == cell.key
}
"""Label -> name of a packaged model, LSTMs first."""
RECORDED: Mapping[str, str] = {
    "LSTM: Forecast a random walk": "walk",
    f"LSTM: {TASKS['stock'].title}": "stock",
}
"""Label -> series of an LSTM that was trained for the release, for the lesson on forecasts."""
YOURS: Mapping[str, str] = {f"yours: {cell.short}": cell.key for cell in offered()}
"""Label -> cell of a model that the reader trained on *Train live*."""

VIEW = Field(
    key="wiview", label="View", takes=Choice(VIEWS, {"one gate for good": FOR_GOOD}),
    default=ONE_STEP, look="segments",
    options={"label_visibility": "collapsed"},
)  # fmt: skip
MODEL = Field(
    key="wimodel", label="Model",
    takes=Choice((LATCH, *PACKAGED, *RECORDED, *YOURS, FILE)), default=LATCH,
    help="Models that come with gatesviz, the ones you trained on the page Train live, or your own"
    " file.",
)  # fmt: skip
OUTCOME = Field(
    key="wiguess", label="Guess",
    takes=Choice(OUTCOMES, former=FORMER_OUTCOMES), default=None,
)  # fmt: skip
GATE = Field(key="wigate", label="Guess", takes=Choice(GATES), default=None)
SEQUENCE = Field(
    key="wiseq", label="Sequence in the player",
    takes=Whole(Limit("sequence in the player", 0, SEQUENCES - 1)), default=0,
)  # fmt: skip
FIELDS = (VIEW, MODEL, OUTCOME, GATE, SEQUENCE)

WIDGETS: Mapping[str, Parameter] = parameters(FIELDS)
"""What widgets of the page hold."""
PARAMETERS: Mapping[str, Parameter] = WIDGETS

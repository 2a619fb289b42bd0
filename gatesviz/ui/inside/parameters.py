"""Settings of the page "Inside the cell": one table for widgets and links."""

from collections.abc import Mapping

from gatesviz.cells import offered
from gatesviz.challenges import challenges
from gatesviz.limits import HAND_INPUT, HAND_STEPS, SEED
from gatesviz.presets import presets
from gatesviz.tiny_cell import UNITS
from gatesviz.ui.challenges import KEY as CHALLENGE_KEY
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Number, Parameter, Text, Whole

STEP_VIEW, Z_VIEW = "one step", "GRU: does z = 1 keep the state?"
VIEWS = (STEP_VIEW, Z_VIEW)
SHARES = ("almost nothing", "some", "almost all")
FORMER_SHARES: Mapping[str, str] = {"a part": SHARES[1]}
Z_GUESSES = ("keeps it", "replaces it")
LONGEST_NUMBER = 24
CELL_KEYS: Mapping[str, str] = {cell.short: cell.key for cell in offered()}
"""Choice on the page -> key of `gatesviz.cells.CELLS`."""
BLOCKS = tuple(dict.fromkeys(block for cell in offered() for block in cell.blocks))
PRESET_NAMES = tuple(dict.fromkeys(name for cell in CELL_KEYS.values() for name in presets(cell)))

VIEW = Field(
    key="inview", label="View", default=STEP_VIEW, look="segments",
    takes=Choice(
        VIEWS,
        {
            "which way round is z?": Z_VIEW,
            "does z keep or replace?": Z_VIEW,
            "GRU: does z keep or replace?": Z_VIEW,
            "GRU: does z = 1 keep or replace?": Z_VIEW,
        },
    ),
)  # fmt: skip
CELL = Field(
    key="incell", label="Cell", takes=Choice(tuple(CELL_KEYS)), default="LSTM", look="segments"
)
UNIT_COUNT = Field(
    key="inunits", label="Hidden units", takes=Whole(UNITS), default=UNITS.low, look="segments",
    options={"options": list(range(UNITS.low, UNITS.high + 1))},
)  # fmt: skip
PRESET = Field(
    key="inset", label="Weights", takes=Choice(PRESET_NAMES), default=PRESET_NAMES[0],
    help="Each entry is a set of weights that shows one thing the cell can do. “fresh” is PyTorch's"
    " random initialisation, without training. “own” means the weights that you set with the"
    " sliders.",
)  # fmt: skip
SEED_FIELD = Field(key="inseed", label="Seed", takes=Whole(SEED), default=SEED.low)
GATE = Field(
    key="ingate",
    label="Change the weights of",
    takes=Choice(BLOCKS),
    default=BLOCKS[0],
    look="segments",
)
NO_CHALLENGE = "none"
CHALLENGE = Field(
    key=CHALLENGE_KEY, label="Challenge", default=NO_CHALLENGE,
    takes=Choice((NO_CHALLENGE, *(one.name for one in challenges()))),
    options={"options": [NO_CHALLENGE, *(one.name for one in challenges() if one.machine)]},
)  # fmt: skip
INPUT = Field(
    key="inx", label="Input x", takes=Number(HAND_INPUT), default=0.25, look="slider",
    options={"step": 0.05},
)  # fmt: skip
FIELDS = (VIEW, CHALLENGE, CELL, UNIT_COUNT, PRESET, SEED_FIELD, GATE, INPUT)

PARAMETERS: Mapping[str, Parameter] = {
    **parameters(FIELDS),
    "inw": Text(32 * LONGEST_NUMBER),
    "inh": Text(2 * LONGEST_NUMBER),
    "inc": Text(2 * LONGEST_NUMBER),
    "inpast": Text(HAND_STEPS.high * LONGEST_NUMBER),
    "inlose": Choice(SHARES, FORMER_SHARES),
    "inz": Choice(Z_GUESSES),
}

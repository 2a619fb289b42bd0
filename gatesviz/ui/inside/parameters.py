"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.limits import HAND_INPUT, HAND_STEPS, SEED
from gatesviz.ui.inside.presets import PRESETS
from gatesviz.ui.inside.weights import CELL_KEYS, UNITS
from gatesviz.ui.links import Choice, Number, Parameter, Text, Whole

STEP_VIEW, Z_VIEW = "one step", "which way round is z?"
VIEWS = (STEP_VIEW, Z_VIEW)
SHARES = ("almost nothing", "a part", "almost all")
Z_GUESSES = ("keeps it", "replaces it")
LONGEST_NUMBER = 24

PARAMETERS: Mapping[str, Parameter] = {
    "inview": Choice(VIEWS),
    "incell": Choice(tuple(CELL_KEYS)),
    "inunits": Whole(UNITS),
    "inset": Choice(tuple(dict.fromkeys(name for cell in PRESETS.values() for name in cell))),
    "inseed": Whole(SEED),
    "ingate": Choice(("i", "f", "g", "o", "r", "z", "n", "h")),
    "inx": Number(HAND_INPUT),
    "inw": Text(32 * LONGEST_NUMBER),
    "inh": Text(2 * LONGEST_NUMBER),
    "inc": Text(2 * LONGEST_NUMBER),
    "inpast": Text(HAND_STEPS.high * LONGEST_NUMBER),
    "inlose": Choice(SHARES),
    "inz": Choice(Z_GUESSES),
}

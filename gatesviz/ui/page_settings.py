"""The settings of every page, by the page's name."""

from collections.abc import Mapping

from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.feed.parameters import PARAMETERS as FEED
from gatesviz.ui.find_unit.parameters import PARAMETERS as FIND_UNIT
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.inside.parameters import PARAMETERS as INSIDE
from gatesviz.ui.links import Parameter
from gatesviz.ui.train.parameters import PARAMETERS as TRAIN
from gatesviz.ui.what_if.parameters import PARAMETERS as WHAT_IF

SETTINGS: Mapping[str, Mapping[str, Parameter]] = {
    "feed": FEED,
    "inside": INSIDE,
    "train": TRAIN,
    "what_if": WHAT_IF,
    "find_unit": FIND_UNIT,
    "gradients": GRADIENTS,
    "compare": COMPARE,
}
"""Name of a page -> its settings, without the player's."""
EVERY_SETTING: Mapping[str, Parameter] = {
    key: takes for settings in SETTINGS.values() for key, takes in settings.items()
}
"""The settings of all pages."""

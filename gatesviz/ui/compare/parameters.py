"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.limits import FEATURES, HIDDEN
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.links import Choice, Parameter, Whole

STRUCTURE = "structure"
VIEWS = (STRUCTURE,)
TASKS: Mapping[str, str] = {EVERY_TASK[key].title: key for key in ("recall", "brackets", "wave")}
"""What the reader picks -> the task that an LSTM and a GRU ship trained for."""
SHARES = ("1/2", "2/3", "3/4", "the same")

WIDGETS: Mapping[str, Parameter] = {
    "coview": Choice(VIEWS),
    "coin": Whole(FEATURES),
    "cohid": Whole(HIDDEN),
    "coshare": Choice(SHARES),
    "cotask": Choice(tuple(TASKS)),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = WIDGETS

"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.limits import FEATURES, HIDDEN
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.links import Choice, Parameter, Whole

STRUCTURE, KNOWN = "structure", "known results"
VIEWS = (STRUCTURE, KNOWN)
TASKS: Mapping[str, str] = {EVERY_TASK[key].title: key for key in ("recall", "brackets", "wave")}
"""What the reader picks -> the task that an LSTM and a GRU ship trained for."""
SHARES = ("1/2", "2/3", "3/4", "the same")
HOLDS = ("all", "more than half", "half or fewer")
ALL, EXACT, TRAINED, FAILING = "all", "exact", "trained", "failing"
ONLY = (ALL, EXACT, TRAINED, FAILING)

WIDGETS: Mapping[str, Parameter] = {
    "coview": Choice(VIEWS),
    "coin": Whole(FEATURES),
    "cohid": Whole(HIDDEN),
    "coshare": Choice(SHARES),
    "cotask": Choice(tuple(TASKS)),
    "coholds": Choice(HOLDS),
    "coonly": Choice(ONLY),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = WIDGETS

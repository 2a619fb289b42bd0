"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.experiments.claims import CLAIMS
from gatesviz.limits import FEATURES, HIDDEN
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.links import Choice, Parameter, Whole

STRUCTURE, CLAIMED, KNOWN = "structure", "what people say", "known results"
VIEWS = (STRUCTURE, CLAIMED, KNOWN)
TASKS: Mapping[str, str] = {EVERY_TASK[key].title: key for key in ("recall", "brackets", "wave")}
"""What the reader picks -> the task that an LSTM and a GRU ship trained for."""
SHARES = ("1/2", "2/3", "3/4", "the same")
ANSWERS = ("yes", "no", "cannot tell")
HOLDS = ("all", "more than half", "half or fewer")
ALL, EXACT, TRAINED, FAILING = "all", "exact", "trained", "failing"
ONLY = (ALL, EXACT, TRAINED, FAILING)

WIDGETS: Mapping[str, Parameter] = {
    "coview": Choice(VIEWS),
    "coin": Whole(FEATURES),
    "cohid": Whole(HIDDEN),
    "coshare": Choice(SHARES),
    "cotask": Choice(tuple(TASKS)),
    "coclaim": Choice(tuple(claim.sentence for claim in CLAIMS.values())),
    "codata": Choice(
        tuple({EVERY_TASK[key].title: None for each in CLAIMS.values() for key in each.tasks})
    ),
    "cosays": Choice(ANSWERS),
    "coholds": Choice(HOLDS),
    "coonly": Choice(ONLY),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = WIDGETS

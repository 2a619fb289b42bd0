"""Every choice of the page, as a link may state it."""

from collections.abc import Mapping

from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, Benchmark, Claim
from gatesviz.experiments.claims import PARAMETERS as COUNTED
from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import FEATURES, HIDDEN, SEARCH_MINUTES, SEEDS, Limit
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.training.spec import PROBES
from gatesviz.ui.compare.samples import SAMPLES as OFFERED
from gatesviz.ui.links import Choice, Parameter, Whole
from gatesviz.ui.user_data import SERIES, TEXT

STRUCTURE, CLAIMED, KNOWN = "structure", "what people say", "known results"
CHOOSING = "which one for me?"
VIEWS = (STRUCTURE, CLAIMED, KNOWN, CHOOSING)
TASKS: Mapping[str, str] = {EVERY_TASK[key].title: key for key in ("recall", "brackets", "wave")}
"""What the reader picks -> the task that an LSTM and a GRU ship trained for."""
SHARES = ("1/2", "2/3", "3/4", "the same")
ANSWERS = ("yes", "no", "cannot tell")
HOLDS = ("all", "more than half", "half or fewer")
ALL, EXACT, TRAINED, FAILING = "all", "exact", "trained", "failing"
ONLY = (ALL, EXACT, TRAINED, FAILING)
_EVERY: tuple[Claim | Benchmark, ...] = (*BENCHMARKS.values(), COUNTED, *CLAIMS.values())
ASKED: Mapping[str, Claim | Benchmark] = {each.sentence: each for each in _EVERY}
"""What people say -> what answers it, the quickest first."""
DATA = tuple(
    {EVERY_TASK[key].title: None for each in CLAIMS.values() for key in each.tasks}
    | {SERIES: None, TEXT: None}
)
CELLS: Mapping[str, str] = {"RNN": "rnn_tanh", "GRU": "gru", "LSTM": "lstm"}
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
COUNT = Limit(SEEDS.name, FEWEST, SEEDS.high)
"""Fewer cannot tell."""

WIDGETS: Mapping[str, Parameter] = {
    "coview": Choice(VIEWS),
    "coin": Whole(FEATURES),
    "cohid": Whole(HIDDEN),
    "coshare": Choice(SHARES),
    "cotask": Choice(tuple(TASKS)),
    "coclaim": Choice(tuple(ASKED), {old: each.sentence for each in _EVERY for old in each.former}),
    "codata": Choice(DATA),
    "coseeds": Whole(COUNT),
    "cosays": Choice(ANSWERS),
    "coprobe": Choice(SAMPLES),
    "colook": Choice(tuple(CELLS)),
    "coholds": Choice(HOLDS),
    "coonly": Choice(ONLY),
    "coyours": Choice((*OFFERED, SERIES, TEXT)),
    "comin": Whole(SEARCH_MINUTES),
    "cobest": Choice(tuple(CELLS)),
}
"""What widgets of the page hold."""

PARAMETERS: Mapping[str, Parameter] = WIDGETS

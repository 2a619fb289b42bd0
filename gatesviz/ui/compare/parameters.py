"""Every setting of the page, each written once: its widget, its link and its allowed values."""

from collections.abc import Mapping

from gatesviz.cells import keys_by_name
from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, Benchmark, Claim
from gatesviz.experiments.claims import PARAMETERS as COUNTED
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import FEATURES, HIDDEN, SEARCH_MINUTES, SEEDS, Limit
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.training.spec import PROBES
from gatesviz.ui.compare.samples import FORMER_SAMPLES
from gatesviz.ui.compare.samples import SAMPLES as SAMPLE_DATA
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Parameter, Whole
from gatesviz.ui.task_titles import FORMER_TITLES
from gatesviz.ui.user_data import SERIES, TEXT

STRUCTURE, CLAIMED, KNOWN = "structure", "what people say", "known results"
SEARCH = "which one for me?"
VIEWS = (STRUCTURE, CLAIMED, KNOWN, SEARCH)
TASKS: Mapping[str, str] = {EVERY_TASK[key].title: key for key in ("recall", "brackets", "wave")}
"""Title -> key of the tasks for which a trained LSTM and a trained GRU ship."""
SHARES = ("1/2", "2/3", "3/4", "the same")
ANSWERS = ("yes", "no", "cannot tell")
HOLDS = ("all", "more than half", "half or fewer")
ALL, EXACT, TRAINED, FAILING = "all", "exact", "trained", "failing"
_EVERY: tuple[Claim | Benchmark, ...] = (*BENCHMARKS.values(), COUNTED, *CLAIMS.values())
CLAIM_OF: Mapping[str, Claim | Benchmark] = {each.sentence: each for each in _EVERY}
"""Sentence -> claim or benchmark, the quickest first."""
_FORMER = {old: each.sentence for each in _EVERY for old in each.former}
"""Sentence in older links -> sentence now."""
DATA = tuple(
    {EVERY_TASK[key].title: None for each in CLAIMS.values() for key in each.tasks}
    | {SERIES: None, TEXT: None}
)
CELLS: Mapping[str, str] = keys_by_name()
"""Name on the page -> key of `gatesviz.cells.CELLS`, the smallest first."""
NONE = "none of them"
SAMPLES = tuple(str(k) for k in range(1, PROBES + 1))
COUNT = Limit(SEEDS.name, FEWEST, SEEDS.high)
"""With fewer seeds the answer is always "cannot tell"."""

VIEW = Field(
    key="coview", label="Show", takes=Choice(VIEWS), default=STRUCTURE, look="segments",
    options={"label_visibility": "collapsed"},
)  # fmt: skip
INPUTS = Field(
    key="coin", label="Inputs I", takes=Whole(FEATURES), default=8, look="slider",
    help="How many numbers the cell reads at each step.",
)  # fmt: skip
UNITS = Field(
    key="cohid", label="Hidden units H", takes=Whole(HIDDEN), default=16, look="slider",
    help="How many numbers the state h has.",
)  # fmt: skip
TASK = Field(
    key="cotask", label="Task of both models", takes=Choice(tuple(TASKS), FORMER_TITLES),
    default=next(iter(TASKS)), look="segments",
)  # fmt: skip
CLAIM = Field(
    key="coclaim",
    label="Claim",
    takes=Choice(tuple(CLAIM_OF), _FORMER),
    default=None,
)  # the open card; see `claim_cards`
MEASURED_ON = Field(
    key="codata", label="Task or data", takes=Choice(DATA, FORMER_TITLES), default=DATA[0]
)
SEED_COUNT = Field(
    key="coseeds", label="Seeds", takes=Whole(COUNT), default=COUNT.low,
    help="Each cell is trained once with each seed, in each setting that is compared."
    " More seeds give a narrower interval and take"
    " longer.",
)  # fmt: skip
PROBE = Field(
    key="coprobe", label="Held-out sample", takes=Choice(SAMPLES), default=SAMPLES[0],
    look="segments",
)  # fmt: skip
ATTENDING = Field(
    key="colook", label="Show every answer of this cell", takes=Choice(tuple(CELLS)),
    default=list(CELLS)[-1], look="segments",
)  # fmt: skip
CARDS_SHOWN = Field(
    key="coonly", label="Show these cards", takes=Choice((ALL, EXACT, TRAINED, FAILING)),
    default=ALL, look="segments",
    help="Exact: results that this page checks by a calculation. Trained: results that training"
    " runs check. Failing: results that we couldn't confirm.",
)  # fmt: skip
CARD = Field(
    key="cocard", label="Open card", takes=Choice(tuple(CARDS)), default=None
)  # only in links: it comes first and is open
YOUR_DATA = Field(
    key="coyours", label="Data",
    takes=Choice((*SAMPLE_DATA, SERIES, TEXT), {**FORMER_TITLES, **FORMER_SAMPLES}),
    default=next(iter(SAMPLE_DATA)),
    help="For a column of numbers, the models forecast the next value. For a text, they predict the"
    " next character.",
)  # fmt: skip
MINUTES = Field(
    key="comin", label="Minutes to search for good settings", takes=Whole(SEARCH_MINUTES),
    default=2, look="slider",
    help="A longer search tries more settings, trains longer and tests more seeds. A slow or"
    " busy machine tries fewer settings.",
)  # fmt: skip
SHARE_GUESS = Field(
    key="coshare", takes=Choice(SHARES), default=None,
    label="**A GRU and an LSTM have the same inputs and the same number of units. What"
    " fraction of the LSTM's parameters does the GRU have?** Make a guess.",
)  # fmt: skip
CLAIM_GUESS = Field(
    key="cosays", takes=Choice(ANSWERS), default=None,
    label="**Is this true?** Make a guess.",
)  # fmt: skip
HOLDS_GUESS = Field(
    key="coholds", takes=Choice(HOLDS), default=None,
    label="**We tried to reproduce {} results from papers, theory and our own earlier runs."
    " How many did we confirm?** Make a guess.",
)  # fmt: skip
BEST_GUESS = Field(
    key="cobest", takes=Choice((*CELLS, NONE)), default=None,
    label="**Which cell will do best on this data?** “None of them” means that no cell beats"
    " the best baseline. A baseline is a forecast that needs no network, such as repeating the last"
    " value. Make a guess, then search.",
)  # fmt: skip

FIELDS = (
    VIEW, INPUTS, UNITS, SHARE_GUESS, TASK, CLAIM, MEASURED_ON, SEED_COUNT, CLAIM_GUESS, PROBE,
    ATTENDING, HOLDS_GUESS, CARDS_SHOWN, CARD, YOUR_DATA, MINUTES, BEST_GUESS,
)  # fmt: skip
"""Every setting of the page. A guess has no default: the reader makes it."""

WIDGETS: Mapping[str, Parameter] = parameters(FIELDS)
"""What the widgets of the page hold."""
PARAMETERS = WIDGETS

"""The claims: choose what people say, guess, measure, and read what the seeds allow to be said."""

import streamlit as st

from gatesviz.experiments import Experiment
from gatesviz.experiments.claims import Benchmark, Claim, Findings
from gatesviz.experiments.claims.conv_attention import attention_runs
from gatesviz.experiments.scripts import claim_script
from gatesviz.limits import SEEDS
from gatesviz.tasks import TASKS, Task
from gatesviz.training import OwnData
from gatesviz.ui.compare.attention import show_attention
from gatesviz.ui.compare.claim_charts import Drawn, draw, judge, once
from gatesviz.ui.compare.parameters import ANSWERS, ASKED, COUNT
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.progress import Found, follow
from gatesviz.ui.user_data import SERIES, TEXT, choose_own, offer_own

SCORES = "One mark is one seed. The bar is the median, with its interval where there are enough."
SOLVED = "One mark is one seed: 1 where it solved the task in the budget of updates, 0 where not."
MARKS = (
    "One mark is one seed; an open one did not solve the task in the budget, so its number is"
    " at least this, and so are bars and intervals that reach it. The bar is the median, with the"
    " interval where it may lie, where there are enough seeds."
)
LASTS = "minutes on two cores"
PRINCIPLE = (
    "**Principle.** One run proves nothing: another seed gives other first weights and other"
    " samples. Here every cell gets the same seeds, the cells are compared seed by seed, and the"
    " interval is where the median of what differs may lie (95 %, by bootstrap: Efron 1979). Where"
    " it covers both answers, or reaches the line between them, the honest one is that these seeds"
    " cannot tell; and what holds on this task and at this size need not hold on another (Chung et"
    " al. 2014; Greff et al. 2017)."
)


def draw_settings() -> tuple[Claim | Benchmark, str | OwnData | None, int]:
    """Let the reader choose what is said, on what it is measured, and with how many seeds.

    The data is None where the reader's own is still to come.
    """
    said = st.selectbox("People say", list(ASKED), key="coclaim", bind="query-params")
    asked = ASKED[said]
    titles: dict[str, str] = {TASKS[key].title: key for key in asked.tasks}
    own = (SERIES, TEXT) if isinstance(asked, Benchmark) or asked.user_data else ()
    title = st.selectbox("Measured on", [*titles, *own], key="codata", bind="query-params")
    task: str | OwnData | None = titles.get(title)
    if title in (SERIES, TEXT):
        try:
            task = choose_own(title)
        except ValueError as error:
            refuse(error)
    seeds = COUNT.low
    if isinstance(asked, Claim):
        seeds = st.number_input(
            "Seeds", COUNT.low, COUNT.high, COUNT.low, key="coseeds", bind="query-params",
            help="More seeds make the interval narrower, and take longer.",
        )  # fmt: skip
    return asked, task, SEEDS.check(int(seeds))


def draw_guess(asked: Claim | Benchmark, task: str | OwnData | None, seeds: int) -> str | None:
    """Ask for the answer; return the reader's guess about this claim, data and number of seeds."""
    data = task.digest if isinstance(task, OwnData) else task
    return ask_guess(
        f"**“{asked.sentence}” Is that true?** Guess, then measure.",
        ANSWERS,
        key="cosays",
        about=None if data is None else (asked.key, data, seeds),
    )


def show_claim(claim: Claim, task: str | OwnData, seeds: int, guess: str | None) -> None:
    """Draw the runs as they come, and the verdict for who has guessed."""
    try:
        experiments = [claim.experiment(task, seeds)]
        if claim.key == "attention":
            experiments.append(attention_runs(task))
    except ValueError as error:
        refuse(error)
        return
    learned = experiments[0].specs[0].learned

    def body(found: Found) -> None:
        if _show(claim, task, seeds, guess, experiments[0], found) and claim.key == "attention":
            show_attention(experiments[1], found, task)

    st.text(claim.measures)
    st.text(f"{sentence(learned.asks)} {learned.answer} {setting(experiments[0])}")
    if isinstance(task, OwnData):
        st.text(learned.source)
    follow(experiments, body, lasts=LASTS)


def _show(
    claim: Claim,
    task: str | OwnData,
    seeds: int,
    guess: str | None,
    experiment: Experiment,
    found: Found,
) -> bool:
    """Draw what the results say so far; return whether it may be seen."""
    mine = {trial: found[trial] for trial in experiment.trials if trial in found}
    if not mine:
        return guess in ANSWERS
    learned = experiment.specs[0].learned
    identity = (
        claim.key,
        learned.title,
        seeds,
        tuple((t.key, r.measured) for t, r in mine.items()),
    )
    said = once(("said", identity), lambda: claim.findings(mine, task, seeds))
    if not judge(said, guess, partial=len(mine) < len(experiment.trials)):
        return False
    if "solved" in claim.y_name:
        st.text(solved(said))
    drawn = Drawn(
        y_name=y_name(claim, learned),
        on=learned.title,
        setting=setting(experiment),
        marks=SCORES if claim.scores else SOLVED if claim.y_name == "solved" else MARKS,
        shares=claim.y_name == "solved" or (claim.scores and learned.better == "higher"),
    )
    draw(claim, said, drawn, identity, script=lambda: claim_script(claim, task, seeds))
    if isinstance(task, OwnData):
        offer_own(task)
    return True


def solved(said: Findings) -> str:
    """Return how many runs of each kind solved the task, in the budget."""
    told = "; ".join(f"{group.label} {group.solved}" for group in said.groups if group.results)
    return f"Solved in the budget, with the exact interval of the share: {told}."


def setting(experiment: Experiment) -> str:
    """Return what all runs have in common, in words."""
    specs, first = experiment.specs, experiment.specs[0]
    told = {
        "length": f"{first.length} steps",
        "hidden_size": f"{first.hidden_size} units",
        "layers": f"{first.layers} layer{'' if first.layers == 1 else 's'}",
        "batch_size": f"{first.batch_size} sequences in an update",
        "optimiser": f"{first.optimiser.capitalize()}",
        "learning_rate": f"learning rate {first.learning_rate:g}",
        "clip": f"gradients cut at {first.clip:g}" if first.clip else "gradients not cut",
    }
    same = [
        words for name, words in told.items() if len({getattr(spec, name) for spec in specs}) == 1
    ]
    task = first.learned
    goal = "at least" if task.better == "higher" else "at most"
    return (
        f"{', '.join(same)}, PyTorch's own first weights; at most {experiment.updates:,} updates."
        f" Solved is {goal} {task.solved_at:.3g} in the {task.metric}."
    )


def y_name(claim: Claim, task: Task) -> str:
    """Return what the vertical axis is: the task's own metric where the claim is of scores."""
    return f"{task.metric}, {task.better} is better" if claim.scores else claim.y_name

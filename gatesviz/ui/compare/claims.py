"""Claims about cells that trainings test: guess, read the answer, and repeat the runs."""

from collections.abc import Sequence

import streamlit as st

from gatesviz.experiments import Experiment
from gatesviz.experiments.claims import Benchmark, Claim, Findings
from gatesviz.experiments.claims.conv_attention import attention_runs
from gatesviz.experiments.claims.release import released_runs
from gatesviz.experiments.scripts import claim_script
from gatesviz.limits import SEEDS
from gatesviz.tasks import TASKS, Task
from gatesviz.training import OwnData
from gatesviz.ui.compare.attention import show_attention
from gatesviz.ui.compare.claim_charts import ChartText, cached, draw_claim, show_answer
from gatesviz.ui.compare.parameters import (
    ANSWERS,
    CLAIM_GUESS,
    COUNT,
    MEASURED_ON,
    SEED_COUNT,
)
from gatesviz.ui.guesses import ask_guess, guess_about
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.progress import Found, follow
from gatesviz.ui.user_data import SERIES, TEXT, choose_own, offer_own

SCORES = "One mark is one seed. The bar is the median with its 95 % bootstrap interval."
SOLVED = (
    "One mark is one seed: 1 if it solved the task within the updates allowed, 0 if it did not."
)
MARKS = (
    "One mark is one seed. The bar is the median with its 95 % bootstrap interval. An open mark is"
    " a run that did not solve the task, so its true number is at least this. If a bar or an"
    " interval reaches an open mark, its true value may be higher, too."
)
LASTS = "a few minutes"
PRINCIPLE = (
    "**Principle.** One run proves nothing: with another seed, the starting weights and the samples"
    " are different. So we train each cell with several seeds, the same for all. The page answers"
    " “yes” or “no” only if the whole 95 % interval lies on one side of a threshold, such as a"
    " difference of 0. Otherwise it answers “cannot tell”."
)
SOURCES = (
    "A result for one task and size may not hold for another. 95 % interval: bootstrap, see the"
    " glossary (Efron 1979). Chung et al. 2014 and Greff et al. 2017 compare cells on many tasks."
)


def draw_settings(claim: Claim | Benchmark) -> tuple[str | OwnData | None, int]:
    """Let the reader choose the data and the number of seeds for ``claim``, and return both.

    The data is None until the reader has brought their own.
    """
    titles: dict[str, str] = {TASKS[key].title: key for key in claim.tasks}
    own = (SERIES, TEXT) if isinstance(claim, Benchmark) or claim.user_data else ()
    title = MEASURED_ON.draw(options=[*titles, *own], index=0)
    task: str | OwnData | None = titles.get(title)
    if title in (SERIES, TEXT):
        try:
            task = choose_own(title)
        except ValueError as error:
            refuse(error)
    seeds = SEED_COUNT.draw() if isinstance(claim, Claim) else COUNT.low
    return task, SEEDS.check(int(seeds))


def draw_guess(claim: Claim | Benchmark, task: str | OwnData | None, seeds: int) -> str | None:
    """Ask for the answer; return the reader's guess about this claim, data and number of seeds."""
    data = task.digest if isinstance(task, OwnData) else task
    return ask_guess(
        CLAIM_GUESS.label,
        ANSWERS,
        key=CLAIM_GUESS.key,
        about=None if data is None else (claim.key, data, seeds),
        public=f"“{claim.sentence}” Is this true?",
    )


def guessed(claim: Claim | Benchmark) -> bool:
    """Return whether the reader has made a guess about what ships: the first task and 6 seeds."""
    return guess_about(CLAIM_GUESS.key, (claim.key, claim.tasks[0], COUNT.low)) is not None


def claim_experiments(claim: Claim, task: str | OwnData, seeds: int) -> list[Experiment]:
    """Return the experiment that tests ``claim``, and the runs for a chart of attention.

    Raises:
        ValueError: if there would be too many runs.
    """
    experiments = [claim.experiment(task, seeds)]
    return [*experiments, attention_runs(task)] if claim.key == "attention" else experiments


def describe_claim(claim: Claim, task: str | OwnData, experiments: Sequence[Experiment]) -> None:
    """Write what is measured, on which task and in which setting."""
    learned = experiments[0].specs[0].learned
    st.text(claim.measures)
    st.text(f"{sentence(learned.asks)} {learned.answer}")
    st.text(describe_setting(experiments[0]))
    if isinstance(task, OwnData):
        st.text(learned.source)


def show_claim(
    claim: Claim,
    task: str | OwnData,
    seeds: int,
    guess: str | None,
    experiments: Sequence[Experiment],
) -> None:
    """Draw the runs as they finish, and the answer once there is a guess."""

    def body(found: Found) -> None:
        shown = _show(claim, task, seeds, guess, experiments[0], found)
        if shown and claim.key == "attention":
            show_attention(experiments[1], found, task)

    shipped = released_runs(trial for each in experiments for trial in each.trials)
    follow(experiments, body, lasts=LASTS, shipped=shipped)


def _show(
    claim: Claim,
    task: str | OwnData,
    seeds: int,
    guess: str | None,
    experiment: Experiment,
    found: Found,
) -> bool:
    """Draw the results so far; return whether they may be seen."""
    mine = {trial: found[trial] for trial in experiment.trials if trial in found}
    if not mine:
        st.write("This isn't measured yet. Start the runs to see an answer.")
        return guess in ANSWERS
    learned = experiment.specs[0].learned
    identity = (
        claim.key,
        learned.title,
        seeds,
        tuple((t.key, r.measured) for t, r in mine.items()),
    )
    findings = cached(("findings", identity), lambda: claim.findings(mine, task, seeds))
    on = "on your data" if isinstance(task, OwnData) else "on this task"
    if not show_answer(findings, guess, partial=len(mine) < len(experiment.trials), on=on):
        return False
    if "solved" in claim.y_name:
        st.text(describe_solved(findings))
    words = ChartText(
        y_name=y_name(claim, learned),
        data=learned.title,
        setting=describe_setting(experiment),
        marks=SCORES if claim.scores else SOLVED if claim.y_name == "solved" else MARKS,
        shares=claim.y_name == "solved" or (claim.scores and learned.better == "higher"),
    )
    draw_claim(claim, findings, words, identity, script=lambda: claim_script(claim, task, seeds))
    if isinstance(task, OwnData):
        offer_own(task)
    return True


def describe_solved(findings: Findings) -> str:
    """Return how many runs of each group solved the task."""
    counts = "; ".join(
        f"{group.label}: {group.solved}" for group in findings.groups if group.results
    )
    return f"Runs that solved the task, with the exact 95 % interval of the share: {counts}."


def describe_setting(experiment: Experiment) -> str:
    """Return the settings that all runs share, as sentences."""
    specs, first = experiment.specs, experiment.specs[0]
    texts = {
        "length": f"{first.length} steps",
        "hidden_size": f"{first.hidden_size} hidden units",
        "layers": f"{first.layers} layer{'' if first.layers == 1 else 's'}",
        "batch_size": f"batches of {first.batch_size}",
        "optimiser": f"{first.optimiser.capitalize()}",
        "learning_rate": f"learning rate {first.learning_rate:g}",
        "clip": f"gradients clipped at {first.clip:g}" if first.clip else "gradients not clipped",
    }
    same = [
        text for name, text in texts.items() if len({getattr(spec, name) for spec in specs}) == 1
    ]
    task = first.learned
    goal = "at least" if task.better == "higher" else "at most"
    solved = task.score_text(task.solved_at)
    return (
        f"Setting: {', '.join(same)}, PyTorch's default initialisation, at most"
        f" {experiment.updates:,} updates. Solved means {task.metric} {goal} {solved}."
    )


def y_name(claim: Claim, task: Task) -> str:
    """Return the name of the vertical axis: the task's metric if the claim is about scores."""
    if claim.y_name == "solved":
        return "1: solved, 0: not solved"
    return f"{task.metric}, {task.better} is better" if claim.scores else claim.y_name

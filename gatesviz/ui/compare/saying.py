"""The claims: choose what people say, guess, measure, and read what the seeds allow to be said."""

import streamlit as st

from gatesviz.experiments.claims import CLAIMS, Claim, Said
from gatesviz.figures import seed_dots, seed_dots_alt
from gatesviz.tasks import TASKS
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import ANSWERS
from gatesviz.ui.progress import Found, follow

MARKS = (
    "One mark is one seed; an open one did not solve the task in the budget, so its number is"
    " at least this. The bar is the median, with its interval where there are enough seeds."
)
LASTS = "minutes on two cores"
PRINCIPLE = (
    "**Principle.** One run proves nothing: another seed gives other first weights and other"
    " samples. Here every cell gets the same seeds, the cells are compared seed by seed, and the"
    " interval is where the median of what differs may lie (95 %, by bootstrap: Efron 1979). Where"
    " it covers both answers, the honest one is that these seeds cannot tell; and what holds on"
    " this task and at this size need not hold on another (Chung et al. 2014; Greff et al. 2017)."
)


def choose() -> tuple[Claim, str]:
    """Let the reader choose what is said, and on which task it is measured."""
    sentences = {claim.sentence: claim for claim in CLAIMS.values()}
    claim = sentences[
        st.selectbox("People say", list(sentences), key="coclaim", bind="query-params")
    ]
    titles = {TASKS[key].title: key for key in claim.tasks}
    title = st.selectbox("Measured on", list(titles), key="codata", bind="query-params")
    return claim, titles[title]


def ask(claim: Claim) -> str | None:
    """Ask for the answer; return the reader's guess."""
    return st.segmented_control(
        f"**“{claim.sentence}” Is it so?** Guess, then measure.",
        ANSWERS,
        key="cosays",
        bind="query-params",
    )


def show_claim(claim: Claim, task: str, guess: str | None) -> None:
    """Draw the runs as they come, and the verdict for who has guessed."""

    experiment = claim.experiment(task)

    def draw(found: Found) -> None:
        said = claim.said(found, task)
        if guess in ANSWERS and found:
            _judge(said, guess, partial=len(found) < len(experiment.trials))
        elif found:
            st.write("Guess above, and the verdict stands here.")
        if said.points:
            _draw_points(claim, said)

    st.text(claim.measures)
    follow([experiment], draw, lasts=LASTS)


def _judge(said: Said, guess: str, *, partial: bool) -> None:
    st.write(gap(said, guess, partial=partial))
    st.text(said.verdict.sentence)
    with st.expander("Every other comparison"):
        for one in said.comparisons[1:]:
            st.text(f"{one.verdict.answer}: {one.verdict.sentence}")


def gap(said: Said, guess: str, *, partial: bool) -> str:
    """Return how the guess compares with what was measured, or with a ``partial`` result."""
    verdict = "As you said" if guess == said.answer else f"You said {guess}"
    return f"{verdict}. Measured{' so far' if partial else ''}: **{said.answer}**."


def _draw_points(claim: Claim, said: Said) -> None:
    figure = seed_dots(
        said.points,
        x_name=claim.x_name,
        y_name=claim.y_name,
        y_log=claim.y_log,
        kinds=[group.label for group in said.groups],
        theme=charts.theme(),
    )
    charts.show(figure, seed_dots_alt(said.points, claim.y_name), key=f"claim {claim.key}")
    st.text(MARKS)

"""A claim's answer, drawn: the verdict for who has guessed, a mark for each run, and the files."""

from collections.abc import Callable

import streamlit as st

from gatesviz.experiments.claims import Claim, Here, Said
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import ANSWERS
from gatesviz.ui.taking import offer, table

COLUMNS = ("claim", "measured on", "group", "cell", "x", "seed or round", "value", "lower bound")


def judge(said: Said, guess: str | None, *, partial: bool) -> None:
    """Draw the verdict for who has guessed; who has not is told that it comes."""
    if guess not in ANSWERS:
        st.write("Guess above, and the verdict stands here.")
        return
    st.write(gap(said, guess, partial=partial))
    st.text(said.verdict.sentence)
    if said.comparisons[1:]:
        with st.expander("Every other comparison"):
            for one in said.comparisons[1:]:
                st.text(f"{one.verdict.answer}: {one.verdict.sentence}")


def gap(said: Said, guess: str, *, partial: bool) -> str:
    """Return how the guess compares with what was measured, or with a ``partial`` result."""
    verdict = "As you said" if guess == said.answer else f"You said {guess}"
    return f"{verdict}. Measured{' so far' if partial else ''}: **{said.answer}**."


def draw_points(
    asked: Claim | Here,
    said: Said,
    *,
    y_name: str,
    on: str,
    marks: str,
    shares: bool,
    script: Callable[[], str],
) -> None:
    """Draw every run, and what the reader can take home of it.

    ``on`` names the data, ``marks`` says what a mark is, ``shares`` whether values are shares.
    """
    from gatesviz.figures import seed_dots, seed_dots_alt
    from gatesviz.figures.page import to_page

    theme, key = charts.theme(), f"claim {asked.key}"
    claim = asked if isinstance(asked, Claim) else None
    unit = "seed" if claim else "round"
    figure = seed_dots(
        said.points,
        x_name=claim.x_name if claim else "",
        y_name=y_name,
        y_log=bool(claim and claim.y_log),
        y_share=shares,
        unit=unit,
        kinds=[group.label for group in said.groups],
        theme=theme,
    )
    alt = seed_dots_alt(said.points, y_name, unit=unit)
    charts.show(figure, alt, key=key)
    st.text(marks)
    offer(
        f"claim-{asked.key}",
        chart=key,
        page=lambda: to_page(figure, title=asked.sentence, alt=alt, theme=theme),
        csv=lambda: as_csv(asked, said, on),
        script=script,
    )


def as_csv(asked: Claim | Here, said: Said, on: str) -> str:
    """Return every mark as a line of a table."""
    rows = [(asked.sentence, on, p.group, p.cell, p.x, p.seed, p.y, p.bound) for p in said.points]
    return table(COLUMNS, rows)

"""A claim's answer, drawn: the verdict for who has guessed, a mark for each run, and the files."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from gatesviz.experiments.claims import Claim, Here, Said
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import ANSWERS
from gatesviz.ui.taking import offer, table

if TYPE_CHECKING:
    from gatesviz.figures import Theme

COLUMNS = ("claim", "measured on", "group", "cell", "x", "seed or round", "value", "lower bound")
T = TypeVar("T")


@dataclass(frozen=True)
class Drawn:
    """How the runs are drawn.

    Attributes:
        y_name: what the vertical axis is.
        on: the title of the data.
        marks: what a mark is, a sentence.
        unit: what there is one mark for; "" where the values are exact.
        shares: whether the values are shares.
    """

    y_name: str
    on: str
    marks: str
    unit: str = "seed"
    shares: bool = False


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


def draw(
    asked: Claim | Here, said: Said, drawn: Drawn, identity: Hashable, script: Callable[[], str]
) -> None:
    """Draw every run, and what the reader can take home of it.

    ``identity`` is the same for the same ``said`` alone: the figure is made once for it.
    """
    from gatesviz.figures.page import to_page

    theme, chart = charts.theme(), f"claim {asked.key}"
    figure, alt = once(("figure", identity, theme), lambda: _figure(asked, said, drawn, theme))
    charts.show(figure, alt, key=chart)
    if drawn.marks:
        st.text(drawn.marks)
    offer(
        f"claim-{asked.key}",
        chart=chart,
        page=lambda: to_page(figure, title=asked.sentence, alt=alt, theme=theme),
        csv=lambda: as_csv(asked, said, drawn.on),
        script=script,
    )


def _figure(asked: Claim | Here, said: Said, drawn: Drawn, theme: "Theme") -> tuple[Any, str]:
    from gatesviz.figures import seed_dots, seed_dots_alt

    claim = asked if isinstance(asked, Claim) else None
    figure = seed_dots(
        said.points,
        x_name=claim.x_name if claim else "",
        y_name=drawn.y_name,
        y_log=bool(claim and claim.y_log),
        y_share=drawn.shares,
        kinds=[group.label for group in said.groups],
        unit=drawn.unit,
        theme=theme,
    )
    return figure, seed_dots_alt(said.points, drawn.y_name, unit=drawn.unit)


def once(identity: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` returned the first time for ``identity``; not to be changed.

    A page that follows something is drawn again and again; what has not changed is not made again.
    """
    value: T = _once(identity, make)
    return value


@st.cache_resource(max_entries=128, show_spinner=False)
def _once(identity: Hashable, _make: Callable[[], T]) -> T:
    return _make()


def as_csv(asked: Claim | Here, said: Said, on: str) -> str:
    """Return every mark as a line of a table."""
    rows = [(asked.sentence, on, p.group, p.cell, p.x, p.seed, p.y, p.bound) for p in said.points]
    return table(COLUMNS, rows)

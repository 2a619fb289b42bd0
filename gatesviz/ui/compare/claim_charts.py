"""A claim's answer, drawn: the verdict for who has guessed, a mark for each run, and the files."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from gatesviz.experiments.claims import Benchmark, Claim, Comparison, Findings
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import ANSWERS
from gatesviz.ui.downloads import offer, table
from gatesviz.ui.notices import sentence

if TYPE_CHECKING:
    from gatesviz.figures import Theme

COLUMNS = (
    "claim", "measured on", "setting", "group", "cell", "x", "seed or round", "value",
    "lower bound",
)  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True)
class Drawn:
    """How the runs are drawn.

    Attributes:
        y_name: what the vertical axis is.
        on: the title of the data.
        setting: exactly what was measured, in words.
        marks: what a mark is, a sentence.
        unit: what there is one mark for; "" where the values are exact.
        shares: whether the values are shares.
    """

    y_name: str
    on: str
    setting: str
    marks: str
    unit: str = "seed"
    shares: bool = False


def judge(said: Findings, guess: str | None, *, partial: bool) -> bool:
    """Draw the verdict for who has guessed; who has not is told that it comes.

    Returns whether the answer may be seen.
    """
    if guess not in ANSWERS:
        st.write("Guess above: what was measured stands here then.")
        return False
    if not said.comparisons[0].interval.n:
        st.write("There is nothing to compare yet.")
        return True
    st.header(compare_guess(said, guess, partial=partial), anchor=False)
    st.text(said.verdict.sentence)
    if said.comparisons[1:]:
        with st.expander("The same asked of others"):
            for one in said.comparisons[1:]:
                st.text(asked(one))
    return True


def asked(one: Comparison) -> str:
    """Return a comparison's answer and its numbers."""
    return f"{sentence(one.verdict.answer)} {one.verdict.sentence}"


def compare_guess(said: Findings, guess: str, *, partial: bool) -> str:
    """Return how the guess compares with what was measured, or with a ``partial`` result."""
    verdict = "As you said" if guess == said.answer else f"You said {guess}"
    return f"{verdict}. Measured{' so far' if partial else ''}: **{said.answer}**."


def draw(
    what: Claim | Benchmark,
    said: Findings,
    drawn: Drawn,
    identity: Hashable,
    script: Callable[[], str],
) -> None:
    """Draw every run, and what the reader can take home of it.

    ``identity`` is the same for the same ``said`` alone: the figure is made once for it.
    """
    theme = charts.theme()
    figure, alt = once(("figure", identity, theme), lambda: _figure(what, said, drawn, theme))
    show(
        figure,
        alt,
        chart=f"claim {what.key}",
        title=headed(what, said),
        marks=drawn.marks,
        told=" ".join(part for part in (alt, drawn.setting, drawn.marks) if part),
        csv=lambda: as_csv(what, said, drawn),
        script=script,
    )


def show(
    figure: Any,
    alt: str,
    *,
    chart: str,
    title: str,
    csv: Callable[[], str],
    script: Callable[[], str],
    marks: str = "",
    told: str = "",
) -> None:
    """Draw a figure, what its ``marks`` are, and what the reader can take home of it.

    ``chart`` is its key and, with dashes, the name of the files; ``title`` and ``told``, which is
    ``alt`` unless given, stand on its page.
    """
    from gatesviz.figures.page import to_page

    theme = charts.theme()
    charts.show(figure, alt, key=chart)
    if marks:
        st.text(marks)
    offer(
        chart.replace(" ", "-"),
        chart=chart,
        page=lambda: to_page(figure, title=title, alt=told or alt, theme=theme),
        csv=csv,
        script=script,
    )


def _figure(
    what: Claim | Benchmark, said: Findings, drawn: Drawn, theme: "Theme"
) -> tuple[Any, str]:
    from gatesviz.figures import seed_dots, seed_dots_alt

    claim = what if isinstance(what, Claim) else None
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


def headed(what: Claim | Benchmark, said: Findings) -> str:
    """Return a title: the claim, and what became of it."""
    return f"“{what.sentence}” Measured: {said.answer}."


def as_csv(what: Claim | Benchmark, said: Findings, drawn: Drawn) -> str:
    """Return every mark as a line of a table."""
    same = (what.sentence, drawn.on, drawn.setting)
    rows = [(*same, p.group, p.cell, p.x, p.seed, p.y, p.bound) for p in said.points]
    return table(COLUMNS, rows)

"""The result of a claim: the answer after a guess, a mark for each run, and the downloads."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from gatesviz.experiments.claims import Benchmark, Claim, Comparison, Findings
from gatesviz.ui import charts
from gatesviz.ui.compare.parameters import ANSWERS, CLAIM_GUESS
from gatesviz.ui.downloads import offer, table
from gatesviz.ui.guesses import ask_first, tell_right, with_verdict

if TYPE_CHECKING:
    from gatesviz.figures import Theme

COLUMNS = (
    "claim", "measured on", "setting", "group", "cell", "x", "seed or round", "value",
    "lower bound",
)  # fmt: skip
BRACKETS = "In brackets: the 95 % interval, where the true number likely is."
T = TypeVar("T")


@dataclass(frozen=True)
class ChartText:
    """The words of a chart of runs.

    Attributes:
        y_name: name of the vertical axis.
        data: title of the task or data.
        setting: the exact setting of the measurement, in words.
        marks: what a mark means, a sentence.
        unit: "seed" or "round", the meaning of one mark; "" where the values are exact.
        shares: whether the values are shares.
    """

    y_name: str
    data: str
    setting: str
    marks: str
    unit: str = "seed"
    shares: bool = False


def show_answer(findings: Findings, guess: str | None, *, partial: bool, on: str = "") -> bool:
    """Draw the answer once there is a guess; return whether the results may be seen.

    ``on`` says what the answer is limited to, such as "on this task".
    """
    if guess not in ANSWERS:
        st.write(ask_first())
        return False
    if not findings.comparisons[0].interval.n:
        st.write("Nothing to compare yet.")
        return True
    st.header(compare_guess(findings, guess, partial=partial, on=on), anchor=False)
    tell_right(CLAIM_GUESS.key, None if partial else findings.answer)
    st.text(findings.verdict.sentence)
    if not findings.comparisons[0].interval.note:
        st.caption(BRACKETS)
    if findings.comparisons[1:]:
        with st.expander("The same comparison for other cells and settings"):
            for one in findings.comparisons[1:]:
                st.text(describe_comparison(one))
    return True


def describe_comparison(one: Comparison) -> str:
    """Return the numbers of a comparison. Its question isn't on the page, so no yes or no is."""
    return one.verdict.sentence


def compare_guess(findings: Findings, guess: str, *, partial: bool, on: str = "") -> str:
    """Return how the guess compares with the answer; ``partial`` while runs are missing."""
    verdict = "You guessed right" if guess == findings.answer else f"You guessed {guess}"
    limits = f"{f' {on}' if on else ''}{' so far' if partial else ''}"
    return with_verdict(f"{verdict}.", f"Measured{limits}: **{findings.answer}**.")


def draw_claim(
    claim: Claim | Benchmark,
    findings: Findings,
    words: ChartText,
    identity: Hashable,
    script: Callable[[], str],
) -> None:
    """Draw a mark for every run, and the downloads.

    The figure is made once for each ``identity``, so equal identities need equal ``findings``.
    """
    theme = charts.theme()
    figure, alt = cached(
        ("figure", identity, theme), lambda: _figure(claim, findings, words, theme)
    )
    draw_with_downloads(
        figure,
        alt,
        chart=f"claim {claim.key}",
        title=chart_title(claim, findings),
        marks=words.marks,
        description=" ".join(part for part in (alt, words.setting, words.marks) if part),
        csv=lambda: as_csv(claim, findings, words),
        script=script,
    )


def draw_with_downloads(
    figure: Any,
    alt: str,
    *,
    chart: str,
    title: str,
    csv: Callable[[], str],
    script: Callable[[], str],
    marks: str = "",
    description: str = "",
) -> None:
    """Draw a figure and its downloads.

    Args:
        figure: the Plotly figure.
        alt: a sentence that says what it shows.
        chart: its key and, with dashes, the name of the files.
        title: the title of its HTML file.
        csv: makes the CSV file.
        script: makes the Python file.
        marks: a sentence on what a mark means, drawn below the figure.
        description: the text of the HTML file; ``alt`` unless given.
    """
    from gatesviz.figures.page import to_page

    theme = charts.theme()
    charts.show(figure, alt, key=chart)
    if marks:
        st.text(marks)
    offer(
        chart.replace(" ", "-"),
        chart=chart,
        page=lambda: to_page(figure, title=title, alt=description or alt, theme=theme),
        csv=csv,
        script=script,
    )


def _figure(
    claim: Claim | Benchmark, findings: Findings, words: ChartText, theme: "Theme"
) -> tuple[Any, str]:
    from gatesviz.figures import seed_dots, seed_dots_alt

    trained = claim if isinstance(claim, Claim) else None
    figure = seed_dots(
        findings.points,
        x_name=trained.x_name if trained else "",
        y_name=words.y_name,
        y_log=bool(trained and trained.y_log),
        y_share=words.shares,
        kinds=[group.label for group in findings.groups],
        unit=words.unit,
        theme=theme,
    )
    return figure, seed_dots_alt(findings.points, words.y_name, unit=words.unit)


def cached(identity: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` returned the first time for ``identity``. Do not change it.

    A page that follows runs is redrawn every second, and this saves making the same figure again.
    """
    value: T = _cached(identity, make)
    return value


@st.cache_resource(max_entries=128, show_spinner=False)
def _cached(identity: Hashable, _make: Callable[[], T]) -> T:
    return _make()


def chart_title(claim: Claim | Benchmark, findings: Findings) -> str:
    """Return a title: the claim and the measured answer."""
    return f"“{claim.sentence}” Measured: {findings.answer}."


def as_csv(claim: Claim | Benchmark, findings: Findings, words: ChartText) -> str:
    """Return every mark as a line of CSV."""
    same = (claim.sentence, words.data, words.setting)
    rows = [(*same, p.group, p.cell, p.x, p.seed, p.y, p.bound) for p in findings.points]
    return table(COLUMNS, rows)

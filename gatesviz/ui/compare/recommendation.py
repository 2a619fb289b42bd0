"""The result of a search: the recommendation, each cell's setting, and the evidence."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments.scripts import search_script
from gatesviz.experiments.search import Advice, Choice, SearchProgress
from gatesviz.experiments.statistics import Interval
from gatesviz.training import OwnData
from gatesviz.ui import charts
from gatesviz.ui.compare.claim_charts import cached, describe_comparison, draw_with_downloads
from gatesviz.ui.compare.parameters import BEST_GUESS, NONE
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.downloads import table
from gatesviz.ui.guesses import ask_first, tell_right, with_verdict
from gatesviz.ui.user_data import offer_own

if TYPE_CHECKING:
    from gatesviz.figures import Theme

MARKS = (
    "One mark is one seed on the held-out part. The bar is the mean of the seeds with its 95 %"
    " interval. The interval allows for other seeds and for another, similar held-out part. The"
    " dashed line is the best baseline, a forecast that needs no network."
)
CHART = "which cell"
INTERVAL = "95 % interval"
AGAINST = "Better than the reference by (95 % interval)"
COLUMNS = (
    "stage", "cell", "units", "learning rate", "seed", "steps", "updates", "score", "metric",
)  # fmt: skip


def draw_advice(data: OwnData, minutes: int, progress: SearchProgress, guess: str | None) -> None:
    """Draw the recommendation and its evidence, or the chosen settings while the test runs."""
    if not progress.choices and not progress.partial:
        return
    if guess not in (*NAMES, NONE):
        st.write(ask_first())
        return
    advice = progress.advice
    if advice is None:
        if progress.partial:
            st.text(progress.partial.sentences[0])
        if progress.choices:
            st.table(setting_rows(data, progress), hide_index=True)
        return
    st.header(compare_guess(advice, guess), anchor=False)
    tell_right(BEST_GUESS.key, None if advice.alike else recommended(advice))
    for sentence in (*advice.sentences, *progress.searched):
        st.text(sentence)
    st.table(compared(data, advice), hide_index=True)
    if advice.points:
        _draw_points(data, minutes, progress, advice)
    with st.expander("See the chosen settings and every comparison"):
        st.table(setting_rows(data, progress), hide_index=True)
        for one in advice.comparisons:
            st.text(describe_comparison(one))
    last = max(progress.results.values(), key=lambda result: result.measured)
    st.text(
        f"{len(progress.results)} runs. The last one was measured on {last.when} on {last.machine}."
        " The results and a hash of the data are saved on disk, but not the data."
    )


def setting_rows(data: OwnData, progress: SearchProgress) -> list[dict[str, str]]:
    """Return a table row for each cell whose search is finished."""
    seconds = progress.known.seconds if progress.known else {}
    return [
        {
            "Cell": CELLS[cell].name,
            "Best of": f"{choice.settings} settings",
            "Units": f"{choice.hidden_size}",
            "Learning rate": f"{choice.learning_rate:g}",
            "Updates": f"{choice.updates:,}",
            f"Score in the search ({data.task.better} is better)": f"{choice.score:.3g}",
            "Time of an update, with scoring": _milliseconds(seconds, choice),
        }
        for cell, choice in progress.choices.items()
    ]


def compared(data: OwnData, advice: Advice) -> list[dict[str, str]]:
    """Return a table row for each cell and each forecast without a network, the best first."""
    test = advice.test
    score = "RMSE (standard deviations)" if data.task.vocabulary is None else "Bits per character"
    without_network = [
        (value, {"Forecast": name[:1].upper() + name[1:], score: f"{value:.3g}", INTERVAL: "",
                 AGAINST: "reference" if name == test.best[0] else ""})
        for name, value in test.baselines.items()
    ]  # fmt: skip
    cells = [
        (found.estimate, {"Forecast": CELLS[cell].name, score: f"{found.estimate:.3g}",
                          INTERVAL: _ends(found), AGAINST: _ends(test.against[cell])})
        for cell, found in test.scores.items()
    ]  # fmt: skip
    return [row for _, row in sorted([*without_network, *cells], key=lambda pair: pair[0])]


def _ends(found: Interval) -> str:
    return f"{found.low:.3g} to {found.high:.3g}"


def _milliseconds(seconds: Mapping[tuple[str, int], float], choice: Choice) -> str:
    return f"{1_000 * seconds[choice.cell, choice.hidden_size]:.2g} ms"


def recommended(advice: Advice) -> str:
    """Return the recommended cell as the question names it."""
    return next((name for name, cell in NAMES.items() if cell == advice.cell), NONE)


def compare_guess(advice: Advice, guess: str) -> str:
    """Return how the guess compares with the recommendation."""
    best = recommended(advice)
    if guess == best:
        return with_verdict("You guessed right.", f"Measured: **{best}**.")
    if NAMES.get(guess) in advice.alike:
        verdict = f"You guessed {guess}. The test can't separate it from the best one."
        return with_verdict(verdict, f"Measured: **{best}**.")
    return with_verdict(f"You guessed {guess}.", f"Measured: **{best}**.")


def _draw_points(data: OwnData, minutes: int, progress: SearchProgress, advice: Advice) -> None:
    theme, measured = charts.theme(), max(r.measured for r in progress.results.values())
    points = tuple((point.cell, point.seed) for point in advice.points)
    identity = (CHART, data.digest, data.title, minutes, points, measured, theme)
    figure, alt = cached(identity, lambda: _figure(data, progress, advice, theme))
    draw_with_downloads(
        figure,
        alt,
        chart=CHART,
        title="Which cell?",
        marks=MARKS,
        csv=lambda: as_csv(progress),
        script=lambda: search_script(data, minutes, progress.plan),
    )
    offer_own(data)


def _figure(
    data: OwnData, progress: SearchProgress, advice: Advice, theme: "Theme"
) -> tuple[Any, str]:
    from gatesviz.figures import seed_dots, seed_dots_alt

    name, lines = f"{data.task.metric}, {data.task.better} is better", dict([advice.reference])
    kinds = [CELLS[cell].name for cell in progress.choices]
    bars = {CELLS[cell].name: found for cell, found in advice.test.scores.items()}
    figure = seed_dots(
        advice.points, y_name=name, kinds=kinds, lines=lines, theme=theme, intervals=bars
    )
    return figure, seed_dots_alt(advice.points, name, lines, intervals=bars)


def as_csv(progress: SearchProgress) -> str:
    """Return every score as a line of CSV.

    Stages "search" and "test" are scores on windows, taken during training. Stage "held-out" is
    the score of a forecast of the whole held-out part, with or without a network.
    """
    lines: list[tuple[object, ...]] = [
        (
            "search" if trial.spec.seed == 0 else "test", trial.spec.cell, trial.spec.hidden_size,
            trial.spec.learning_rate, trial.spec.seed, trial.spec.length, int(updates),
            float(score), trial.spec.learned.metric,
        )
        for trial, result in progress.results.items()
        for updates, score in zip(result.scored, result.scores, strict=True)
    ]  # fmt: skip
    if advice := progress.advice:
        metric = next(iter(progress.results)).spec.learned.metric
        steps = advice.test.steps
        for point in advice.points:
            c = progress.choices[point.cell]
            setting = (c.hidden_size, c.learning_rate, point.seed, steps, c.updates)
            lines.append(("held-out", point.cell, *setting, point.y, metric))
        lines += [
            ("held-out", name, "", "", "", steps, "", score, metric)
            for name, score in advice.test.baselines.items()
        ]
    return table(COLUMNS, lines)

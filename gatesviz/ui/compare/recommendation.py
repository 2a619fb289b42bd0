"""What a search came to: the choice of each cell, the recommendation, and its evidence."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments.scripts import search_script
from gatesviz.experiments.search import Advice, Choice, SearchProgress
from gatesviz.experiments.statistics import Interval
from gatesviz.training import OwnData
from gatesviz.ui import charts
from gatesviz.ui.compare.claim_charts import asked, once, show
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.downloads import table
from gatesviz.ui.user_data import offer_own

if TYPE_CHECKING:
    from gatesviz.figures import Theme

MARKS = (
    "One mark is one seed on the held-out part. The bar is the mean of the seeds with its 95 %"
    " interval, which covers other seeds and another held-out part like this one. Dashed: the best"
    " forecast that needs no network."
)
CHART = "which cell"
INTERVAL = "95 % interval"
AGAINST = "Gain over the reference (95 % interval)"
COLUMNS = (
    "stage", "cell", "units", "learning rate", "seed", "steps", "updates", "score", "metric",
)  # fmt: skip


def draw_advice(data: OwnData, minutes: int, standing: SearchProgress, guess: str | None) -> None:
    """Draw the settings that were chosen, and the test as far as it is."""
    if not standing.choices:
        return
    if guess is None or guess not in NAMES:
        st.write("Make a guess to see the result.")
        return
    advice = standing.advice
    if advice is None:
        st.table(rows(data, standing), hide_index=True)
        return
    st.header(compare_guess(advice, guess), anchor=False)
    for sentence in (*advice.sentences, *standing.searched):
        st.text(sentence)
    st.table(compared(data, advice), hide_index=True)
    if advice.points:
        _draw_points(data, minutes, standing, advice)
    with st.expander("The settings that the search chose, and every comparison"):
        st.table(rows(data, standing), hide_index=True)
        for one in advice.comparisons:
            st.text(asked(one))
    last = max(standing.results.values(), key=lambda result: result.measured)
    st.text(
        f"{len(standing.results)} runs, the last one measured {last.when} on {last.machine}."
        " On disk are the results and a hash of the data, not the data itself."
    )


def rows(data: OwnData, standing: SearchProgress) -> list[dict[str, str]]:
    """Return the table, a row for each cell whose search is finished."""
    seconds = standing.known.seconds if standing.known else {}
    return [
        {
            "Cell": CELLS[cell].name,
            "Best of": f"{choice.settings} settings",
            "Units": f"{choice.hidden_size}",
            "Learning rate": f"{choice.learning_rate:g}",
            "Updates": f"{choice.updates:,}",
            f"Score in the search ({data.task.better} is better)": f"{choice.score:.3g}",
            "An update and its share of a score": _milliseconds(seconds, choice),
        }
        for cell, choice in standing.choices.items()
    ]


def compared(data: OwnData, advice: Advice) -> list[dict[str, str]]:
    """Return the test as a table, the best score first: forecasts without a network, then cells."""
    test = advice.test
    score = "RMSE (standard deviations)" if data.task.vocabulary is None else "Bits per character"
    plain = [
        (worth, {"Forecast": name[:1].upper() + name[1:], score: f"{worth:.3g}", INTERVAL: "",
                 AGAINST: "reference" if name == test.best[0] else ""})
        for name, worth in test.baselines.items()
    ]  # fmt: skip
    cells = [
        (found.estimate, {"Forecast": CELLS[cell].name, score: f"{found.estimate:.3g}",
                          INTERVAL: _ends(found), AGAINST: _ends(test.against[cell])})
        for cell, found in test.scores.items()
    ]  # fmt: skip
    return [row for _, row in sorted([*plain, *cells], key=lambda pair: pair[0])]


def _ends(found: Interval) -> str:
    return f"{found.low:.3g} to {found.high:.3g}"


def _milliseconds(seconds: Mapping[tuple[str, int], float], choice: Choice) -> str:
    return f"{1_000 * seconds[choice.cell, choice.hidden_size]:.2g} ms"


def compare_guess(advice: Advice, guess: str) -> str:
    """Return how the guess compares with the recommendation."""
    if advice.cell is None:
        return f"You said {guess}. Measured: **none of them**."
    name = next(name for name, cell in NAMES.items() if cell == advice.cell)
    if NAMES[guess] in advice.alike:
        return f"You said {guess}, which the test can't separate from the measured **{name}**."
    verdict = "As you said" if guess == name else f"You said {guess}"
    return f"{verdict}. Measured: **{name}**."


def _draw_points(data: OwnData, minutes: int, standing: SearchProgress, advice: Advice) -> None:
    theme, measured = charts.theme(), max(r.measured for r in standing.results.values())
    made = tuple((point.cell, point.seed) for point in advice.points)
    identity = (CHART, data.digest, data.title, minutes, made, measured, theme)
    figure, alt = once(identity, lambda: _figure(data, standing, advice, theme))
    show(
        figure,
        alt,
        chart=CHART,
        title="Which cell?",
        marks=MARKS,
        csv=lambda: as_csv(standing),
        script=lambda: search_script(data, minutes, standing.plan),
    )
    offer_own(data)


def _figure(
    data: OwnData, standing: SearchProgress, advice: Advice, theme: "Theme"
) -> tuple[Any, str]:
    from gatesviz.figures import seed_dots, seed_dots_alt

    name, lines = f"{data.task.metric}, {data.task.better} is better", dict([advice.reference])
    kinds = [CELLS[cell].name for cell in standing.choices]
    bars = {CELLS[cell].name: found for cell, found in advice.test.scores.items()}
    figure = seed_dots(
        advice.points, y_name=name, kinds=kinds, lines=lines, theme=theme, intervals=bars
    )
    return figure, seed_dots_alt(advice.points, name, lines, intervals=bars)


def as_csv(standing: SearchProgress) -> str:
    """Return every score as a line of a table.

    Stages "search" and "test" are scores on windows, taken while a run was trained. "held-out" is
    the score of a whole forecast of the held-out part, by a model or by a forecast without one.
    """
    told: list[tuple[object, ...]] = [
        (
            "search" if trial.spec.seed == 0 else "test", trial.spec.cell, trial.spec.hidden_size,
            trial.spec.learning_rate, trial.spec.seed, trial.spec.length, int(updates),
            float(score), trial.spec.learned.metric,
        )
        for trial, result in standing.results.items()
        for updates, score in zip(result.scored, result.scores, strict=True)
    ]  # fmt: skip
    if advice := standing.advice:
        metric = next(iter(standing.results)).spec.learned.metric
        steps = advice.test.steps
        for point in advice.points:
            c = standing.choices[point.cell]
            setting = (c.hidden_size, c.learning_rate, point.seed, steps, c.updates)
            told.append(("held-out", point.cell, *setting, point.y, metric))
        told += [
            ("held-out", name, "", "", "", steps, "", score, metric)
            for name, score in advice.test.baselines.items()
        ]
    return table(COLUMNS, told)

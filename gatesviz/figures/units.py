"""Units: how well each tracks a property, one unit over a sequence, and what breaks without it."""

import math
from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from gatesviz.detective import Ablation, Tracked
from gatesviz.detective.labels import LONGEST, is_missing, label_name, label_text
from gatesviz.figures.style import (
    INK,
    Theme,
    compact,
    curve_colour,
    empty,
    steps_axis,
    written,
)
from gatesviz.sequences.characters import shown

BARS = 64
"""Units that are drawn at most, the best ones."""
NAMED = 6
"""Units whose number is written: as many of the best ones as of the most harmful losses."""
NEAR_ALONG, NEAR_UP = 0.12, 0.08
"""Distances of two dots, as shares of the axes, whose numbers would overprint on a phone."""
CLASSES = 12
"""Different labels that get a row of their own."""


def unit_bars(ranked: Sequence[Tracked], *, theme: Theme = "light") -> go.Figure:
    """Return a bar for each unit, the one that tracks best first; the axis goes from 0 to 1."""
    figure, best = empty(theme, 300), ranked[:BARS]
    figure.add_bar(
        x=[str(each.unit) for each in best],
        y=compact([0 if math.isnan(each.measure) else each.measure for each in best]),
        marker={"color": curve_colour(best[0].letter)},
        text=[str(each) for each in best],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(title_text="unit, best first", type="category")
    figure.update_yaxes(title_text=f"{best[0].name} of {best[0].letter}", range=[0, 1.03])
    figure.update_layout(margin={"t": 16})
    return figure


def unit_bars_alt(ranked: Sequence[Tracked]) -> str:
    """Return the content of `unit_bars` in words."""
    parts = [f"unit {each.unit} {_measured(each)}" for each in ranked[:BARS]]
    return f"How well each unit tracks the property, as {ranked[0].name}: {', '.join(parts)}."


def unit_lane(
    values: ArrayLike,
    labels: Sequence[object],
    *,
    unit: int,
    letter: str,
    name: str,
    steps: Sequence[str] | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """Return the line of one unit over a sequence, and below it the label of each step.

    Args:
        values: (T,), the unit's value after each step.
        labels: T numbers, booleans or texts; None or NaN at a step without a label.
        unit, letter: what is drawn.
        name: of the property.
        steps: T labels of the steps; their numbers if None.
        theme: of the page.
    """
    line: NDArray[np.float64] = np.asarray(values, np.float64)
    figure, count = empty(theme, 340), len(line)
    at = [f"step {t}{f' ({_plain(steps[t])})' if steps else ''}" for t in range(count)]
    figure.add_scatter(
        x=list(range(count)),
        y=compact(line),
        mode="lines+markers",
        line={"color": curve_colour(letter), "width": 2.5, "shape": "hvh"},
        marker={"size": 5},
        text=[f"{at[t]}: {letter} = {written(float(v))}" for t, v in enumerate(line)],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    axis, places = _label_axis(labels)
    figure.add_scatter(
        x=list(range(count)),
        y=places,
        yaxis="y2",
        mode="lines+markers" if "tickvals" not in axis else "markers",
        line={"color": INK[theme], "width": 2, "shape": "hvh"},
        marker={"symbol": "square", "size": 7, "color": INK[theme]},
        text=[f"{at[t]}: {_plain(label)}" for t, label in enumerate(map(label_text, labels))],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(
        xaxis=steps_axis(steps, count) | {"anchor": "y2"},
        yaxis={"title": {"text": f"{letter} of unit {unit}"}, "domain": [0.42, 1]},
        yaxis2=axis | {"title": {"text": _folded(name)}, "domain": [0, 0.34], "automargin": True},
        margin={"t": 16},
    )
    return figure


def unit_lane_alt(
    values: ArrayLike, labels: Sequence[object], *, unit: int, letter: str, name: str
) -> str:
    """Return the content of `unit_lane` in words."""
    line: NDArray[np.float64] = np.asarray(values, np.float64)
    low, high = written(float(line.min())), written(float(line.max()))
    given = [label_text(label) for label in labels if not is_missing(label)]
    numbers: list[Any] = [one for one in labels if not is_missing(one) and _is_number(one)]
    if len(given) > 1 and len(numbers) == len(given):
        below = f", from {label_text(min(numbers))} to {label_text(max(numbers))}"
    else:
        below = f": {', '.join(dict.fromkeys(given[:40]))}"
    return (
        f"{letter} of unit {unit} over {len(line)} steps, from {low} to {high}. Below it,"
        f" {name}{below}."
    )


def _is_number(label: Any) -> bool:
    """Return whether a label is a number that can be ordered, and no yes or no."""
    return isinstance(label, int | float | np.number) and not isinstance(label, bool)


def unit_harm(
    ranked: Sequence[Tracked], ablated: Sequence[Ablation], *, theme: Theme = "light"
) -> go.Figure:
    """Return a dot for each unit: how well it tracks the property, and the harm without it.

    The bars are 95 % bootstrap intervals. Upwards is worse for the model.
    """
    figure, tracked = empty(theme, 380), {each.unit: each for each in ranked}
    shown = [each for each in ablated if each.unit in tracked]
    share = 100 if ablated[0].unit_of_score == "%" else 1
    harms = [each.harm for each in shown]
    named = _named(ranked, shown)
    ends = [(h.high - h.estimate, h.estimate - h.low) if h.known else (0.0, 0.0) for h in harms]
    figure.add_scatter(
        x=compact([_place(tracked[each.unit]) for each in shown]),
        y=compact([share * harm.estimate for harm in harms]),
        mode="markers+text",
        marker={"color": curve_colour(ranked[0].letter), "size": 10},
        error_y={
            "array": compact([share * high for high, _ in ends]),
            "arrayminus": compact([share * low for _, low in ends]),
            "color": INK[theme],
        },
        text=[str(each.unit) if each.unit in named else "" for each in shown],
        textposition="middle right",
        customdata=[f"{tracked[each.unit]}<br>{each}" for each in shown],
        hovertemplate="%{customdata}<extra></extra>",
    )
    points = "percentage points of " if share == 100 else ""
    scale = f"how much worse without the unit, {points}{ablated[0].metric}"
    figure.add_hline(0, line={"color": INK[theme], "dash": "dash", "width": 1.5})
    figure.update_xaxes(title_text=f"tracks the property, {ranked[0].name}", range=[-0.03, 1.06])
    figure.update_yaxes(title_text="<br>".join(wrap(scale, 24)))
    figure.update_layout(margin={"t": 16})
    return figure


def _named(ranked: Sequence[Tracked], shown: Sequence[Ablation]) -> set[int]:
    """Return the units that get their number: the best ones, where no other number is near."""
    places = {each.unit: _place(each) for each in ranked}
    order = sorted(shown, key=lambda each: -each.harm.estimate)
    heights = {each.unit: each.harm.estimate for each in shown}
    span = max(heights.values(), default=0.0) - min(heights.values(), default=0.0)
    named: list[int] = []
    for unit in (*(each.unit for each in ranked[:NAMED]), *(each.unit for each in order[:NAMED])):
        if unit in heights and not any(
            abs(places[unit] - places[other]) <= NEAR_ALONG
            and abs(heights[unit] - heights[other]) <= NEAR_UP * span
            for other in named
        ):
            named.append(unit)
    return set(named)


def unit_harm_alt(ranked: Sequence[Tracked], ablated: Sequence[Ablation]) -> str:
    """Return the content of `unit_harm` in words."""
    tracked = {each.unit: each for each in ranked}
    parts = [
        f"unit {each.unit}: {_measured(tracked[each.unit])}, {each.harm_text}"
        for each in ablated
        if each.unit in tracked
    ]
    return (
        f"How well each unit tracks the property, and what is lost without it. {'; '.join(parts)}."
    )


def _place(each: Tracked) -> float:
    return 0.0 if math.isnan(each.measure) else each.measure


def _measured(each: Tracked) -> str:
    return "has no measure" if math.isnan(each.measure) else f"{each.measure:.2f}"


def _label_axis(labels: Sequence[object]) -> tuple[dict[str, Any], list[float | None]]:
    """Return the settings of the labels' axis, and the height of each label; None for none.

    Numbers keep their scale. Up to `CLASSES` other labels get a row each.
    """
    given = [label for label in labels if not is_missing(label)]
    numbers = all(isinstance(each, float | np.floating) for each in given)
    if numbers:
        heights = [None if is_missing(each) else float(each) for each in labels]  # type: ignore[arg-type]
        return {}, heights
    names = sorted({label_name(each) for each in given})
    rows = {name: float(k) for k, name in enumerate(names)}
    every = max(1, -(-len(names) // CLASSES))
    axis = {
        "tickvals": [*rows.values()][::every],
        "ticktext": [_plain(shown(name, LONGEST)) for name in names][::every],
        "range": [-0.6, len(names) - 0.4],
    }
    return axis, [None if is_missing(each) else rows[label_name(each)] for each in labels]


def _plain(text: str) -> str:
    """Return a label without what Plotly would read as markup, cut short."""
    cut = text if len(text) <= 12 else f"{text[:12]}…"
    return escape(cut).replace("$", "&#36;")


def _folded(name: str) -> str:
    """Return the name of a property in lines that fit next to a low axis, without markup."""
    return "<br>".join(map(_plain, wrap(name, 12)[:4]))

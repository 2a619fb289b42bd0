"""The memory-horizon map: reach, theory and success of every cell at every length."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.experiments.horizon import UPDATES, HorizonMap
from gatesviz.experiments.training_reach import Course
from gatesviz.figures.style import (
    INK,
    SCALE,
    Theme,
    at_least,
    compact,
    curve_colour,
    decades,
    empty,
    power,
    top_of,
    written,
)

FLOOR = 1e-12
INK_CHANGES = 0.55  # of the scale from its bright end, where black and white are equally readable
LEARNT, NOT_LEARNT, SOME = "✓", "✗", "◐"


def horizon_squares(known: HorizonMap, *, theme: Theme = "light") -> go.Figure:
    """Return the map: the colour is the reach, the text adds success and theory.

    Each square has up to three short lines, which fit on a phone: a mark with the number of
    updates, the reach, and what the forget bias alone predicts. Hovering shows them in words.
    Colours run from 10⁻¹², or less, to 1, whatever the data.
    """
    figure = empty(theme, height=200 + 72 * len(known.rows))
    low = round(math.log10(FLOOR))
    finite = np.where(np.isfinite(known.reach), known.reach, np.nan)
    shown = np.log10(np.clip(finite, FLOOR, 1.0))  # an overflow leaves its square empty
    figure.add_heatmap(
        x=list(range(len(known.lengths))),
        y=list(range(len(known.rows))),
        z=compact(shown),
        zmin=low,
        zmax=0,
        colorscale=SCALE,
        xgap=3,
        ygap=3,
        hoverinfo="skip",
        colorbar=_bar(low),
    )
    figure.add_trace(_words(known, shown > INK_CHANGES * low))
    figure.update_xaxes(side="top", **_labels(known.lengths))  # in view with the first row
    figure.add_annotation(  # Plotly writes a title over the labels when rows are added
        text="steps in the sequence", x=0.5, y=1, xref="paper", yref="paper", yshift=52,
        showarrow=False, font={"size": 19},
    )  # fmt: skip
    figure.update_layout(margin={"t": 60})
    figure.update_yaxes(autorange="reversed", **_labels(known.rows))
    return figure


def horizon_squares_alt(known: HorizonMap) -> str:
    """Return the content of `horizon_squares` in words, row by row."""
    rows = []
    for r, row in enumerate(known.rows):
        lengths = enumerate(known.lengths)
        parts = (
            f"{T} steps: {describe_reach(known, r, k)}, {describe_success(known, r, k)}"
            for k, T in lengths
        )
        rows.append(f"{row}: {'; '.join(parts)}")
    return (
        "For each model: the reach before training, and whether training succeeded. "
        + ". ".join(rows)
        + "."
    )


def describe_reach(known: HorizonMap, row: int, length: int) -> str:
    """Return the reach of one square in words, or where the gradient overflows."""
    if (lost := int(known.overflow[row, length])) >= 0:
        return f"gradient overflows {lost} steps back"
    return f"reach {written(known.reach[row, length])}"


def describe_success(known: HorizonMap, row: int, length: int) -> str:
    """Return the result of training in one square, in words."""
    solved, tried = int(known.solved[row, length]), int(known.tried[row, length])
    if not tried:
        return "not trained yet"
    took = (
        f"after {known.updates[row, length]:,.0f} updates" if solved else f"in {UPDATES:,} updates"
    )
    if tried == 1:
        return f"learnt {took}" if solved else f"not learnt {took}"
    return f"learnt in {solved} of {tried} runs" + (f", {took}" if solved else "")


def _labels(names: Sequence[object]) -> dict[str, object]:
    """Return the settings of an axis with ``names`` at 0, 1, …; equal names stay apart."""
    labels = [str(name).replace(", ", ",<br>") for name in names]
    return {"tickvals": list(range(len(labels))), "ticktext": labels, "showgrid": False}


def _bar(low: int) -> dict[str, object]:
    """Return a horizontal colour bar below the map, which leaves the width to the squares."""
    return {
        "title": {"text": "reach before training", "side": "top"},
        "orientation": "h",
        "thickness": 14,
        "y": 0.0,
        "yanchor": "top",
        "tickvals": list(range(low, 1, 3)),
        "ticktext": [f"≤ {power(low)}", *map(power, range(low + 3, 0, 3)), "≥ 1"],
    }


def _words(known: HorizonMap, bright: NDArray[np.bool_]) -> go.Scatter:
    """Return the text of every square, black or white by the brightness of the square."""
    places = list(np.ndindex(known.reach.shape))
    return go.Scatter(
        x=[k for _, k in places],
        y=[r for r, _ in places],
        mode="text",
        text=["<br>".join(_short(known, r, k)) for r, k in places],
        customdata=[_full(known, r, k) for r, k in places],
        textfont={"size": 14, "color": ["#000000" if bright[at] else "#FFFFFF" for at in places]},
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def _short(known: HorizonMap, row: int, length: int) -> list[str]:
    """Return the lines of a square, at most 10 characters each."""
    solved, tried = int(known.solved[row, length]), int(known.tried[row, length])
    mark = NOT_LEARNT if tried else "…"
    if solved:
        mark = LEARNT if solved == tried else f"{SOME} {solved}/{tried}"
        mark = f"{mark} {known.updates[row, length]:,.0f}"
    lines = [mark, "overflow"]
    if known.overflow[row, length] < 0:
        lines[1] = written(known.reach[row, length])
    theory = float(known.predicted[row, length])
    return lines if math.isnan(theory) else [*lines, f"σ {written(theory)}"]


def _full(known: HorizonMap, row: int, length: int) -> str:
    parts = [describe_success(known, row, length), describe_reach(known, row, length)]
    theory = float(known.predicted[row, length])
    if not math.isnan(theory):
        parts.append(f"σ(b) alone predicts {written(theory)}")
    name, steps = known.rows[row], known.lengths[length]
    return "<br>".join([f"{name}, {steps} steps", *parts])


def reach_course(one: Course, *, theme: Theme = "light") -> go.Figure:
    """Return the reach of one run over its updates, with marks at its largest value and at the
    update that solved the task.
    """
    figure, floor = empty(theme, 380), 10.0**-18
    figure.add_scatter(
        x=compact(one.updates),
        y=at_least(one.reach, floor),
        mode="lines",
        name="reach",
        line={"color": curve_colour(one.spec.cell), "width": 3},
        text=[written(float(value)) for value in one.reach],
        hovertemplate="after update %{x}: %{text}<extra></extra>",
    )
    for name, k, symbol in (("before training", 0, "circle"), ("largest", one.peak, "diamond")):
        figure.add_scatter(
            x=compact([one.updates[k]]),
            y=at_least([one.reach[k]], floor),
            mode="markers",
            name=f"{name}: {written(float(one.reach[k]))}",
            marker={"symbol": symbol, "size": 14, "color": INK[theme]},
        )
    if one.solved_at is not None:
        line = {"color": INK[theme], "dash": "dash", "width": 2}
        label = {"text": "solved", "xanchor": "right", "y": 0, "yanchor": "bottom"}
        figure.add_vline(one.solved_at, line=line, annotation=label)
    figure.update_yaxes(title_text="reach", **decades(floor, top_of(one.reach)))
    figure.update_xaxes(title_text="update", range=[0, 1.03 * float(one.updates[-1])])
    return figure


def reach_course_alt(one: Course) -> str:
    """Return the content of `reach_course` in words."""
    made = int(one.updates[-1])
    end = (
        f"solved the task after {one.solved_at:,} updates"
        if one.solved_at is not None
        else f"did not solve the task in {made:,} updates"
    )
    return (
        f"Reach: {written(one.fresh)} before training, at most {written(one.largest)} after update"
        f" {int(one.updates[one.peak]):,}, and {written(float(one.reach[-1]))} at the end. The run"
        f" {end}. The spectral radius of W_hh went from {one.radius[0]:.2f} to"
        f" {one.radius[-1]:.2f}."
    )

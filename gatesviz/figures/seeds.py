"""One dot for each seed, with the median and its bootstrap interval."""

from collections.abc import Mapping, Sequence
from statistics import median
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from gatesviz.cells import Cell, compared, find_cell
from gatesviz.experiments.claims import Point
from gatesviz.experiments.statistics import Interval, interval
from gatesviz.figures.style import INK, Theme, compact, decades, empty, look_of, written

APART = 0.025  # between the seeds of one cell


def seed_dots(
    points: Sequence[Point],
    *,
    x_name: str = "",
    y_name: str = "",
    y_log: bool = False,
    y_share: bool = False,
    kinds: Sequence[str] = (),
    lines: Mapping[str, float] | None = None,
    unit: str = "seed",
    theme: Theme = "light",
    intervals: Mapping[str, Interval] | None = None,
) -> go.Figure:
    """Return a dot for each run, with the median of its group and, if known, its interval.

    Args:
        points: the runs. A run that is only a lower bound is an open dot.
        x_name, y_name: the titles of the axes; without ``x_name``, groups are side by side.
        y_log: whether the vertical axis is logarithmic, from 10.
        y_share: whether the values are shares, so that the axis runs from 0 to 1.
        kinds: every `Point.group` that will come, so that the axis doesn't change with new runs.
        lines: name -> height of a dashed line, such as the score of a baseline.
        unit: what one dot stands for; "" if the values are exact and need no interval.
        theme: of the page.
        intervals: `Point.group` -> the bar to draw instead of the median; only without ``x_name``.
    """
    figure, places = empty(theme, 420), _places(points, kinds)
    for cell in _cells(points):
        # The legend looks like the first mark, which must be a filled one.
        if mine := sorted((p for p in points if p.cell == cell.key), key=lambda p: p.bound):
            figure.add_trace(_dots(mine, cell, places, unit))
            if unit:
                figure.add_trace(_bars(mine, places, theme, unit, intervals))
    figure.update_xaxes(
        title_text=x_name,
        tickvals=list(range(len(places))),
        ticktext=[f"{x:g}" if isinstance(x, float) else x.replace(", ", ",<br>") for x in places],
        range=[-0.5, len(places) - 0.5],
    )
    values = [*(point.y for point in points), *(lines or {}).values()]
    values += [end for each in (intervals or {}).values() for end in (each.low, each.high)]
    title = "<br>".join(wrap(y_name, 36))
    figure.update_yaxes(title_text=title, **_heights(values, y_log, y_share))
    for name, height in (lines or {}).items():
        figure.add_hline(
            height, line={"color": INK[theme], "dash": "dash", "width": 1.5},
            annotation={"text": name, "xanchor": "right", "font": {"size": 15}},
        )  # fmt: skip
    return figure


def seed_dots_alt(
    points: Sequence[Point],
    y_name: str,
    lines: Mapping[str, float] | None = None,
    unit: str = "seed",
    intervals: Mapping[str, Interval] | None = None,
) -> str:
    """Return the content of `seed_dots` in words."""
    parts = [
        f"{group}{'' if x is None else f' at {x:g}'}: {result}"
        for (group, x), result in _intervals(points, unit, intervals).items()
    ]
    if not unit:
        parts = [_hover_text(point, unit) for point in points]
    if bounds := sum(point.bound for point in points):
        parts.append(f"{bounds} of {len(points)} did not solve the task and count with the budget")
    parts += [f"{name}: {height:.3g}" for name, height in (lines or {}).items()]
    return f"{y_name[:1].upper()}{y_name[1:]}. {'; '.join(parts) or 'No run yet'}."


def _places(points: Sequence[Point], kinds: Sequence[str]) -> list[float | str]:
    numbers = sorted({point.x for point in points if point.x is not None})
    groups = dict.fromkeys([*kinds, *(point.group for point in points)])
    return [*numbers] if numbers else [*groups]


def _heights(values: Sequence[float], y_log: bool, y_share: bool) -> dict[str, Any]:
    """Return the settings of the vertical axis."""
    if y_log:
        return decades(10, max([1e4, *values]))
    if y_share:
        return {"range": [-0.08, 1.08]}
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.08 * (high - low) or 0.5 * abs(high) or 1.0
    return {"range": [low - room, high + room]}


def _place(point: Point, places: list[float | str]) -> float:
    if point.x is None:
        return float(places.index(point.group))
    order = [cell.key for cell in compared()]
    between = min(0.26, 0.8 / len(order))  # cells at the same value are side by side
    return places.index(point.x) + between * (order.index(point.cell) - (len(order) - 1) / 2)


def _cells(points: Sequence[Point]) -> tuple[Cell, ...]:
    """Return the cells in the order of the legend: those compared, then others with points."""
    others = (find_cell(key) for key in dict.fromkeys(point.cell for point in points))
    return (*compared(), *(cell for cell in others if not cell.compared))


def _dots(points: Sequence[Point], cell: Cell, places: list[float | str], unit: str) -> go.Scatter:
    shift = APART * median(point.seed for point in points)
    look = look_of(cell)
    return go.Scatter(
        x=compact([_place(p, places) + APART * p.seed - shift for p in points]),
        y=compact([p.y for p in points]),
        mode="markers",
        name=cell.short,
        marker={
            "color": look.colour,
            "size": 10,
            "symbol": [look.symbol + "-open" * p.bound for p in points],
        },
        text=[_hover_text(point, unit) for point in points],
        hovertemplate="%{text}<extra></extra>",
    )


def _hover_text(point: Point, unit: str) -> str:
    if not unit:
        return f"{point.group}: {point.y:,.0f}"
    more = " or more" if point.bound else ""
    return f"{point.group}, {unit} {point.seed}: {written(point.y)}{more}"


def _bars(
    points: Sequence[Point],
    places: list[float | str],
    theme: Theme,
    unit: str,
    intervals: Mapping[str, Interval] | None,
) -> go.Scatter:
    kinds = _intervals(points, unit, intervals)
    first = {(p.group, p.x): p for p in points}
    known = [f if f.known else None for f in kinds.values()]
    return go.Scatter(
        x=compact([_place(first[kind], places) for kind in kinds]),
        y=compact([f.estimate for f in kinds.values()]),
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 26, "color": INK[theme], "line": {"width": 2.5}},
        error_y={
            "array": compact([f.high - f.estimate if f else 0.0 for f in known]),
            "arrayminus": compact([f.estimate - f.low if f else 0.0 for f in known]),
            "color": INK[theme],
        },
        text=[str(f) for f in kinds.values()],
        hovertemplate=f"{'median' if intervals is None else 'mean'} %{{text}}<extra></extra>",
        showlegend=False,
    )


def _intervals(
    points: Sequence[Point], unit: str = "seed", known: Mapping[str, Interval] | None = None
) -> dict[tuple[str, float | None], Interval]:
    kinds: dict[tuple[str, float | None], list[float]] = {}
    for point in points:
        kinds.setdefault((point.group, point.x), []).append(point.y)
    if known is not None:
        return {kind: known[kind[0]] for kind in kinds}
    return {kind: interval(values, unit) for kind, values in kinds.items()}

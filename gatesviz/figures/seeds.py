"""One dot for each seed, and the interval that they allow."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go

from gatesviz.experiments.claims import Point
from gatesviz.experiments.statistics import Interval, interval
from gatesviz.figures.style import CELL_COLOURS, INK, Theme, compact, decades, empty, written

SYMBOLS = {"rnn_tanh": "square", "gru": "diamond", "lstm": "circle"}
BESIDE = {"rnn_tanh": -0.26, "gru": 0.0, "lstm": 0.26}  # cells at the same place stand apart
APART = 0.025  # seeds of one cell


def seed_dots(
    points: Sequence[Point],
    *,
    x_name: str = "",
    y_name: str = "",
    y_log: bool = False,
    kinds: Sequence[str] = (),
    theme: Theme = "light",
) -> go.Figure:
    """Return every run as a dot, with the median of its kind and, where known, its interval.

    Args:
        points: the runs; one that is only a lower bound is drawn open.
        x_name, y_name: what is on the axes; without ``x_name`` kinds stand side by side.
        y_log: whether the vertical axis is logarithmic, from 10.
        kinds: every `Point.group` there will be, so that the axis stays while runs come in.
        theme: of the page.
    """
    figure, places = empty(theme, 420), _places(points, kinds)
    for cell in SYMBOLS:
        if mine := [point for point in points if point.cell == cell]:
            figure.add_traces([_dots(mine, cell, places), _medians(mine, places, theme)])
    figure.update_xaxes(
        title_text=x_name,
        tickvals=list(range(len(places))),
        ticktext=[f"{x:g}" if isinstance(x, float) else x for x in places],
        range=[-0.5, len(places) - 0.5],
    )
    figure.update_yaxes(title_text=y_name, **_heights(points, y_log))
    return figure


def seed_dots_alt(points: Sequence[Point], y_name: str) -> str:
    """Return what `seed_dots` shows, in words."""
    told = [
        f"{group}{'' if x is None else f' at {x:g}'}: {found}"
        for (group, x), found in _intervals(points).items()
    ]
    return f"{y_name[:1].upper()}{y_name[1:]}. {'; '.join(told) or 'Nothing yet'}."


def _places(points: Sequence[Point], kinds: Sequence[str]) -> list[float | str]:
    numbers = sorted({point.x for point in points if point.x is not None})
    groups = dict.fromkeys([*kinds, *(point.group for point in points)])
    return [*numbers] if numbers else [*groups]


def _heights(points: Sequence[Point], y_log: bool) -> dict[str, Any]:
    """Return the settings of the vertical axis; shares have all of 0 to 1."""
    if y_log:
        return decades(10, max([1e4, *(point.y for point in points)]))
    within = all(0 <= point.y <= 1 for point in points)
    return {"range": [-0.08, 1.08]} if within else {}


def _place(point: Point, places: list[float | str]) -> float:
    if point.x is None:
        return float(places.index(point.group))
    return places.index(point.x) + BESIDE[point.cell]


def _dots(points: Sequence[Point], cell: str, places: list[float | str]) -> go.Scatter:
    shift = APART * median(point.seed for point in points)
    return go.Scatter(
        x=compact([_place(p, places) + APART * p.seed - shift for p in points]),
        y=compact([p.y for p in points]),
        mode="markers",
        name={"rnn_tanh": "RNN", "gru": "GRU", "lstm": "LSTM"}[cell],
        marker={
            "color": CELL_COLOURS[cell.split("_")[0]],
            "size": 10,
            "symbol": [SYMBOLS[cell] + "-open" * p.bound for p in points],
        },
        text=[f"{p.group}, seed {p.seed}: {written(p.y)}{' or more' * p.bound}" for p in points],
        hovertemplate="%{text}<extra></extra>",
    )


def _medians(points: Sequence[Point], places: list[float | str], theme: Theme) -> go.Scatter:
    kinds = _intervals(points)
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
        hovertemplate="median %{text}<extra></extra>",
        showlegend=False,
    )


def _intervals(points: Sequence[Point]) -> dict[tuple[str, float | None], Interval]:
    kinds: dict[tuple[str, float | None], list[float]] = {}
    for point in points:
        kinds.setdefault((point.group, point.x), []).append(point.y)
    return {kind: interval(values) for kind, values in kinds.items()}

"""Norms of gradients as curves over the steps of a sequence, on a logarithmic axis with a floor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    CELL_COLOURS,
    DASHES,
    INK,
    Theme,
    at_least,
    compact,
    decades,
    empty,
    top_of,
    written,
)
from gatesviz.gradients import overflow

By = Literal["step", "lag"]
FLOOR = 1e-12
OVERFLOWS = "overflows"


@dataclass(frozen=True, eq=False)
class Curve:
    """Norms of the gradient by one state of one cell.

    Attributes:
        name: as the legend shows it.
        values: (T + 1,): entry t belongs to the state after step t, entry 0 to the one before the
            first.
        colour: key of `gatesviz.figures.style.CELL_COLOURS`.
        half_life: how many steps back from the last value above 0 the norm first halves
            (`gatesviz.gradients.half_life`); None or inf draws no mark.
        dash: how many of `DASHES` to go on, so that curves differ without colour.
    """

    name: str
    values: NDArray[np.floating]
    colour: str
    half_life: float | None = None
    dash: int = 0


def flow_curves(
    curves: Sequence[Curve],
    *,
    by: By = "lag",
    theory: Sequence[Curve] = (),
    guess: NDArray[np.floating] | None = None,
    floor: float = FLOOR,
    quantity: str = "‖∂L/∂h‖",
    theme: Theme = "light",
) -> go.Figure:
    """Return measured norms, theory (dashed, thin) and a reader's guess (dotted) on one axis.

    Args:
        curves, theory: drawn in this order; a diamond marks where a norm has halved.
        by: "step": time runs to the right; "lag": steps back from the last one do.
        guess: (T + 1,) as `Curve.values`.
        floor: a power of ten; what is less, 0 included, lies on it as an open triangle.
        quantity: what is on the vertical axis.
        theme: of the page.
    """
    figure = empty(theme)
    for curve in curves:
        figure.add_trace(_line(curve, by, floor, {"width": 3, "dash": DASHES[curve.dash % 4]}))
    for curve in theory:
        figure.add_trace(_line(curve, by, floor, {"width": 1.5, "dash": "longdash"}))
    if guess is not None:
        line = {"width": 3, "dash": "dot", "color": INK[theme]}
        figure.add_trace(_line(Curve("your guess", guess, "h"), by, floor, line))
    for curve in curves:
        figure.add_traces([*_below(curve, by, floor), *_half(curve, by, floor)])
        figure.add_traces(_lost(curve, by, floor))
    all_values = [curve.values for curve in (*curves, *theory)]
    figure.update_yaxes(title_text=quantity, **decades(floor, top_of(*all_values)))
    steps = max((len(values) for values in all_values), default=2) - 1
    title = "steps back from the last one" if by == "lag" else "state after step"
    figure.update_xaxes(title_text=title, range=[-0.02 * steps, 1.02 * steps])
    return figure


def flow_curves_alt(curves: Sequence[Curve], quantity: str = "‖∂L/∂h‖") -> str:
    """Return what `flow_curves` shows, in words."""
    told = []
    for curve in curves:
        first, last = float(curve.values[0]), float(curve.values[-1])
        ends = f"{written(last)} at the end, {written(first)} at first"
        if (lost := int(overflow(curve.values))) >= 0:
            ends = f"{OVERFLOWS} {lost} steps back, at the state after step {_step(curve, lost)}"
        told.append(f"{curve.name}{_halved(curve)}: {ends}")
    return f"{quantity} over the steps, logarithmic. {'; '.join(told)}."


def _line(curve: Curve, by: By, floor: float, line: dict[str, object]) -> go.Scatter:
    return go.Scatter(
        x=_across(curve.values, by),
        y=at_least(curve.values, floor),
        name=curve.name + _halved(curve),
        mode="lines",
        line={"color": CELL_COLOURS[curve.colour], **line},
        text=[written(float(value)) for value in curve.values],
        hovertemplate=f"{curve.name}: %{{text}}<extra></extra>",
    )


def _halved(curve: Curve) -> str:
    known = curve.half_life is not None and np.isfinite(curve.half_life)
    return f", half after {curve.half_life:.3g}" if known else ""


def _below(curve: Curve, by: By, floor: float) -> list[go.Scatter]:
    """Mark the values that lie on the floor because they are less."""
    low = np.asarray(curve.values, np.float64) < floor
    if not low.any():
        return []
    symbol = {"symbol": "triangle-down-open", "size": 9, "color": CELL_COLOURS[curve.colour]}
    return [
        go.Scatter(
            x=_across(curve.values, by)[low],
            y=compact(np.full(int(low.sum()), floor)),
            mode="markers",
            marker=symbol,
            text=[written(float(value)) for value in curve.values[low]],
            hovertemplate=f"{curve.name}: %{{text}}<extra></extra>",
            showlegend=False,
        )
    ]


def _step(curve: Curve, lag: int) -> int:
    return len(curve.values) - 1 - lag


def _lost(curve: Curve, by: By, floor: float) -> list[go.Scatter]:
    """Mark, with words, where a norm is first not finite; from there on the curve has a gap."""
    lag = int(overflow(curve.values))
    if lag < 0:
        return []
    known = np.asarray(curve.values, np.float64)[_step(curve, lag) + 1 :]
    height = known[0] if len(known) else max(1.0, floor)
    return [
        go.Scatter(
            x=compact([lag if by == "lag" else _step(curve, lag)]),
            y=at_least([height], floor),
            mode="markers+text",
            marker={"symbol": "x", "size": 14, "color": CELL_COLOURS[curve.colour]},
            text=[f"{curve.name} {OVERFLOWS}"],
            textposition="bottom right" if by == "lag" else "bottom left",
            hovertemplate=f"{curve.name}: not a finite number from here on<extra></extra>",
            showlegend=False,
        )
    ]


def _half(curve: Curve, by: By, floor: float) -> list[go.Scatter]:
    """Mark where the norm has halved, counted from the last value above 0."""
    values = np.nan_to_num(np.asarray(curve.values, np.float64))
    if curve.half_life is None or not np.isfinite(curve.half_life) or not (values > 0).any():
        return []
    last = int(np.flatnonzero(values > 0)[-1])
    lag = len(values) - 1 - last + curve.half_life
    return [
        go.Scatter(
            x=compact([lag if by == "lag" else last - curve.half_life]),
            y=at_least([values[last] / 2], floor),
            mode="markers",
            marker={"symbol": "diamond", "size": 13, "color": CELL_COLOURS[curve.colour]},
            hovertemplate=f"{curve.name}{_halved(curve)} steps<extra></extra>",
            showlegend=False,
        )
    ]


def _across(values: NDArray[np.floating], by: By) -> NDArray[np.float32]:
    steps = np.arange(len(values))
    return compact(steps if by == "step" else steps[::-1])

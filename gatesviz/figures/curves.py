"""Curves of gradient norms over the steps of a sequence, on a logarithmic axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    DASHES,
    INK,
    Draft,
    LineLabel,
    Theme,
    at_least,
    compact,
    curve_colour,
    decades,
    label_margin,
    line_notes,
    top_of,
    written,
)
from gatesviz.gradients import overflow

By = Literal["step", "lag"]
FLOOR = 1e-12
OVERFLOWS = "overflows"


@dataclass(frozen=True, eq=False)
class Curve:
    """Norms of the gradient with respect to one state of one cell.

    Attributes:
        name: the label at the curve.
        values: (T + 1,): entry t belongs to the state after step t, entry 0 to the first state.
        colour: key of a cell, or letter of a state: see `curve_colour`.
        half_life: how many steps back from the last value above 0 the norm first halves
            (`gatesviz.gradients.half_life`); None or inf draws no mark.
        dash: index of the line style in `DASHES`, so that curves differ without colour.
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
    height: int = 460,
    steps: int = 1,
) -> go.Figure:
    """Return measured norms, theory (dashed, thin) and a reader's guess (dotted) on one axis.

    Each curve is labelled at its end. A diamond marks where a norm has halved.

    Args:
        curves, theory: drawn in this order.
        by: "step": time runs to the right; "lag": steps back from the last one.
        guess: (T + 1,), as `Curve.values`.
        floor: a power of ten. Smaller values, also 0, are open triangles on it.
        quantity: the title of the vertical axis.
        theme: of the page.
        height: of the figure, in pixels.
        steps: T of a figure without curves.
    """
    return flow_draft(
        curves, by=by, theory=theory, guess=guess, floor=floor, quantity=quantity, theme=theme,
        height=height, steps=steps,
    ).checked()  # fmt: skip


def flow_draft(
    curves: Sequence[Curve],
    *,
    by: By = "lag",
    theory: Sequence[Curve] = (),
    guess: NDArray[np.floating] | None = None,
    floor: float = FLOOR,
    quantity: str = "‖∂L/∂h‖",
    theme: Theme = "light",
    height: int = 460,
    steps: int = 1,
    along: str = "",
) -> Draft:
    """Return `flow_curves` as a draft, for a page that draws it often.

    ``along`` is the title of the axis of steps, if it isn't the usual one.
    """
    draft, drawn = Draft(theme, height), [*curves, *theory]
    lines = [{"width": 3, "dash": DASHES[curve.dash % 4]} for curve in curves]
    lines += [{"width": 1.5, "dash": "longdash"} for _ in theory]
    if guess is not None:
        drawn.append(Curve("your guess", guess, "h"))
        lines.append({"width": 3, "dash": "dot", "color": INK[theme]})
    for curve, line in zip(drawn, lines, strict=True):
        draft.traces.append(_line(curve, by, floor, line))
    for curve in curves:
        for marks in (_below, _half, _lost):
            draft.traces.extend(marks(curve, by, floor))
    axis = decades(floor, top_of(*(curve.values for curve in (*curves, *theory))))
    steps = max((len(curve.values) - 1 for curve in drawn), default=steps)
    title = along or ("steps back from the last one" if by == "lag" else "state after step")
    labels = [_label(curve, by, floor, line) for curve, line in zip(drawn, lines, strict=True)]
    draft.plan.update(
        yaxis={"title": {"text": quantity}, **axis},
        xaxis={"title": {"text": title}, "range": [-0.02 * steps, 1.02 * steps]},
        annotations=line_notes(labels, 1.05 * steps, axis["range"], height),
        margin=label_margin(labels),
        showlegend=False,
    )
    return draft


def flow_curves_alt(curves: Sequence[Curve], quantity: str = "‖∂L/∂h‖") -> str:
    """Return the content of `flow_curves` in words."""
    parts = []
    for curve in curves:
        first, last = float(curve.values[0]), float(curve.values[-1])
        ends = f"{written(last)} at the last step, {written(first)} at the initial state"
        if (lost := int(overflow(curve.values))) >= 0:
            ends = f"{OVERFLOWS} {lost} steps back, at the state after step {_step(curve, lost)}"
        parts.append(f"{curve.name}{_halved(curve)}: {ends}")
    return f"A chart of the {quantity} at each step, on a logarithmic axis. {'; '.join(parts)}."


def _label(curve: Curve, by: By, floor: float, line: Mapping[str, object]) -> LineLabel:
    """Return the label of a curve at its right end, or where it overflows."""
    lag, last = int(overflow(curve.values)), len(curve.values) - 1
    step = last if by == "step" else 0
    if lag >= 0:
        step = min(last - lag + 1, last) if by == "lag" else last
    values = np.asarray(curve.values, np.float64)
    value = values[step] if np.isfinite(values[step]) else 1.0
    return LineLabel(
        f"{curve.name}<br>{OVERFLOWS}" if lag >= 0 else curve.name,
        str(line.get("color", curve_colour(curve.colour))),
        float(_across(curve.values, by)[step]),
        float(np.log10(max(value, floor))),
    )


def _line(curve: Curve, by: By, floor: float, line: dict[str, object]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": _across(curve.values, by),
        "y": at_least(curve.values, floor),
        "name": curve.name,
        "mode": "lines",
        "line": {"color": curve_colour(curve.colour), **line},
        "text": [written(float(value)) for value in curve.values],
        "hovertemplate": f"{curve.name}: %{{text}}<extra></extra>",
    }


def _halved(curve: Curve) -> str:
    known = curve.half_life is not None and np.isfinite(curve.half_life)
    return f", halves after {curve.half_life:.3g} steps" if known else ""


def _below(curve: Curve, by: By, floor: float) -> list[dict[str, Any]]:
    """Mark the values that are drawn on the floor because they are smaller."""
    low = np.asarray(curve.values, np.float64) < floor
    if not low.any():
        return []
    symbol = {"symbol": "triangle-down-open", "size": 9, "color": curve_colour(curve.colour)}
    return [
        {
            "type": "scatter",
            "x": _across(curve.values, by)[low],
            "y": compact(np.full(int(low.sum()), floor)),
            "mode": "markers",
            "marker": symbol,
            "text": [written(float(value)) for value in curve.values[low]],
            "hovertemplate": f"{curve.name}: %{{text}}<extra></extra>",
            "showlegend": False,
        }
    ]


def _step(curve: Curve, lag: int) -> int:
    return len(curve.values) - 1 - lag


def _lost(curve: Curve, by: By, floor: float) -> list[dict[str, Any]]:
    """Mark where a norm is first not finite; from there on, the curve has a gap."""
    lag = int(overflow(curve.values))
    if lag < 0:
        return []
    known = np.asarray(curve.values, np.float64)[_step(curve, lag) + 1 :]
    height = known[0] if len(known) else max(1.0, floor)
    return [
        {
            "type": "scatter",
            "x": compact([lag if by == "lag" else _step(curve, lag)]),
            "y": at_least([height], floor),
            "mode": "markers",
            "marker": {"symbol": "x", "size": 14, "color": curve_colour(curve.colour)},
            "hovertemplate": f"{curve.name} {OVERFLOWS}: not finite from here on<extra></extra>",
            "showlegend": False,
        }
    ]


def _half(curve: Curve, by: By, floor: float) -> list[dict[str, Any]]:
    """Mark where the norm has halved, counted from the last value above 0."""
    values = np.nan_to_num(np.asarray(curve.values, np.float64))
    if curve.half_life is None or not np.isfinite(curve.half_life) or not (values > 0).any():
        return []
    last = int(np.flatnonzero(values > 0)[-1])
    lag = len(values) - 1 - last + curve.half_life
    return [
        {
            "type": "scatter",
            "x": compact([lag if by == "lag" else last - curve.half_life]),
            "y": at_least([values[last] / 2], floor),
            "mode": "markers",
            "marker": {"symbol": "diamond", "size": 13, "color": curve_colour(curve.colour)},
            "hovertemplate": f"{curve.name}{_halved(curve)}<extra></extra>",
            "showlegend": False,
        }
    ]


def _across(values: NDArray[np.floating], by: By) -> NDArray[np.float32]:
    steps = np.arange(len(values))
    return compact(steps if by == "step" else steps[::-1])

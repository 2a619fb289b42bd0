"""Gradient flow while a cell learns: updates by steps, as colours."""

import math

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.experiments.training_flow import Unfolding
from gatesviz.figures.style import SCALE, Theme, compact, empty, power, top_of, written
from gatesviz.gradients import overflow

FLOOR, FAILS = 1e-12, "#D55E00"


def flow_heatmap(
    known: Unfolding, *, state: str = "h", floor: float = FLOOR, theme: Theme = "light"
) -> go.Figure:
    """Return ‖∂L/∂h_t‖ or ‖∂L/∂c_t‖: a row for each kept update, a column for each state.

    Rows are evenly spaced and carry their update's number. Colours run from ``floor``, or less, to
    1, or to a power of 1,000 where something is larger.

    Raises:
        ValueError: if the cell has no such state.
    """
    if state not in known.norms:
        raise ValueError(f"state is {state!r}, {' or '.join(known.norms)} is wanted")
    norms, figure = known.norms[state], empty(theme)
    low, high = round(math.log10(floor)), round(math.log10(top_of(norms)))
    ticks = list(range(low, high + 1, 3))
    figure.add_heatmap(
        z=compact(np.log10(np.where(np.isfinite(norms), np.maximum(norms, floor), np.nan))),
        zmin=low,
        zmax=high,
        colorscale=SCALE,
        customdata=[[written(float(value)) for value in row] for row in norms],
        hovertemplate="after step %{x}: %{customdata}<extra></extra>",
        colorbar={
            "title": {"text": f"‖∂L/∂{state}‖", "side": "right"},
            "tickvals": ticks,
            "ticktext": [f"{power(low)} or less", *(power(e) if e else "1" for e in ticks[1:])],
        },
    )
    figure.add_traces(_lost(norms))
    shown = np.unique(np.linspace(0, len(known.updates) - 1, 9).round().astype(int)).tolist()
    figure.update_xaxes(title_text="state after step", showgrid=False)
    figure.update_yaxes(
        title_text="updates made",
        tickvals=shown,
        ticktext=[f"{known.updates[k]:,}" for k in shown],
        showgrid=False,
    )
    return figure


def _lost(norms: NDArray[np.float64]) -> list[go.Scatter]:
    """Mark in each row where the gradient is first not finite; from there back the row is empty."""
    lags = overflow(norms.T)
    rows = np.flatnonzero(lags >= 0)
    if not len(rows):
        return []
    last = norms.shape[1] - 1
    return [
        go.Scatter(
            x=compact(last - lags[rows]),
            y=compact(rows),
            mode="markers+text",
            name="the gradient overflows",
            marker={"symbol": "x", "size": 11, "color": FAILS},
            text=["overflows" if k == 0 else "" for k in range(len(rows))],
            textposition="middle left",
            textfont={"color": FAILS},
            hovertemplate="after step %{x}: not a finite number from here back<extra></extra>",
            showlegend=True,
        )
    ]


def flow_heatmap_alt(known: Unfolding, state: str = "h") -> str:
    """Return what `flow_heatmap` shows, in words."""
    norms, told = known.norms[state], []
    lags = overflow(norms.T)
    for k in dict.fromkeys((0, len(norms) // 2, len(norms) - 1)):
        ends = f"{written(float(norms[k, 0]))} at first, {written(float(norms[k, -1]))} at the end"
        if lags[k] >= 0:
            ends = f"it overflows {lags[k]} steps back"
        told.append(f"after {known.updates[k]:,} updates {ends}")
    if (lags >= 0).any():
        first = known.updates[int((lags >= 0).argmax())]
        told.append(f"it first overflows after {first:,} updates")
    return f"‖∂L/∂{state}‖ over steps and training: {'; '.join(told)}."

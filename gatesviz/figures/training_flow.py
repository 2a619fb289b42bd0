"""Gradient flow during training, as colours: a row for each checkpoint."""

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
    """Return ‖∂L/∂h_t‖ or ‖∂L/∂c_t‖ as colours: a row for each checkpoint, a column for each t.

    Rows have equal heights and the number of their update. Colours run from ``floor`` to 1, or to
    a power of 1,000 above the largest value.

    Raises:
        ValueError: if the cell has no such state.
    """
    if state not in known.norms:
        raise ValueError(f"state: expected {' or '.join(known.norms)}, got {state!r}")
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
            "ticktext": [f"≤ {power(low)}", *(power(e) if e else "1" for e in ticks[1:])],
        },
    )
    figure.add_traces(_lost(norms))
    shown = np.unique(np.linspace(0, len(known.updates) - 1, 9).round().astype(int)).tolist()
    figure.update_xaxes(title_text="state after step", showgrid=False)
    figure.update_yaxes(
        title_text="update",
        tickvals=shown,
        ticktext=[f"{known.updates[k]:,}" for k in shown],
        showgrid=False,
    )
    return figure


def _lost(norms: NDArray[np.float64]) -> list[go.Scatter]:
    """Mark where the gradient of each row is first not finite; the row is empty further back."""
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
            hovertemplate="after step %{x}: not finite from here back<extra></extra>",
            showlegend=True,
        )
    ]


def flow_heatmap_alt(known: Unfolding, state: str = "h") -> str:
    """Return the content of `flow_heatmap` in words."""
    norms, parts = known.norms[state], []
    lags = overflow(norms.T)
    for k in dict.fromkeys((0, len(norms) // 2, len(norms) - 1)):
        first, last = (written(float(norms[k, column])) for column in (0, -1))
        ends = f"{first} at the initial state, {last} at the last"
        if lags[k] >= 0:
            ends = f"it overflows {lags[k]} steps back"
        parts.append(f"after {known.updates[k]:,} updates, {ends}")
    if (lags >= 0).any():
        start = known.updates[int((lags >= 0).argmax())]
        parts.append(f"it first overflows after {start:,} updates")
    return f"‖∂L/∂{state}‖ over steps and training: {'; '.join(parts)}."

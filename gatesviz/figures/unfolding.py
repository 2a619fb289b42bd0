"""Gradient flow while a cell learns: updates by steps, as colours."""

import math

import numpy as np
import plotly.graph_objects as go

from gatesviz.experiments.unfolding import Unfolding
from gatesviz.figures.style import SCALE, Theme, compact, empty, power, top_of, written

FLOOR = 1e-12


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
        z=compact(np.log10(np.clip(norms, floor, None))),
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
    shown = np.unique(np.linspace(0, len(known.updates) - 1, 9).round().astype(int)).tolist()
    figure.update_xaxes(title_text="state after step", showgrid=False)
    figure.update_yaxes(
        title_text="updates made",
        tickvals=shown,
        ticktext=[f"{known.updates[k]:,}" for k in shown],
        showgrid=False,
    )
    return figure


def flow_heatmap_alt(known: Unfolding, state: str = "h") -> str:
    """Return what `flow_heatmap` shows, in words."""
    norms, told = known.norms[state], []
    for k in dict.fromkeys((0, len(norms) // 2, len(norms) - 1)):
        ends = f"{written(float(norms[k, 0]))} at first, {written(float(norms[k, -1]))} at the end"
        told.append(f"after {known.updates[k]:,} updates {ends}")
    return f"‖∂L/∂{state}‖ over steps and training: {'; '.join(told)}."

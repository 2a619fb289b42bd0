"""Where attention looks: of every step's answer, how much each state so far weighs in it."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    CELL_COLOURS,
    DASHES,
    SCALE,
    Theme,
    compact,
    empty,
    steps_axis,
    written,
)


def attention_curves(
    weights: Mapping[str, NDArray[np.floating]],
    *,
    labels: Sequence[str] | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """Return the weights of one answer over the states it may look at, a curve for each cell.

    Args:
        weights: "RNN", "GRU" or "LSTM" -> (T,), adding up to 1.
        labels: T labels of the steps; their numbers where None.
        theme: of the page.
    """
    figure = empty(theme, 360)
    for k, (name, values) in enumerate(weights.items()):
        figure.add_scatter(
            x=list(range(len(values))),
            y=compact(values),
            name=name,
            mode="lines+markers",
            line={"color": CELL_COLOURS[name.lower()], "dash": DASHES[k % 4], "width": 2.5},
            text=[written(float(value)) for value in values],
            hovertemplate="state of step %{x}: %{text}<extra>%{fullData.name}</extra>",
        )
    figure.update_yaxes(title_text="weight in the answer", range=[-0.03, 1.03])
    length = max((len(values) for values in weights.values()), default=1)
    figure.update_xaxes(title_text="state of step", **steps_axis(labels, length))
    return figure


def attention_curves_alt(weights: Mapping[str, NDArray[np.floating]]) -> str:
    """Return what `attention_curves` shows, in words."""
    told = [
        f"{name}: most at step {int(np.argmax(values))}, {float(np.max(values)):.0%}"
        for name, values in weights.items()
    ]
    return f"How much each state weighs in the last answer. {'; '.join(told)}."


def attention_heatmap(
    weights: NDArray[np.floating], *, labels: Sequence[str] | None = None, theme: Theme = "light"
) -> go.Figure:
    """Return ``weights`` (T, T): a row for each answer, time runs down and to the right.

    An answer cannot look at what comes later, so nothing is above the diagonal.
    """
    figure, later = empty(theme), np.triu(np.ones(weights.shape, bool), 1)
    figure.add_heatmap(
        z=compact(np.where(later, np.nan, weights)),
        zmin=0,
        zmax=1,
        colorscale=SCALE,
        hovertemplate="answer at %{y}, state of step %{x}: %{z:.3f}<extra></extra>",
        hoverongaps=False,
        colorbar={"title": {"text": "weight", "side": "right"}},
    )
    figure.update_xaxes(
        title_text="state of step", showgrid=False, **steps_axis(labels, len(weights))
    )
    figure.update_yaxes(title_text="answer at step", showgrid=False, autorange="reversed")
    return figure


def attention_heatmap_alt(weights: NDArray[np.floating]) -> str:
    """Return what `attention_heatmap` shows, in words."""
    last = weights[-1]
    return (
        f"How much each state weighs in each answer, over {len(weights)} steps: the last answer"
        f" looks most at step {int(last.argmax())}, with {float(last.max()):.0%}."
    )

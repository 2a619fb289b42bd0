"""Attention weights: how much each earlier state counts in the answer at each step."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    SCALE,
    LineLabel,
    Theme,
    add_cell_curve,
    compact,
    empty,
    label_lines,
    steps_axis,
)


def attention_curves(
    weights: Mapping[str, NDArray[np.floating]],
    *,
    labels: Sequence[str] | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """Return the attention weights of one answer over the states, a curve for each cell.

    Args:
        weights: `Cell.short`, such as "RNN" -> (T,), which sum to 1.
        labels: T labels of the steps; None for their numbers.
        theme: of the page.
    """
    figure, span, ends = empty(theme, 360), (-0.03, 1.03), []
    length = max((len(values) for values in weights.values()), default=1)
    for name, values in weights.items():
        colour = add_cell_curve(figure, name, values, compact(values))
        ends.append(LineLabel(name, colour, length - 1, float(values[-1])))
    figure.update_yaxes(title_text="weight in the answer", range=span)
    figure.update_xaxes(title_text="state after step", **steps_axis(labels, length))
    label_lines(figure, ends, 1.02 * length, span)
    return figure


def attention_curves_alt(weights: Mapping[str, NDArray[np.floating]]) -> str:
    """Return the content of `attention_curves` in words."""
    parts = [
        f"{name}: largest at step {int(np.argmax(values))}, {100 * float(np.max(values)):.0f} %"
        for name, values in weights.items()
    ]
    return f"Attention weights of the last answer over all states. {'; '.join(parts)}."


def attention_heatmap(
    weights: NDArray[np.floating], *, labels: Sequence[str] | None = None, theme: Theme = "light"
) -> go.Figure:
    """Return ``weights`` (T, T) as colours: a row for each answer, time runs down and right.

    Above the diagonal there is nothing: no answer uses a later state.
    """
    figure, later = empty(theme), np.triu(np.ones(weights.shape, bool), 1)
    figure.add_heatmap(
        z=compact(np.where(later, np.nan, weights)),
        zmin=0,
        zmax=1,
        colorscale=SCALE,
        customdata=[
            [f"answer {row}, state {t}" for t in range(len(weights))] for row in range(len(weights))
        ],
        hovertemplate="%{customdata}: %{z:.3f}<extra></extra>",
        hoverongaps=False,
        colorbar={"title": {"text": "weight", "side": "right"}},
    )
    figure.update_xaxes(
        title_text="state after step", showgrid=False, **steps_axis(labels, len(weights))
    )
    figure.update_yaxes(title_text="answer at step", showgrid=False, autorange="reversed")
    return figure


def attention_heatmap_alt(weights: NDArray[np.floating]) -> str:
    """Return the content of `attention_heatmap` in words."""
    last = weights[-1]
    return (
        f"Attention weights of each answer over all states, {len(weights)} steps. The last answer"
        f" gives its largest weight, {100 * float(last.max()):.0f} %, to step {int(last.argmax())}."
    )

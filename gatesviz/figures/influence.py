"""Which input matters: the gradient by each input, for one loss and for every step's output."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    CELL_COLOURS,
    DASHES,
    SCALE,
    Theme,
    at_least,
    compact,
    decades,
    empty,
    power,
    steps_axis,
    top_of,
    written,
)

FLOOR = 1e-12


def input_curves(
    norms: Mapping[str, NDArray[np.floating]],
    *,
    labels: Sequence[str] | None = None,
    floor: float = FLOOR,
    theme: Theme = "light",
) -> go.Figure:
    """Return ‖∂L/∂x_t‖ over the steps, one curve for each cell.

    Args:
        norms: "RNN", "GRU" or "LSTM" -> (T,).
        labels: T labels of the steps; their numbers where None.
        floor: a power of ten; what is less, 0 included, lies on it.
        theme: of the page.
    """
    figure = empty(theme)
    for k, (name, values) in enumerate(norms.items()):
        figure.add_scatter(
            x=list(range(len(values))),
            y=at_least(values, floor),
            name=name,
            mode="lines+markers",
            line={"color": CELL_COLOURS[name.lower()], "dash": DASHES[k % 4], "width": 2.5},
            text=[written(float(value)) for value in values],
            hovertemplate="step %{x}: %{text}<extra>%{fullData.name}</extra>",
        )
    figure.update_yaxes(title_text="‖∂L/∂x‖", **decades(floor, top_of(*norms.values())))
    steps = max((len(values) for values in norms.values()), default=1)
    figure.update_xaxes(title_text="step of the input", **steps_axis(labels, steps))
    return figure


def input_curves_alt(norms: Mapping[str, NDArray[np.floating]]) -> str:
    """Return what `input_curves` shows, in words."""
    told = [
        f"{name}: {written(float(values[0]))} at the first input, {written(float(values[-1]))} at"
        f" the last, {_most(values)}"
        for name, values in norms.items()
    ]
    return f"‖∂L/∂x‖ over the steps of the input, logarithmic. {'; '.join(told)}."


def _most(values: NDArray[np.floating]) -> str:
    lost = np.flatnonzero(~np.isfinite(values))
    if len(lost):
        return f"it overflows: not a finite number at step {lost[-1]}"
    return f"most at step {int(np.argmax(values))}"


def influence_heatmap(
    norms: NDArray[np.floating],
    *,
    labels: Sequence[str] | None = None,
    floor: float = FLOOR,
    theme: Theme = "light",
) -> go.Figure:
    """Return ‖∂output_t′/∂x_t‖ of ``norms`` (T′, T): a row for each output, the last at
    the bottom: time runs down and to the right.

    Where an output depends on no later input, nothing is above the diagonal; a model that reads in
    both directions fills it. Colours run from ``floor``, or less, to 1, or to a power of 1,000
    where something is larger.
    """
    figure, steps = empty(theme), norms.shape[1]
    low, high = round(math.log10(floor)), round(math.log10(top_of(norms)))
    later = np.arange(steps) > np.arange(len(norms))[:, None]
    shown = np.where(later & (norms == 0), np.nan, np.log10(np.maximum(norms, floor)))
    ticks = list(range(low, high + 1, 3))
    figure.add_heatmap(
        z=compact(shown),
        zmin=low,
        zmax=high,
        colorscale=SCALE,
        customdata=[[written(float(value)) for value in row] for row in norms],
        hovertemplate="output %{y} by input %{x}: %{customdata}<extra></extra>",
        hoverongaps=False,
        colorbar={
            "title": {"text": "‖∂y/∂x‖", "side": "right"},
            "tickvals": ticks,
            "ticktext": [f"{power(low)} or less", *(power(e) if e else "1" for e in ticks[1:])],
        },
    )
    figure.update_xaxes(title_text="input at step", showgrid=False, **steps_axis(labels, steps))
    figure.update_yaxes(title_text="output at step", showgrid=False, autorange="reversed")
    return figure


def influence_heatmap_alt(norms: NDArray[np.floating]) -> str:
    """Return what `influence_heatmap` shows, in words."""
    own, first = float(np.diagonal(norms)[-1]), float(norms[-1, 0])
    return (
        f"How strongly each input moves each later output, over {norms.shape[1]} steps: the last"
        f" output by its own input {written(own)}, by the first input {written(first)}."
    )

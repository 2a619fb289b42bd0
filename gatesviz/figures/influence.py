"""Which input matters: the gradient with respect to each input, of a loss and of each output."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    SCALE,
    LineLabel,
    Theme,
    add_cell_curve,
    at_least,
    compact,
    decades,
    empty,
    label_lines,
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
        norms: `Cell.short`, such as "RNN" -> (T,).
        labels: T labels of the steps; None for their numbers.
        floor: a power of ten. Smaller values, also 0, are drawn on it.
        theme: of the page.
    """
    figure, steps = empty(theme), max((len(values) for values in norms.values()), default=1)
    axis, ends = decades(floor, top_of(*norms.values())), []
    for name, values in norms.items():
        shown = at_least(values, floor)
        colour = add_cell_curve(figure, name, values, shown)
        last = float(shown[-1]) if np.isfinite(shown[-1]) else 1.0
        ends.append(LineLabel(name, colour, steps - 1, math.log10(last)))
    figure.update_yaxes(title_text="‖∂L/∂x‖", **axis)
    figure.update_xaxes(title_text="input at step", **steps_axis(labels, steps))
    label_lines(figure, ends, 1.02 * steps, axis["range"])
    return figure


def input_curves_alt(norms: Mapping[str, NDArray[np.floating]]) -> str:
    """Return the content of `input_curves` in words."""
    parts = [
        f"{name}: {written(float(values[0]))} at the first input, {written(float(values[-1]))} at"
        f" the last one, {_most(values)}"
        for name, values in norms.items()
    ]
    return f"A chart of ‖∂L/∂x‖ for each input, on a logarithmic axis. {'; '.join(parts)}."


def _most(values: NDArray[np.floating]) -> str:
    lost = np.flatnonzero(~np.isfinite(values))
    if len(lost):
        return f"overflow: not a finite number at step {lost[-1]}"
    return f"largest at step {int(np.argmax(values))}"


def influence_heatmap(
    norms: NDArray[np.floating],
    *,
    labels: Sequence[str] | None = None,
    floor: float = FLOOR,
    theme: Theme = "light",
) -> go.Figure:
    """Return ‖∂output_t′/∂x_t‖ of ``norms`` (T′, T) as colours: a row for each output.

    Time runs down and to the right. Above the diagonal there is nothing, unless the model is
    bidirectional. Colours run from ``floor`` to 1, or to a power of 1,000 above the largest value.
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
        customdata=[
            [f"output {row}, input {t}: {written(float(norms[row, t]))}" for t in range(steps)]
            for row in range(len(norms))
        ],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorbar={
            "title": {"text": "‖∂y/∂x‖", "side": "right"},
            "tickvals": ticks,
            "ticktext": [f"≤ {power(low)}", *(power(e) if e else "1" for e in ticks[1:])],
        },
    )
    figure.update_xaxes(title_text="input at step", showgrid=False, **steps_axis(labels, steps))
    figure.update_yaxes(title_text="output at step", showgrid=False, autorange="reversed")
    return figure


def influence_heatmap_alt(norms: NDArray[np.floating]) -> str:
    """Return the content of `influence_heatmap` in words."""
    own, first = float(np.diagonal(norms)[-1]), float(norms[-1, 0])
    return (
        f"How strongly each input changes each output, over {norms.shape[1]} steps. The last output"
        f" changes by {written(own)} with the last input and by {written(first)} with the first"
        " one."
    )

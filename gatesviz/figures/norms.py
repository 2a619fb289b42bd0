"""The norm of the gradient over training, update by update."""

import math
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import (
    DASHES,
    INK,
    LineLabel,
    Theme,
    at_least,
    compact,
    decades,
    empty,
    label_lines,
    top_of,
    written,
)
from gatesviz.theme import COLOURS

FLOOR = 1e-6
LINES = (COLOURS["f"], COLOURS["o"], COLOURS["i"], COLOURS["g"])


def norm_curves(
    norms: Mapping[str, NDArray[np.floating]],
    *,
    clip: float | None = None,
    quantity: str = "norm of the gradient, before clipping",
    floor: float = FLOOR,
    theme: Theme = "light",
) -> go.Figure:
    """Return one curve for each run, and a line at the norm that gradients are clipped to.

    Args:
        norms: name of the run -> (U,), entry u − 1 of update u. A curve ends where its run did.
        clip: the largest norm after clipping; None draws no line.
        quantity: the title of the vertical axis.
        floor: a power of ten; smaller values are drawn on it.
        theme: of the page.
    """
    figure, most = empty(theme), max((len(values) for values in norms.values()), default=1)
    axis, ends = decades(floor, top_of(*norms.values())), []
    for k, (name, values) in enumerate(norms.items()):
        shown = at_least(values, floor)
        figure.add_scatter(
            x=compact(np.arange(1, len(values) + 1)),
            y=shown,
            name=name,
            mode="lines",
            line={"color": LINES[k % 4], "dash": DASHES[k % 4], "width": 2.5},
            text=[written(float(value)) for value in values],
            hovertemplate="update %{x}: %{text}<extra>%{fullData.name}</extra>",
        )
        finite = np.flatnonzero(np.isfinite(shown))
        if len(finite):
            last = int(finite[-1])
            text, height = name.replace(" ", "<br>", 1), math.log10(float(shown[last]))
            ends.append(LineLabel(text, LINES[k % 4], last + 1, height))
    if clip is not None:
        line = {"color": INK[theme], "dash": "dash", "width": 2}
        figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=clip, y1=clip, line=line)
        text = f"clip at<br>{written(clip)}"
        ends.append(LineLabel(text, INK[theme], 1.02 * most, math.log10(clip)))
    figure.update_yaxes(title_text=quantity, **axis)
    figure.update_xaxes(title_text="update", range=[0, 1.02 * most])
    label_lines(figure, ends, 1.05 * most, axis["range"])
    return figure


def norm_curves_alt(
    norms: Mapping[str, NDArray[np.floating]], quantity: str = "Norm of the gradient"
) -> str:
    """Return the content of `norm_curves` in words."""
    parts = []
    for name, values in norms.items():
        most = written(float(np.max(values))) if len(values) else "no value yet"
        last = written(float(values[-1])) if len(values) else "no value yet"
        parts.append(f"{name}: at most {most}, {last} after {len(values):,} updates")
    return f"{quantity} over training, on a logarithmic axis. {'; '.join(parts)}."

"""The norm of the whole gradient over training, update by update."""

import math
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.figures.style import DASHES, INK, Theme, at_least, compact, decades, empty, top_of
from gatesviz.figures.style import written as in_words
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
    """Return one curve for each run, and a line where gradients are cut.

    Args:
        norms: name of the run -> (U,), entry u − 1 of update u. A curve ends where its run did.
        clip: the largest norm that is kept; None draws no line.
        quantity: what is on the vertical axis: losses are drawn as well.
        floor: a power of ten; what is less is drawn there.
        theme: of the page.
    """
    figure = empty(theme)
    for k, (name, values) in enumerate(norms.items()):
        figure.add_scatter(
            x=compact(np.arange(1, len(values) + 1)),
            y=at_least(values, floor),
            name=name,
            mode="lines",
            line={"color": LINES[k % 4], "dash": DASHES[k % 4], "width": 2.5},
            text=[in_words(float(value)) for value in values],
            hovertemplate="update %{x}: %{text}<extra>%{fullData.name}</extra>",
        )
    if clip is not None:
        _cut(figure, clip, theme)
    figure.update_yaxes(title_text=quantity, **decades(floor, top_of(*norms.values())))
    most = max((len(values) for values in norms.values()), default=1)
    figure.update_xaxes(title_text="update", range=[0, 1.02 * most])
    return figure


def norm_curves_alt(
    norms: Mapping[str, NDArray[np.floating]], quantity: str = "Norm of the gradient"
) -> str:
    """Return what `norm_curves` shows, in words."""
    told = []
    for name, values in norms.items():
        most = in_words(float(np.max(values))) if len(values) else "nothing yet"
        last = in_words(float(values[-1])) if len(values) else "nothing yet"
        told.append(f"{name}: at most {most}, {last} after {len(values):,} updates")
    return f"{quantity} over training, logarithmic. {'; '.join(told)}."


def _cut(figure: go.Figure, clip: float, theme: Theme) -> None:
    """Draw the largest norm that is kept. On a logarithmic axis a shape's y is the value itself,
    an annotation's its logarithm.
    """
    line = {"color": INK[theme], "dash": "dash", "width": 2}
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=clip, y1=clip, line=line)
    place = {"xref": "paper", "x": 1, "y": math.log10(clip), "yshift": 12, "showarrow": False}
    figure.add_annotation(text=f"cut at {in_words(clip)}", **place)

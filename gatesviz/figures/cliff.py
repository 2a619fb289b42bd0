"""The cliff: the loss of one unit over its two weights, with gradient descents on it."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gatesviz.experiments.cliff import Descent, Surface
from gatesviz.figures.style import SCALE, Theme, compact, empty, written
from gatesviz.theme import COLOURS

PATHS = (("#D55E00", "diamond"), ("#2E9BEB", "circle"), (COLOURS["g"], "square"))


def cliff_surface(
    surface: Surface,
    descents: Mapping[str, Descent],
    *,
    theme: Theme = "light",
    height: int = 560,
) -> go.Figure:
    """Return the loss as a surface in three dimensions; descents end at the edge of the window.

    Args:
        surface: the loss on a grid.
        descents: name -> descent on the same unit; up to three get colours of their own.
        theme: of the page.
        height: of the figure, in px.
    """
    figure = empty(theme, height=height)
    figure.add_surface(
        x=compact(surface.w),
        y=compact(surface.b),
        z=compact(surface.loss),
        surfacecolor=compact(_steepness(surface)),
        colorscale=SCALE,
        opacity=0.95,
        showscale=False,
        hovertemplate="w %{x:.3f}, b %{y:.3f}: L %{z:.4f}<extra></extra>",
    )
    for k, (name, descent) in enumerate(descents.items()):
        inside = _inside(surface, descent)
        parts = {"x": descent.w, "y": descent.b, "z": descent.losses}
        figure.add_scatter3d(
            **{axis: compact(np.where(inside, part, np.nan)) for axis, part in parts.items()},
            name=name,
            mode="lines+markers",
            line={"color": PATHS[k % 3][0], "width": 6},
            marker={"size": 4, "color": PATHS[k % 3][0], "symbol": PATHS[k % 3][1]},
            hovertemplate=f"{name}: L %{{z:.4f}}<extra></extra>",
        )
    view = {"camera": {"eye": {"x": 1.3, "y": -1.5, "z": 0.7}}, "aspectmode": "cube"}
    figure.update_scenes(**_axes(surface), **view)
    return figure


def _axes(surface: Surface) -> dict[str, object]:
    """Return the settings of the three axes: the window, and the range of the loss."""
    ends = {"w": [*surface.w[[0, -1]]], "b": [*surface.b[[0, -1]]], "L": [0, _ceiling(surface)]}
    axes = zip(("xaxis", "yaxis", "zaxis"), ends.items(), strict=True)
    return {
        axis: {"title": {"text": name}, "range": ends, "nticks": 6} for axis, (name, ends) in axes
    }


def cliff_contours(
    surface: Surface,
    descents: Mapping[str, Descent],
    *,
    theme: Theme = "light",
    height: int = 520,
) -> go.Figure:
    """Return the surface from above, for a projector or a phone: colour is the loss.

    The word “start” is where the first descent begins.

    The axes show the window of the surface; a descent that leaves it runs out of the picture.
    """
    figure = empty(theme, height=height)
    figure.add_contour(
        x=compact(surface.w),
        y=compact(surface.b),
        z=compact(surface.loss),
        zmin=0,
        zmax=_ceiling(surface),
        colorscale=SCALE,
        contours={"coloring": "heatmap"},
        line={"width": 0},
        colorbar={"title": {"text": "loss L", "side": "right"}},
        hovertemplate="w %{x:.3f}, b %{y:.3f}: L %{z:.4f}<extra></extra>",
    )
    for k, (name, descent) in enumerate(descents.items()):
        figure.add_traces(_path(descent, name, *PATHS[k % 3]))
    if descents:
        figure.add_trace(_start(*descents.values()))
    figure.update_xaxes(title_text="w", range=[*surface.w[[0, -1]]])
    figure.update_yaxes(title_text="b", range=[*surface.b[[0, -1]]])
    return figure


def cliff_alt(surface: Surface, descents: Mapping[str, Descent]) -> str:
    """Return the content of `cliff_surface` and `cliff_contours` in words."""
    parts = [
        f"A map of the loss of one unit, for w from {surface.w[0]:g} to {surface.w[-1]:g} and b"
        f" from {surface.b[0]:g} to {surface.b[-1]:g}. The loss goes from"
        f" {written(float(surface.loss.min()))} to {written(float(surface.loss.max()))}, and the"
        f" norm of its gradient up to"
        f" {written(float(surface.gradient_norm.max()))}".replace("-", "−")
    ]
    for name, descent in descents.items():
        left = "" if _inside(surface, descent).all() else ", and it leaves the picture"
        parts.append(
            f"{name[:1].upper()}{name[1:]}: loss from {written(float(descent.losses[0]))} to"
            f" {written(float(descent.losses[-1]))} in {len(descent.losses) - 1:,} updates{left}"
        )
    return ". ".join(parts) + "."


def _path(descent: Descent, name: str, colour: str, symbol: str) -> list[go.Scatter]:
    """Return a descent with a black outline, which is visible on every colour of the surface."""
    points = {"x": compact(descent.w), "y": compact(descent.b)}
    black = {"color": "#000000"}
    outline = {"line": black | {"width": 5}, "marker": black | {"size": 10, "symbol": symbol}}
    return [
        go.Scatter(**points, mode="lines+markers", **outline, showlegend=False, hoverinfo="skip"),
        go.Scatter(
            **points,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 6, "symbol": symbol, "color": colour},
            text=[written(float(loss)) for loss in descent.losses],
            hovertemplate=f"{name}: L %{{text}}<extra></extra>",
        ),
    ]


def _start(first: Descent, *_: Descent) -> go.Scatter:
    """Return a white ring with the word “start”; gradient descent starts where the loss is low."""
    return go.Scatter(
        x=[float(first.w[0])],
        y=[float(first.b[0])],
        mode="markers+text",
        marker={"size": 13, "symbol": "circle-open", "color": "#FFFFFF", "line": {"width": 3}},
        text=["start"],
        textposition="top right",
        textfont={"color": ["#FFFFFF"], "size": 18},
        showlegend=False,
        hoverinfo="skip",
    )


def _steepness(surface: Surface) -> NDArray[np.float64]:
    """Return log10 of the gradient norm, at least −6; it colours the cliffs."""
    return np.log10(np.clip(surface.gradient_norm, 1e-6, None))


def _inside(surface: Surface, descent: Descent) -> NDArray[np.bool_]:
    ends = ((descent.w, surface.w), (descent.b, surface.b))
    within = [(axis[0] <= way) & (way <= axis[-1]) for way, axis in ends]
    return np.asarray(within[0] & within[1])


def _ceiling(surface: Surface) -> float:
    """Return the largest loss that the unit can have, by the range of φ."""
    low, high = (0.0, 1.0) if surface.unit.squashing == "sigmoid" else (-1.0, 1.0)
    return max((low - surface.unit.target) ** 2, (high - surface.unit.target) ** 2)

"""The style that every figure shares: its template, its axes and the labels of its curves.

Plotly's default template belongs to the process, and Streamlit replaces it, so no figure uses it.
"""

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray
from plotly.basedatatypes import BaseFigure

from gatesviz.cells import Cell, Look, find_cell, find_named
from gatesviz.theme import COLOURS
from gatesviz.theme import power as power
from gatesviz.theme import written as written

Theme = Literal["light", "dark"]

PAPER = {"light": "#FFFFFF", "dark": "#0F1720"}  # as in .streamlit/config.toml
INK = {"light": "#0A121A", "dark": "#EDF2F7"}
GRID = {"light": "#DDE2E7", "dark": "#2B3947"}
DASHES = ("solid", "dash", "dot", "dashdot")
"""Styles of curves, which differ without colour."""
LARGEST, DECADES = 1e308, 308.25
"""The largest value of an axis, and its end in powers of ten: float64 holds no more."""
FONT = "Source Sans, sans-serif"
"""Streamlit's font, which the pages' text has. A saved chart falls back to the reader's own."""
CHARACTER, LINE = 8, 21  # pixels: the width and the height of the text of a label
SCALE = "Cividis"  # readable for colour-blind people, and in grey


def look_of(cell: Cell) -> Look:
    """Return the colour and the marker of a cell.

    Raises:
        ValueError: if its description has none.
    """
    if cell.look is None:
        raise ValueError(f"cell {cell.key!r} has no look. Give its description one to chart it")
    return cell.look


def curve_colour(name: str) -> str:
    """Return the colour of a curve: of a cell, by its key, or of a state, by its letter.

    Raises:
        ValueError: if there is no such cell or state.
    """
    return COLOURS[name] if name in COLOURS else look_of(find_cell(name)).colour


def style_of(theme: Theme) -> dict[str, Any]:
    """Return the layout that every figure of the pages begins with.

    Raises:
        ValueError: if ``theme`` is neither light nor dark.
    """
    if theme not in PAPER:
        raise ValueError(f"theme: expected 'light' or 'dark', got {theme!r}")
    axis = {"gridcolor": GRID[theme], "linecolor": GRID[theme], "zeroline": False}
    axis |= {"title": {"standoff": 8}, "automargin": True, "ticks": "outside"}
    return {
        "paper_bgcolor": PAPER[theme],
        "plot_bgcolor": PAPER[theme],
        "font": {"color": INK[theme], "size": 16, "family": FONT},
        "margin": {"l": 10, "r": 10, "t": 40, "b": 10},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0},
        "hoverlabel": {"font": {"size": 16}},
        "xaxis": axis,
        "yaxis": axis,
    }


def empty(theme: Theme, height: int = 460) -> go.Figure:
    """Return an empty figure in the style of the pages; ``height`` is in pixels.

    Raises:
        ValueError: if ``theme`` is neither light nor dark.
    """
    figure = go.Figure(layout={"height": height})
    figure.layout.template = go.layout.Template(layout=style_of(theme))
    return figure


class Draft(BaseFigure):  # type: ignore[misc]
    """A figure as plain dicts, which is drawn many times as fast as Plotly's own.

    Plotly checks every value of a figure, which takes most of the time. A draft is checked only
    where it is turned into a ``go.Figure`` (`checked`), as the tests do. Streamlit draws it as it
    is, because it is a kind of Plotly's figures.

    Attributes:
        traces: as Plotly takes them, with arrays of NumPy.
        plan: the layout.
    """

    def __init__(self, theme: Theme, height: int = 460) -> None:
        set_ = object.__setattr__  # Plotly's own allows only its names
        set_(self, "traces", [])
        set_(self, "plan", {"height": height, "template": {"layout": style_of(theme)}})

    def checked(self) -> go.Figure:
        """Return it as Plotly's own figure."""
        return go.Figure({"data": self.traces, "layout": self.plan})

    def to_dict(self) -> dict[str, Any]:
        """Return what plotly.js draws, with arrays as base64."""
        return {"data": [_encoded(trace) for trace in self.traces], "layout": self.plan}


def _encoded(trace: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"dtype": f"f{value.itemsize}", "bdata": b64encode(value.tobytes()).decode()}
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in trace.items()
    }


def compact(values: ArrayLike) -> NDArray[np.float32]:
    """Return ``values`` in float32, which needs half the bytes of float64 on the way."""
    return np.asarray(values, np.float32)


def decades(floor: float, top: float, most: int = 7) -> dict[str, Any]:
    """Return the settings of a logarithmic axis from ``floor`` to ``top``.

    Smaller values, also 0, are drawn at the floor, and its label says "≤". The axis has at
    most about ``most`` labels.
    """
    low, high = round(math.log10(floor)), math.ceil(math.log10(top) - 1e-9)
    stride = max(1, -(-(high - low) // most))
    steps = [e for e in range(low + 1, high + 1) if e % stride == 0 and 2 * (e - low) >= stride]
    exponents = [low, *steps]
    labels = [f"≤ {power(low)}", *(power(e) if e else "1" for e in steps)]
    return {
        "type": "log",
        "range": [low - 0.03 * (high - low), min(high + 0.03 * (high - low), DECADES)],
        "tickvals": [10.0**e for e in exponents],
        "ticktext": labels,
    }


TICK = 9
"""Size of the labels of steps, in pixels."""


def steps_axis(labels: Sequence[str] | None, steps: int) -> dict[str, Any]:
    """Return the settings of an axis of steps, with a label for each step if there are ``labels``.

    Plotly leaves labels of categories out where they don't fit, by the width of the chart and the
    size of the tick font. Single letters are larger than that, since a letter is narrow.
    """
    span = {"range": [-0.7, steps - 0.3]}
    if labels is None:
        return span
    size = 15 if all(len(label) == 1 for label in labels) else TICK
    shown = {
        str(k): f'<span style="font-size:{size}px">{escape(t)}</span>' for k, t in enumerate(labels)
    }
    axis = {"type": "category", "categoryorder": "array", "categoryarray": list(range(steps))}
    return span | axis | {"labelalias": shown, "tickfont": {"size": TICK}, "tickangle": 0}


class LineLabel(NamedTuple):
    """The label of a curve.

    Attributes:
        text: one or more lines, separated by ``<br>``.
        colour: the colour of the curve.
        x: where the curve ends, in the units of its axis.
        y: the value there; its logarithm to base 10 on a logarithmic axis.
    """

    text: str
    colour: str
    x: float
    y: float


def label_lines(
    figure: go.Figure, labels: Sequence[LineLabel], end: float, span: tuple[float, float]
) -> None:
    """Write each label to the right of the axes, with a thin line to the end of its curve.

    The labels replace the legend. They keep the order of the curves and never overlap.

    Args:
        figure: its height is set.
        labels: one for each curve.
        end: where the horizontal axis ends.
        span: the range of the vertical axis, as Plotly takes it.
    """
    height = figure.layout.height
    notes = line_notes(labels, end, span, height)
    for note in notes:
        figure.add_annotation(note)
    figure.update_layout(showlegend=False, margin=label_margin(labels))


def line_notes(
    labels: Sequence[LineLabel], end: float, span: tuple[float, float], height: float
) -> list[dict[str, Any]]:
    """Return the annotations of `label_lines`, for a figure of this ``height``."""
    lines = max((label.text.count("<br>") + 1 for label in labels), default=1)
    gap = LINE * lines * (span[1] - span[0]) / (height - 110)
    places = spread([label.y for label in labels], gap, *span)
    return [
        {
            "text": label.text, "x": label.x, "y": label.y, "ax": end, "ay": place,
            "axref": "x", "ayref": "y", "xanchor": "left", "align": "left", "showarrow": True,
            "arrowhead": 0, "arrowwidth": 1, "arrowcolor": label.colour,
        }
        for label, place in zip(labels, places, strict=True)
    ]  # fmt: skip


def label_margin(labels: Sequence[LineLabel]) -> dict[str, int]:
    """Return the margins that leave room for ``labels`` to the right of the axes."""
    widest = max((len(line) for each in labels for line in each.text.split("<br>")), default=0)
    return {"t": 16, "r": 36 + CHARACTER * widest}


def add_cell_curve(
    figure: go.Figure, name: str, values: NDArray[np.floating], heights: NDArray[np.floating]
) -> str:
    """Draw ``values`` (T,) of the cell called ``name`` at ``heights``, and return the colour.

    Each further curve of the figure has another dash.
    """
    colour = look_of(find_named(name)).colour
    figure.add_scatter(
        x=list(range(len(values))),
        y=heights,
        name=name,
        mode="lines+markers",
        line={"color": colour, "dash": DASHES[len(figure.data) % 4], "width": 2.5},
        text=[f"step {t}: {written(float(value))}" for t, value in enumerate(values)],
        hovertemplate="%{text}<extra>%{fullData.name}</extra>",
    )
    return colour


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return ``places`` moved apart to at least ``gap``, in their order, from ``low`` to ``high``.

    If there is not enough room, the lowest ones are below ``low``.
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = [min(max(place, low), high) for place in places]
    for before, now in pairwise(order):
        moved[now] = max(moved[now], moved[before] + gap)
    limit = high
    for now in reversed(order):
        moved[now] = limit = min(moved[now], limit)
        limit -= gap
    return moved


def top_of(*series: ArrayLike, least: float = 1.0) -> float:
    """Return the smallest power of 1,000 above all finite values, at least ``least``.

    Coarse ends keep the axes still when a number changes.
    """
    numbers = [np.asarray(each, np.float64) for each in series]
    most = max((float(n[np.isfinite(n)].max(initial=0.0)) for n in numbers), default=0.0)
    top = least
    while top < most:
        top *= 1_000
    return min(top, LARGEST)


def at_least(values: ArrayLike, floor: float) -> NDArray[np.floating]:
    """Return ``values``, at least ``floor``; NaN and infinite ones become gaps (NaN).

    In float32, or in float64 if a value is too large for float32.
    """
    numbers = np.asarray(values, np.float64)
    shown = np.where(np.isfinite(numbers), np.maximum(numbers, floor), np.nan)
    large = bool((numbers[np.isfinite(numbers)] > np.finfo(np.float32).max).any())
    return shown if large else compact(shown)

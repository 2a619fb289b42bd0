"""The look that every figure shares: an explicit template, and numbers as they are written.

Plotly's default template belongs to the process, and Streamlit replaces it: no figure relies on it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from gatesviz.theme import COLOURS

Theme = Literal["light", "dark"]

PAPER = {"light": "#FFFFFF", "dark": "#0F1720"}  # the pages' own, see .streamlit/config.toml
INK = {"light": "#0A121A", "dark": "#EDF2F7"}
GRID = {"light": "#DDE2E7", "dark": "#2B3947"}
CELL_COLOURS: Mapping[str, str] = {
    "lstm": "#0072B2",  # the three as on *Train live*
    "gru": "#D55E00",
    "rnn": "#777777",
    "h": COLOURS["h"],
    "c": COLOURS["c"],
}
"""Colours of curves; `DASHES` tell them apart as well."""
DASHES = ("solid", "dash", "dot", "dashdot")
LARGEST, DECADES = 1e308, 308.25
"""The top of an axis, and its end in powers of ten: float64, and a browser, hold no more."""
SCALE = "Cividis"  # told apart by colour-blind readers, and in grey
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def empty(theme: Theme, height: int = 460) -> go.Figure:
    """Return a figure without anything in it.

    Raises:
        ValueError: if ``theme`` is neither light nor dark.
    """
    if theme not in PAPER:
        raise ValueError(f"theme is {theme!r}, light or dark is wanted")
    axis = {"gridcolor": GRID[theme], "linecolor": GRID[theme], "zeroline": False}
    axis |= {"title": {"standoff": 8}, "automargin": True, "ticks": "outside"}
    layout = go.Layout(
        paper_bgcolor=PAPER[theme],
        plot_bgcolor=PAPER[theme],
        font={"color": INK[theme], "size": 16, "family": "sans-serif"},
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0},
        hoverlabel={"font": {"size": 16}},
        xaxis=axis,
        yaxis=axis,
    )
    figure = go.Figure(layout={"height": height})
    figure.layout.template = go.layout.Template(layout=layout)
    return figure


def compact(values: ArrayLike) -> NDArray[np.float32]:
    """Return float32, which travels as base64 at half the size of float64."""
    return np.asarray(values, np.float32)


def written(value: float) -> str:
    """Return a number as a reader writes it: 0.0125, 3.2·10⁻⁷, 0."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else {math.inf: "∞", -math.inf: "−∞"}.get(value, "unknown")
    if 1e-3 <= abs(value) < 1e4:
        return (f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}").replace("-", "−")
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits.replace('-', '−')}·{power(int(exponent))}"


def power(exponent: int) -> str:
    """Return 10 to the ``exponent``."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def decades(floor: float, top: float, most: int = 7) -> dict[str, Any]:
    """Return the settings of a logarithmic axis from a labelled floor to ``top``.

    What is smaller than the floor, 0 included, is drawn at the floor, whose label says so.
    """
    low, high = round(math.log10(floor)), math.ceil(math.log10(top) - 1e-9)
    stride = max(1, -(-(high - low) // most))
    steps = [e for e in range(low + 1, high + 1) if e % stride == 0 and 2 * (e - low) >= stride]
    exponents = [low, *steps]
    labels = [f"{power(low)} or less", *(power(e) if e else "1" for e in steps)]
    return {
        "type": "log",
        "range": [low - 0.03 * (high - low), min(high + 0.03 * (high - low), DECADES)],
        "tickvals": [10.0**e for e in exponents],
        "ticktext": labels,
    }


def steps_axis(labels: Sequence[str] | None, steps: int) -> dict[str, Any]:
    """Return the settings of an axis of steps; labels need numeric places, as they may repeat."""
    if labels is None or steps > 60:
        return {"range": [-0.7, steps - 0.3]}
    return {"tickvals": list(range(steps)), "ticktext": list(labels), "tickangle": 0}


def top_of(*series: ArrayLike, least: float = 1.0) -> float:
    """Return the power of 1,000 that all finite values fit under, at least ``least``.

    Axes end at few places, so that a picture does not jump when a number changes.
    """
    numbers = [np.asarray(each, np.float64) for each in series]
    most = max((float(n[np.isfinite(n)].max(initial=0.0)) for n in numbers), default=0.0)
    top = least
    while top < most:
        top *= 1_000
    return min(top, LARGEST)


def at_least(values: ArrayLike, floor: float) -> NDArray[np.floating]:
    """Return ``values`` with those below ``floor`` raised to it; NaN and infinite ones are gaps.

    In float32, or in float64 where a value is larger than float32 holds.
    """
    numbers = np.asarray(values, np.float64)
    shown = np.where(np.isfinite(numbers), np.maximum(numbers, floor), np.nan)
    large = bool((numbers[np.isfinite(numbers)] > np.finfo(np.float32).max).any())
    return shown if large else compact(shown)

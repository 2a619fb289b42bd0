"""A known result: the expected band of each row, and the value of each seed."""

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gatesviz.experiments.known import Row
from gatesviz.figures.style import GRID, INK, Theme, compact, empty, written

HOLDS, FAILS = "#0072B2", "#D55E00"
DECADES = 3.0
"""The axis is logarithmic if the values span more powers of ten than this."""
TITLE_LETTERS, LABEL_LETTERS = 20, 12
"""A line of the axis title that fits on a phone, next to labels of so many letters."""
HIGH = 0.36
"""Half the height of a band; two rows are 1 apart."""
Range = tuple[float, float]


def band_dots(rows: Sequence[Row], *, name: str, theme: Theme = "light") -> go.Figure:
    """Return a line for each judged row: its expected band, and a mark for each seed.

    A seed outside its band is a cross. If the values span orders of magnitude, the axis is
    logarithmic, and 0 is drawn at its lower end.

    Args:
        rows: of a card.
        name: the quantity, as the title of the axis.
        theme: of the page.
    """
    judged = [row for row in rows if row.band.judged]
    longest = max((len(row.band.row) for row in judged), default=0)
    # A longer label moves the middle of the axis, where the title is, to the right by half of it.
    letters = max(10, TITLE_LETTERS - max(0, longest - LABEL_LETTERS) // 2)
    title, (span, log) = wrap(name, letters), _axis(judged)
    figure = empty(theme, 66 + 44 * len(judged) + 22 * max(2, len(title)))
    for place, row in enumerate(judged):
        low, high = (min(max(_on(x, log, span), span[0]), span[1]) for x in _bounds(row))
        figure.add_shape(
            type="rect", x0=_off(low, log), x1=_off(high, log), y0=place - HIGH, y1=place + HIGH,
            fillcolor=GRID[theme], line={"color": INK[theme], "width": 1}, layer="below",
        )  # fmt: skip
    for holds in (True, False):
        figure.add_trace(_marks(judged, holds, log, span))
    figure.update_yaxes(
        tickvals=list(range(len(judged))), ticktext=[row.band.row for row in judged],
        range=[len(judged) - 0.5, -0.5], showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(
        title_text="<br>".join(title), range=list(span), type="log" if log else "linear"
    )
    if log:
        figure.update_xaxes(exponentformat="power", dtick=max(1, round((span[1] - span[0]) / 6)))
    return figure


def band_dots_alt(rows: Sequence[Row], name: str) -> str:
    """Return the content of `band_dots` in words."""
    parts = [
        f"{row.band.row}: {', '.join(map(written, row.values)) or 'no value yet'},"
        f" expected {row.band}"
        for row in rows
        if row.band.judged
    ]
    return f"{name[:1].upper()}{name[1:]}. {'; '.join(parts)}."


def _bounds(row: Row) -> Range:
    return row.band.low, row.band.high


def _axis(rows: Sequence[Row]) -> tuple[Range, bool]:
    """Return the range of the axis, as Plotly takes it, and whether it is logarithmic."""
    every = [x for row in rows for x in (*row.values, *_bounds(row)) if math.isfinite(x)]
    positive = [x for x in every if x > 0]
    log = bool(positive) and min(every) >= 0
    log = log and math.log10(max(positive) / min(positive)) > DECADES
    ends = [math.log10(x) for x in positive] if log else every or [0.0, 1.0]
    room = 0.06 * (max(ends) - min(ends)) or 0.5
    return (min(ends) - room, max(ends) + room), log


def _on(value: float, log: bool, span: Range) -> float:
    """Return the position of ``value`` in the units of the range."""
    if not log or not math.isfinite(value):
        return value
    return math.log10(value) if value > 0 else span[0]


def _at(value: float, log: bool, span: Range) -> float:
    """Return where ``value`` is drawn: at an end of the axis if it is NaN or infinite."""
    if not math.isfinite(value):
        return _off(span[0] if value < 0 else span[1], log)
    return _off(_on(value, log, span), log)


def _off(place: float, log: bool) -> float:
    return float(10.0**place) if log else place


def _marks(rows: Sequence[Row], holds: bool, log: bool, span: Range) -> go.Scatter:
    """Return the seeds inside their bands, or those outside."""
    marks: list[tuple[float, float, str]] = []
    for place, row in enumerate(rows):
        low, high = _bounds(row)
        apart = np.linspace(-0.16, 0.16, len(row.values)) if len(row.values) > 1 else [0.0]
        marks += [
            (_at(value, log, span), place + shift, f"{row.band.row}: {written(value)}")
            for value, shift in zip(row.values, apart, strict=False)
            if (low <= value <= high) == holds
        ]
    style: dict[str, Any] = {"color": HOLDS if holds else FAILS, "size": 12}
    style |= {"symbol": "circle" if holds else "x"}
    return go.Scatter(
        x=compact([x for x, _, _ in marks]), y=compact([y for _, y, _ in marks]), mode="markers",
        name="as expected" if holds else "outside the expected band", marker=style,
        text=[text for _, _, text in marks], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip

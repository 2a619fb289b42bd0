"""A figure as SVG for static pages, which have no room for the 5 MB of Plotly's own script.

It draws what the figures of the lessons hold: lines, markers, texts, colours over a plane, and the
labels of curves. The page's style sheet gives text, grid and bands their colours.
"""

import html
import math
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from plotly.colors import get_colorscale, hex_to_rgb

from gatesviz.figures.style import INK, SCALE

WIDTH = 640
KINDS = ("scatter", "heatmap", "contour")
_TICKS, _LETTER, _LINE = 6, 8.2, 18
_NEAR, _SAME = 5, 8
"""Markers within 5 pixels are drawn once, and points of a line within 0.8 pixels."""
_DASHES = {"dash": "9 6", "dot": "3 5", "dashdot": "9 5 3 5", "longdash": "14 6"}
_MARKS = {
    "circle": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "square": "m-4-4h8v8h-8z",
    "diamond": "m0-6l6 6l-6 6l-6-6z",
    "triangle-down-open": "m-4-3h8l-4 7z",
    "x": "m-5-5l10 10m0-10l-10 10",
}
"""Paths of markers, from their place on."""


class Axis(NamedTuple):
    """An axis: its title, its labels by place, and the function from values to pixels."""

    title: str
    labels: Mapping[float, str]
    pixel: Callable[[NDArray[np.floating]], NDArray[np.floating]]
    log: bool


def to_svg(figure: Any, alt: str) -> str:
    """Return a figure of `gatesviz.figures` as a picture with a description.

    Raises:
        ValueError: if it holds a kind of trace that this module can't draw.
    """
    checked = figure.checked() if hasattr(figure, "checked") else figure
    drawn = checked.to_dict()
    layout, traces = drawn["layout"], drawn["data"]
    for trace in traces:
        if trace["type"] not in KINDS:
            raise ValueError(f"expected one of {', '.join(KINDS)}, got a trace {trace['type']!r}")
    height = int(layout.get("height", 460))
    right = 16 + max((_widest(note["text"]) for note in _labels(layout)), default=0)
    box = (_left(layout, traces), 12.0, WIDTH - right, height - 52.0)
    titles = [n["text"] for n in layout.get("annotations", ()) if n.get("axref") != "x"]
    across = _axis(layout.get("xaxis", {}), traces, "x", box[0], box[2])
    upright = _axis(layout.get("yaxis", {}), traces, "y", box[3], box[1])
    across = across._replace(title=" ".join((across.title or "".join(titles)).split("<br>")))
    parts = [
        *_grid(across, upright, box),
        *(
            part
            for shape in layout.get("shapes", ())
            for part in _shape(shape, across, upright, box)
        ),
        *(part for trace in traces for part in _trace(trace, across, upright)),
        *(part for note in _labels(layout) for part in _note(note, across, upright)),
    ]
    named = html.escape(alt)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{named}">'
        f"{''.join(parts)}</svg>"
    )


def _labels(layout: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the labels of curves. Another note is the title of the horizontal axis."""
    return [note for note in layout.get("annotations", ()) if note.get("axref") == "x"]


def _widest(text: str) -> float:
    return _LETTER * max(len(line) for line in text.split("<br>")) + 14


def _left(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> float:
    """Return the room for the labels and the title of the vertical axis."""
    labels = layout.get("yaxis", {}).get("ticktext") or ["0.000"]
    return 34 + max(_widest(str(label)) for label in labels)


def _axis(plan: Mapping[str, Any], traces: Any, name: str, start: float, end: float) -> Axis:
    values = [_numbers(trace[name]) for trace in traces if trace.get(name) is not None]
    log = plan.get("type") == "log"
    low, high = plan.get("range") or _span(values)
    if plan.get("autorange") == "reversed":
        low, high = high, low

    def pixel(at: NDArray[np.floating]) -> NDArray[np.floating]:
        place = np.log10(at) if log else np.asarray(at, np.float64)
        return start + (end - start) * (place - low) / (high - low)

    title = plan.get("title", {}).get("text", "")
    if plan.get("tickvals") is not None:
        labels = dict(zip(plan["tickvals"], map(str, plan["ticktext"]), strict=True))
    elif log:  # the range is in powers of ten
        powers = range(math.ceil(min(low, high)), math.floor(max(low, high)) + 1)
        labels = {10.0**power: f"{10.0**power:g}".replace("-", "−") for power in powers}
    else:
        labels = {at: f"{at:g}".replace("-", "−") for at in _round_numbers(low, high)}
    return Axis(title, labels, pixel, log)


def _numbers(values: Any) -> NDArray[np.float64]:
    """Return the values of a trace, which Plotly may have encoded."""
    if isinstance(values, Mapping):
        read = np.frombuffer(b64decode(values["bdata"]), values["dtype"])
        shape = values.get("shape")
        values = read.reshape([int(n) for n in shape.split(",")]) if shape else read
    return np.asarray(values, np.float64)


def _span(values: Sequence[NDArray[np.floating]]) -> tuple[float, float]:
    """Return the range of a map, whose squares are one apart."""
    if not values:
        return 0.0, 1.0
    low, high = (float(f([f(one) for one in values])) for f in (min, max))
    return low - 0.5, high + 0.5


def _round_numbers(low: float, high: float) -> Iterator[float]:
    rough = abs(high - low) / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    for k in range(math.ceil(min(low, high) / step), math.floor(max(low, high) / step) + 1):
        yield round(k * step, 10)


def _grid(across: Axis, upright: Axis, box: tuple[float, float, float, float]) -> Iterator[str]:
    left, top, right, bottom = box
    for at, label in upright.labels.items():
        y = float(upright.pixel(np.array(at)))
        yield f'<path class="grid" d="M{left:.0f} {y:.1f}H{right:.0f}"/>'
        yield _text(label, left - 6, y + 5, "end")
    for at, label in across.labels.items():
        x = float(across.pixel(np.array(at)))
        yield f'<path class="grid" d="M{x:.1f} {top:.0f}V{bottom:.0f}"/>'
        yield _text(label, x, bottom + 18, "middle")
    yield _text(across.title, (left + right) / 2, bottom + 42, "middle")
    middle = (top + bottom) / 2
    yield (
        f'<text transform="translate(16 {middle:.0f}) rotate(-90)" class="middle">'
        f"{html.escape(upright.title)}</text>"
    )


def _text(label: str, x: float, y: float, anchor: str, style: str = "") -> str:
    """Return one or more lines of text; ``y`` is the base line of the first one."""
    return "".join(
        f'<text x="{x:.0f}" y="{y + k * _LINE:.0f}" class="{anchor}"{style}>'
        f"{html.escape(line)}</text>"
        for k, line in enumerate(label.split("<br>"))
        if line
    )


def _trace(trace: Mapping[str, Any], across: Axis, upright: Axis) -> Iterator[str]:
    kind, mode = trace["type"], trace.get("mode", "lines")
    if kind in ("heatmap", "contour"):
        yield _plane(trace, across, upright)
        return
    xs, ys = _numbers(trace["x"]), _numbers(trace["y"])
    x, y = across.pixel(xs), upright.pixel(ys)
    if "lines" in mode:
        yield _line(trace.get("line", {}), x, y)
    if "markers" in mode:
        yield _marks(trace.get("marker", {}), x, y)
    if "text" in mode:
        colours = trace["textfont"]["color"]
        for place, words in enumerate(trace["text"]):
            lines = words.count("<br>")
            above = 18 if "top" in trace.get("textposition", "") else 0
            style = f' style="fill:{colours[place]};font-size:13px"'
            yield _text(words, x[place], y[place] + 5 - above - lines * _LINE / 2, "middle", style)


def _line(look: Mapping[str, Any], x: NDArray[np.floating], y: NDArray[np.floating]) -> str:
    """Return a path with a gap at each value that isn't finite."""
    path, last = list[str](), None
    for a, b in zip(x, y, strict=True):
        if not np.isfinite(a + b):
            last = None
            continue
        at = round(10 * float(a)), round(10 * float(b))  # in tenths of a pixel
        if last is not None and max(abs(at[0] - last[0]), abs(at[1] - last[1])) < _SAME:
            continue
        if last is None:
            path.append(f"M{at[0] / 10:g} {at[1] / 10:g}")
        else:
            path.append(f"l{(at[0] - last[0]) / 10:g} {(at[1] - last[1]) / 10:g}")
        last = at
    dash = _DASHES.get(look.get("dash", ""), "")
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    stroke = f'stroke="{_ink(look.get("color"))}" stroke-width="{look.get("width", 2)}"'
    return f'<path fill="none" {stroke}{dashes} d="{"".join(path)}"/>'


def _marks(look: Mapping[str, Any], x: NDArray[np.floating], y: NDArray[np.floating]) -> str:
    symbol, colour = look.get("symbol", "circle"), _ink(look.get("color"))
    filled = symbol not in ("x", "triangle-down-open")
    paint = f'fill="{colour}"' if filled else f'fill="none" stroke="{colour}" stroke-width="2"'
    shape = _MARKS.get(symbol, _MARKS["circle"])
    known = {
        (round(a / _NEAR), round(b / _NEAR)): f"M{a:.0f} {b:.0f}{shape}"
        for a, b in zip(x, y, strict=True)
        if np.isfinite(a + b)
    }
    return f'<path {paint} d="{"".join(known.values())}"/>'


def _ink(colour: str | None) -> str:
    return "currentColor" if colour in (None, *INK.values()) else str(colour)


def _plane(trace: Mapping[str, Any], across: Axis, upright: Axis) -> str:
    """Return the colours of a map or a surface as one picture inside the SVG."""
    z = _numbers(trace["z"])
    low, high = trace["zmin"], trace["zmax"]
    share = np.clip((z - low) / (high - low), 0, 1)
    xs, ys = (_numbers(trace[axis]) for axis in ("x", "y"))
    half = [(ends[-1] - ends[0]) / (len(ends) - 1) / 2 for ends in (xs, ys)]
    left, right = across.pixel(np.array([xs[0] - half[0], xs[-1] + half[0]]))
    one, other = upright.pixel(np.array([ys[0] - half[1], ys[-1] + half[1]]))
    upwards = one > other
    picture = _png(_colours(share[::-1] if upwards else share))
    sharp = ' style="image-rendering:pixelated"' if trace["type"] == "heatmap" else ""
    return (
        f'<image x="{left:.1f}" y="{min(one, other):.1f}" width="{right - left:.1f}"'
        f' height="{abs(one - other):.1f}" preserveAspectRatio="none"{sharp}'
        f' href="data:image/png;base64,{b64encode(picture).decode()}"/>'
    )


def _colours(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the colours (rows, columns, 3) of shares from 0 to 1; grey where there is none."""
    stops = get_colorscale(SCALE)
    places = [place for place, _ in stops]
    table = np.array([hex_to_rgb(colour) for _, colour in stops], float)
    known = np.nan_to_num(share)
    made = np.stack([np.interp(known, places, table[:, k]) for k in range(3)], axis=-1)
    made[~np.isfinite(share)] = 128
    whole: NDArray[np.uint8] = np.rint(made).astype(np.uint8)
    return whole


def _png(colours: NDArray[np.uint8]) -> bytes:
    """Return colours (rows, columns, 3) as a PNG file."""
    height, width, _ = colours.shape
    rows = b"".join(b"\0" + row.tobytes() for row in colours)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _shape(
    shape: Mapping[str, Any], across: Axis, upright: Axis, box: tuple[float, ...]
) -> Iterator[str]:
    """Return a horizontal line over the whole width, or a rectangle."""
    if shape["type"] == "rect":
        x = np.sort(across.pixel(np.array([shape["x0"], shape["x1"]])))
        y = np.sort(upright.pixel(np.array([shape["y0"], shape["y1"]])))
        yield (
            f'<rect class="band" x="{x[0]:.1f}" y="{y[0]:.1f}" width="{x[1] - x[0]:.1f}"'
            f' height="{y[1] - y[0]:.1f}"/>'
        )
        return
    y = upright.pixel(np.array([shape["y0"], shape["y0"]]))
    yield _line(shape["line"], np.array([box[0], box[2]]), y)


def _note(note: Mapping[str, Any], across: Axis, upright: Axis) -> Iterator[str]:
    """Return the label of a curve, with a thin line to its end."""
    ys = np.array([note["y"], note["ay"]], float)
    x = across.pixel(np.array([note["x"], note["ax"]], float))
    y = upright.pixel(10.0**ys if upright.log else ys)
    colour = _ink(note["arrowcolor"])
    yield _line({"color": colour, "width": 1}, x, y)
    lines = note["text"].count("<br>")
    yield _text(note["text"], float(x[1]) + 3, float(y[1]) + 5 - lines * _LINE / 2, "start")

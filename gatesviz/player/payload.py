"""Pack traces into one compact byte string, which a player receives once.

The container is safetensors. What the browser computes from is exact: see `network`. A gate or
state is stored as int16 with one scale if that is exact to 1e-4 for the array and for the products
W·x and W·h that use it; else as float32.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from safetensors.numpy import save

from gatesviz.cells import Equation
from gatesviz.limits import PLAYER_VALUES
from gatesviz.player.network import exact, network_arrays, residuals
from gatesviz.player.panels import Answers as Answers
from gatesviz.player.panels import Panel as Panel
from gatesviz.player.panels import Readout as Readout
from gatesviz.player.panels import Written as Written
from gatesviz.strict_json import to_json
from gatesviz.theme import COLOURS
from gatesviz.traces import Array, Trace

INT16 = 32767
FINE = 6.5
"""Largest magnitude that int16 holds to 1e-4: 1e-4 · 2 · 32767 = 6.55."""
EXACT_ANSWERS = 200_000
"""Most answers that are sent as float32: int16 could put two small probabilities in wrong order."""

ORDERS = ("index", "mean", "opening", "likeness")
SPANS = (0, 100, 50, 25)
SPEEDS = (1, 2, 5, 10, 20, 60)


@dataclass(frozen=True)
class Selection:
    """The place and the settings of a player.

    Attributes:
        step, unit, panel: each from 0.
        lane: the letter of the chosen gate or state; the last state if empty.
        playing: whether it starts to play; never for readers who prefer less motion.
        order: of the units, one of `ORDERS`.
        span: how many steps are shown, one of `SPANS`; 0 shows all.
        speed: steps a second, one of `SPEEDS`.
        sums: whether the arithmetic is open.
        reverse: whether it plays against the reading order, as gradients flow.
        edits: the text of edits, as `gatesviz.recordings.edit_text` writes it.
        turn: a new number moves a player that is already on the page to this place.
        until: how many steps of a text that the model writes are uncovered; 0 uncovers all.
        stretch: the first and the last step of a stretch, which the reader can change by dragging
            over the lanes or by Shift and an arrow key; None where no stretch is chosen. The
            player then shows its lanes alone.
        rows: the letters of the lanes that are shown, joined by "_", without the cell beside them.
            The reader can show all again. Empty shows all.
    """

    step: int = 0
    unit: int = 0
    panel: int = 0
    lane: str = ""
    playing: bool = False
    order: str = "index"
    span: int = 0
    speed: int = 5
    sums: bool = False
    reverse: bool = False
    edits: str = ""
    turn: int = 0
    until: int = 0
    stretch: tuple[int, int] | None = None
    rows: str = ""


def payload(
    panels: Sequence[Panel],
    *,
    select: Selection | None = None,
    sliders: Mapping[str, tuple[str, int, int]] | None = None,
) -> bytes:
    """Return the bytes that `player.js` draws: the panels side by side under one clock.

    The player opens at ``select``. Equal panels give equal bytes.

    Args:
        panels: one or more.
        select: the place and the settings; the defaults if None.
        sliders: for each slider of the page that holds a number of the network: the CSS class of
            its element -> the name of an array, a row and a column. See `sliders.js`.

    Raises:
        ValueError: if there is no panel, if panels differ in their number of steps, or if there
            are more values than `limits.PLAYER_VALUES`.
    """
    if not panels:
        raise ValueError("expected at least one panel, got none")
    counts = [panel.trace.steps for panel in panels]
    if len(set(counts)) > 1:
        raise ValueError(f"expected panels with the same number of steps, got {counts}")
    tensors: dict[str, Any] = {}
    described = [_describe(panel, f"{index}.", tensors) for index, panel in enumerate(panels)]
    PLAYER_VALUES.check(sum(tensor.size for tensor in tensors.values()))
    axes = [_axis(panel) for panel in panels]
    if any(axis != axes[0] for axis in axes):
        described = [one | axis for one, axis in zip(described, axes, strict=True)]
    model: dict[str, Any] = {
        "version": 1,
        "steps": counts[0],
        **axes[0],
        "colours": dict(COLOURS),
        "panels": described,
    }
    if sliders is not None:
        model["sliders"] = {name: list(place) for name, place in sliders.items()}
    model["id"] = _identity(model, tensors)
    chosen = select or Selection()
    model["select"] = asdict(chosen)
    return save(tensors, metadata={"player": legible(to_json(model))})


def _axis(panel: Panel) -> dict[str, Any]:
    """Return a panel's time axis, which is stored once if all panels share it."""
    labels = range(panel.trace.steps) if panel.labels is None else panel.labels
    axis = {"labels": [str(label) for label in labels], "text": panel.text}
    if panel.words:
        axis["words"] = True
    if panel.written is None:
        return axis
    chances = [float(f"{chance:.4g}") for chance in panel.written.chances]
    written = {"first": panel.written.first, "temperature": panel.written.temperature}
    return {**axis, "written": {**written, "chances": chances}}


def legible(text: str) -> str:
    """Replace each unpaired surrogate, which no file can hold, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _identity(model: Mapping[str, Any], tensors: Mapping[str, Any]) -> str:
    digest = hashlib.sha1(json.dumps(model, sort_keys=True).encode(), usedforsecurity=False)
    for name in sorted(tensors):
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()[:16]


@np.errstate(over="ignore", under="ignore")  # beyond float32, values become infinite or 0
def _describe(panel: Panel, prefix: str, tensors: dict[str, Any]) -> dict[str, Any]:
    """Put the panel's arrays into ``tensors`` and return the rest as JSON."""
    trace, scales = panel.trace, {}
    sent = {"x": trace.inputs, **trace.gates, **trace.states}
    engine, computed_from = network_arrays(panel)
    answers: dict[str, Any] | None = None
    if panel.answers is not None:
        sent["y"] = panel.answers.values
        if panel.answers.targets is not None:
            sent["target"] = panel.answers.targets
        one = panel.answers
        answers = {"names": list(one.names), "question": one.question, "kind": one.kind}
        if one.forecasts:
            answers["forecasts"] = True
    reach, exponents = _reach(trace), {}
    for name, array in {**sent, **computed_from}.items():
        if name in computed_from or (name == "y" and array.size <= EXACT_ANSWERS):
            tensors[prefix + name], scales[name] = exact(array)
        else:
            tensors[prefix + name], scales[name] = _packed(array, reach.get(name, 1.0))
    if engine is not None:
        engine["every"] = _residuals(trace, prefix, tensors, scales)
    for letter, gradient in panel.gradients.items():
        tensors[f"{prefix}d{letter}"], exponents[f"d{letter}"] = _rows_packed(gradient)
        scales[f"d{letter}"] = 1.0
    return {
        **_named(panel),
        "arrays": scales,
        "gradients": list(panel.gradients),
        "exponents": exponents,
        "weights": sum(weight.size for weight in trace.weights.values()),
        "answers": answers,
        "engine": engine,
    }


def _residuals(
    trace: Trace, prefix: str, tensors: dict[str, Any], scales: dict[str, float]
) -> dict[str, int]:
    """Add what int16 rounds off the states; return for each how many rows apart it was taken."""
    every = {}
    for name, state in trace.states.items():
        packed = tensors[prefix + name]
        if packed.dtype == np.int16:
            key = f"{name}.residual"
            tensors[prefix + key], scales[key], every[name] = residuals(state, packed, scales[name])
    return every


def _named(panel: Panel) -> dict[str, Any]:
    """Return the names and meanings of a panel's arrays."""
    trace, kind = panel.trace, panel.trace.kind
    return {
        "title": panel.title or kind.name,
        "cell": kind.key,
        "drawn": kind.drawn,
        "name": kind.name,
        "convention": kind.convention,
        "direction": trace.direction,
        "hidden": trace.hidden_size,
        "inputs": trace.inputs.shape[-1],
        "features": list(panel.features) if panel.features is not None else None,
        "gates": [
            {"letter": g.letter, "name": g.name, "low": g.low, "high": g.high, "meaning": g.meaning}
            for g in kind.gates
        ],
        "states": list(kind.states),
        "blocks": list(kind.blocks),
        "equations": [[e.target, e.expression] for e in _equations(trace)],
    }


def _equations(trace: Trace) -> tuple[Equation, ...]:
    """Return the cell's equations; with a projection, h' = W_hr·m is a line of its own."""
    *others, last = trace.kind.equations
    if "weight_hr" not in trace.weights:
        return trace.kind.equations
    return (*others, Equation("m", last.expression), Equation("h'", "W_hr @ m"))


def _reach(trace: Trace) -> dict[str, float]:
    """Return how much an error of 1 in an array can change a product that uses it."""
    reach = {}
    for value, weight in (("x", "weight_ih"), ("h", "weight_hh")):
        values = trace.inputs if value == "x" else trace.states["h"]
        for one, other in ((value, trace.weights[weight]), (weight, values)):
            sums = np.abs(other).sum(axis=-1, dtype=np.float64)
            reach[one] = float(sums.max(initial=1.0))
    for factors in trace.kind.recurrent_factors.values():
        for letter in set(factors) - {"h"}:  # in W·(r·h), an error of r is multiplied by h
            reach[letter] = reach["h"] * float(np.abs(trace.states["h"]).max(initial=1.0))
    return reach


def _packed(array: Array, reach: float) -> tuple[Any, float]:
    """Return ``array`` as int16 with its scale, or as float32 with 1 if int16 is too coarse."""
    largest = float(np.abs(array).max(initial=0.0))
    if not largest * reach <= FINE:  # also if it is NaN
        return np.ascontiguousarray(array, np.float32), 1.0
    scale = max(largest, 1e-12) / INT16
    return np.ascontiguousarray(np.rint(array / scale), np.int16), scale


def _rows_packed(array: Array) -> tuple[Any, list[int]]:
    """Return ``array`` as float32 rows, each divided by a power of two, and the exponents.

    Over a long sequence, a gradient exceeds the range of float32, but a single row does not: its
    largest value becomes 1/2 to 1.
    """
    known = np.where(np.isfinite(array), array, 0.0)
    _, exponents = np.frexp(np.abs(known).max(axis=1, initial=0.0))
    rows = np.ldexp(np.asarray(array, np.float64), -exponents[:, None])
    return np.ascontiguousarray(rows, np.float32), [int(power) for power in exponents]

"""Traces in, one compact byte string out: what a player is sent, once.

The container is safetensors, which a page reads in ten lines. An array travels as int16 with one
scale where that is exact to 1e-4, and so are the products W·x and W·h that it goes into; as
float32 where it is not.
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
from gatesviz.theme import COLOURS
from gatesviz.traces import Array, Trace

INT16 = 32767
FINE = 6.5
"""Largest magnitude that int16 carries to 1e-4: 1e-4 · 2 · 32767 = 6.55."""
WEIGHTS = 200_000
"""Weights beyond this many stay at home; the player then says so under the arithmetic."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a readout says at each step.

    Attributes:
        names: O names.
        values: (T, O); probabilities, or plain values.
        question: what is asked, in a few words: "the first symbol".
    """

    names: tuple[str, ...]
    values: Array
    question: str = ""


@dataclass(frozen=True, eq=False)
class Panel:
    """One trace as one column of a player.

    Attributes:
        trace: of one sample: unbatched.
        labels: T labels of the time axis; step numbers where None.
        title: above the column; the cell's name where empty.
        text: whether the labels are the characters of a text.
        features: I names of the inputs.
        answers: what a readout makes of h, if there is one.

    Raises:
        ValueError: if the trace is batched, or labels, features or answers do not fit it.
    """

    trace: Trace
    labels: Sequence[str] | None = None
    title: str = ""
    text: bool = False
    features: Sequence[str] | None = None
    answers: Answers | None = None

    def __post_init__(self) -> None:
        steps, size = self.trace.inputs.shape[0], self.trace.inputs.shape[-1]
        if self.trace.batched:
            raise ValueError("a player shows one sample: pass trace.sample(index)")
        if self.labels is not None and len(self.labels) != steps:
            raise ValueError(f"{len(self.labels)} labels given for {steps} steps")
        if self.features is not None and len(self.features) != size:
            raise ValueError(f"{len(self.features)} feature names given for input size {size}")
        if self.answers is not None:
            expected = (steps, len(self.answers.names))
            if self.answers.values.shape != expected:
                raise ValueError(
                    f"answers have shape {self.answers.values.shape}, expected {expected}"
                )


ORDERS = ("index", "mean", "opening", "likeness")
SPANS = (0, 100, 50, 25)
SPEEDS = (1, 2, 5, 10, 20, 60)


@dataclass(frozen=True)
class Selection:
    """Where a player stands and how it is set.

    Attributes:
        step, unit, panel: each from 0.
        lane: the letter of the chosen gate or state; the last state where empty.
        playing: whether it plays by itself; it never does for readers who want less motion.
        order: of the units, one of `ORDERS`.
        span: how many steps are shown, one of `SPANS`; 0 shows all.
        speed: steps a second, one of `SPEEDS`.
        sums: whether the arithmetic is open.
        turn: another number moves a reader, who is on the page already, to this place.
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
    turn: int = 0


def payload(panels: Sequence[Panel], *, select: Selection | None = None) -> bytes:
    """Return what `player.js` draws: the panels side by side under one clock.

    ``select`` is where it opens. Equal panels give equal bytes.

    Raises:
        ValueError: if there is no panel, panels differ in their number of steps, or there are
            more values than `limits.PLAYER_VALUES`.
    """
    if not panels:
        raise ValueError("a player needs at least one panel")
    counts = [panel.trace.steps for panel in panels]
    if len(set(counts)) > 1:
        raise ValueError(f"panels under one clock need equally many steps, {counts} given")
    tensors: dict[str, Any] = {}
    described = [_describe(panel, f"{index}.", tensors) for index, panel in enumerate(panels)]
    PLAYER_VALUES.check(sum(tensor.size for tensor in tensors.values()))
    labels = panels[0].labels
    model: dict[str, Any] = {
        "version": 1,
        "steps": counts[0],
        "labels": [str(label) for label in (range(counts[0]) if labels is None else labels)],
        "text": panels[0].text,
        "colours": dict(COLOURS),
        "panels": described,
    }
    model["id"] = _identity(model, tensors)
    chosen = select or Selection()
    model["select"] = asdict(chosen)
    return save(tensors, metadata={"player": legible(json.dumps(model, ensure_ascii=False))})


def legible(text: str) -> str:
    """Return ``text`` with U+FFFD for each unpaired surrogate, which no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _identity(model: Mapping[str, Any], tensors: Mapping[str, Any]) -> str:
    digest = hashlib.sha1(json.dumps(model, sort_keys=True).encode(), usedforsecurity=False)
    for name in sorted(tensors):
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()[:16]


@np.errstate(over="ignore")  # what float32 cannot hold becomes infinite
def _describe(panel: Panel, prefix: str, tensors: dict[str, Any]) -> dict[str, Any]:
    """Put the panel's arrays into ``tensors`` and return the rest as JSON."""
    trace, kind, scales = panel.trace, panel.trace.kind, {}
    weights = sum(weight.size for weight in trace.weights.values())
    sent = {"x": trace.inputs, **trace.gates, **trace.states}
    if weights <= WEIGHTS:
        sent |= trace.weights
    answers = None
    if panel.answers is not None:
        sent["y"] = panel.answers.values
        answers = {"names": list(panel.answers.names), "question": panel.answers.question}
    reach = _reach(trace)
    for name, array in sent.items():
        tensors[prefix + name], scales[name] = _packed(array, reach.get(name, 1.0))
    return {
        "title": panel.title or kind.name,
        "cell": kind.key,
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
        "arrays": scales,
        "weights": weights,
        "answers": answers,
    }


def _equations(trace: Trace) -> tuple[Equation, ...]:
    """Return the cell's equations; with a projection h' = W_hr·m stands in its own line."""
    *others, last = trace.kind.equations
    if "weight_hr" not in trace.weights:
        return trace.kind.equations
    return (*others, Equation("m", last.expression), Equation("h'", "W_hr @ m"))


def _reach(trace: Trace) -> dict[str, float]:
    """Return how far an error of 1 in an array can move a product that it goes into."""
    reach = {}
    for value, weight in (("x", "weight_ih"), ("h", "weight_hh")):
        values = trace.inputs if value == "x" else trace.states["h"]
        for one, other in ((value, trace.weights[weight]), (weight, values)):
            sums = np.abs(other).sum(axis=-1, dtype=np.float64)
            reach[one] = float(sums.max(initial=1.0))
    return reach


def _packed(array: Array, reach: float) -> tuple[Any, float]:
    """Return ``array`` as int16 and its scale, or as float32 and 1 where int16 is too coarse."""
    largest = float(np.abs(array).max(initial=0.0))
    if not largest * reach <= FINE:  # also where it is NaN
        return np.ascontiguousarray(array, np.float32), 1.0
    scale = max(largest, 1e-12) / INT16
    return np.ascontiguousarray(np.rint(array / scale), np.int16), scale

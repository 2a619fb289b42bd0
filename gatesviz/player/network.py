"""The numbers from which a browser computes a panel again: weights, inputs and first states.

They are float32, or integers where these are exact. Gates and states may be coarser: see `payload`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatesviz.player.panels import Panel
from gatesviz.traces import Array, Direction, Trace

WEIGHTS = 200_000
"""More weights of the shown layer than this are left out; the player then says so."""
NETWORK_WEIGHTS = 100_000
"""With more weights than this in all layers and directions, only the shown one can be computed."""
RESIDUALS = 2_048
"""Values of a state whose rounding to int16 is sent, too, so that a browser can compare exactly."""


def network_arrays(panel: Panel) -> tuple[dict[str, Any] | None, dict[str, Array]]:
    """Return what the engine has to know, and the arrays it computes from, to be sent exactly.

    The description maps ``place`` to [layer, direction] of the panel's trace, ``passes`` to those
    that can be computed, ``readout`` to the kind of the answers' readout or None, and ``alone`` to
    the reason why the rest of the network is missing: "size", "dropout", or "" if nothing is. It is
    None if the shown layer has more weights than `WEIGHTS`.
    """
    trace, place = panel.trace, panel.place
    if weights_of(trace) > WEIGHTS:
        return None, {}
    network = panel.network or {place: trace}
    alone = _why_alone(network, edited=bool(panel.edits))
    passes = {place: trace} if alone else network
    top = max(layer for layer, _ in network)
    complete = not alone or (
        place[0] == top and all(key == place for key in network if key[0] == top)
    )
    readout = panel.answers.readout if panel.answers is not None and complete else None
    sent = dict(trace.weights) | _first(trace)
    for (layer, direction), other in passes.items():
        if (layer, direction) != place:
            own = dict(other.weights) | _first(other)
            sent |= {f"{layer}.{direction}.{name}": array for name, array in own.items()}
    lowest = min(layer for layer, _ in passes)
    sent["x" if place[0] == lowest else "network.x"] = passes[lowest, place[1]].inputs
    if readout is not None:
        sent |= {"readout.weight": readout.weight, "readout.bias": readout.bias}
    others = sum(map(weights_of, network.values())) - weights_of(trace)
    described = {
        "place": list(place),
        "passes": [list(key) for key in passes],
        "alone": alone,
        "edits": [
            dict(edit) for edit in panel.edits if (edit["layer"], edit["direction"]) in passes
        ],
        "missing": others if alone else 0,
        "readout": readout.kind if readout is not None else None,
    }
    return described, sent


def _why_alone(network: Mapping[tuple[int, Direction], Trace], *, edited: bool) -> str:
    """Return why only the shown trace can be computed, or "". Edited inputs are no dropout."""
    if len(network) > 1 and sum(map(weights_of, network.values())) > NETWORK_WEIGHTS:
        return "size"
    if edited:
        return ""
    for (layer, _), trace in network.items():
        below = [
            network[layer - 1, d].after("h")
            for d in ("forward", "backward")
            if (layer - 1, d) in network
        ]
        if layer and not np.array_equal(
            trace.inputs, np.concatenate(below, axis=-1), equal_nan=True
        ):
            return "dropout"
    return ""


def weights_of(trace: Trace) -> int:
    """Return how many weights the layer of a trace has, in its direction."""
    return sum(weight.size for weight in trace.weights.values())


def _first(trace: Trace) -> dict[str, Array]:
    """Return the states before the first step that is read, by "first.h" and "first.c"."""
    row = 0 if trace.direction == "forward" else -1
    return {f"first.{name}": state[row] for name, state in trace.states.items()}


def exact(array: Array) -> tuple[Any, float]:
    """Return ``array`` as int8 or int16 where that is exact to float32, else as float32; and 1."""
    single = np.ascontiguousarray(array, np.float32)
    for kind in (np.int8, np.int16):
        whole = np.nan_to_num(single, nan=0.5, posinf=0.5, neginf=0.5)
        limit = np.iinfo(kind).max
        if np.abs(whole).max(initial=0.0) <= limit and (whole == np.rint(whole)).all():
            return single.astype(kind), 1.0
    return single, 1.0


def residuals(array: Array, packed: Any, scale: float) -> tuple[Any, float, int]:
    """Return what int16 rounds off every k-th row of a state (T + 1, H): int8, its scale, and k."""
    rows, columns = array.shape
    every = max(1, -(-rows * columns // RESIDUALS))
    left = np.asarray(array[::every], np.float64) - packed[::every].astype(np.float64) * scale
    finer = scale / 2 / 126
    return np.ascontiguousarray(np.rint(left / finer), np.int8), finer, every

"""Save and load recordings as safetensors, an open format that cannot run code."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gatesviz.cells import CELLS, Weights
from gatesviz.recordings.atomic_write import write_whole
from gatesviz.recordings.edits import Edit, Extent, edited_places, read_edits, resolved_edits
from gatesviz.recordings.safe_files import Kind, opened, parsed, taken_apart
from gatesviz.recordings.validation import check_dtypes, check_together, check_weights
from gatesviz.traces import Array, Direction, Trace

KIND = Kind("recording", "gatesviz.recording", "1", "Recording.save", ("F32", "F64", "I64"))
Parts = tuple[
    Array,
    Array | tuple[Array, Array],
    dict[tuple[int, Direction], Trace],
    tuple[str, ...],
    tuple[Edit, ...],
]


def write(
    path: str | Path,
    output: Array,
    state: Array | tuple[Array, Array],
    traces: Mapping[tuple[int, Direction], Trace],
    notes: tuple[str, ...],
    edits: tuple[Edit, ...],
) -> None:
    """Write the parts of a recording to ``path``."""
    from safetensors.numpy import save

    any_trace = next(iter(traces.values()))
    arrays: dict[str, Any] = {"output": output}
    finals = state if isinstance(state, tuple) else (state,)
    arrays |= zip(("h_n", "c_n"), finals, strict=False)
    for (layer, direction), trace in traces.items():
        arrays |= {f"{layer}.{direction}.{k}": v for k, v in _flat(trace).items()}
    if any_trace.lengths is not None:
        arrays["lengths"] = any_trace.lengths
    metadata = {
        "format": KIND.format,
        "version": KIND.version,
        "cell": any_trace.cell,
        "traces": json.dumps(list(traces)),
        "notes": json.dumps(notes),
        "packed": json.dumps(any_trace.lengths is not None),
    }
    if edits:
        metadata["edits"] = json.dumps([edit.to_dict() for edit in edits])
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_whole(path, save(contiguous, metadata))


def read(path: str | Path) -> Parts:
    """Return the parts of the recording at ``path``, checked.

    Raises:
        ValueError: if it is not a recording, or damaged.
        OSError: if it cannot be opened.
    """
    metadata, arrays = opened(path, KIND)
    with taken_apart(path, KIND):
        return _parts(metadata, arrays)


def _flat(trace: Trace) -> dict[str, Array]:
    """Return the arrays of ``trace`` by their names in a file."""
    groups = {"gates": trace.gates, "states": trace.states, "weights": trace.weights}
    named = {f"{group}.{k}": v for group, arrays in groups.items() for k, v in arrays.items()}
    return {"inputs": trace.inputs, **named}


def _parts(metadata: Mapping[str, str], arrays: dict[str, Any]) -> Parts:
    """Return the parts. Removes them from ``arrays``."""
    lengths = arrays.pop("lengths", None)
    check_dtypes(arrays, lengths)
    if metadata.get("packed") not in (None, json.dumps(lengths is not None)):
        raise ValueError("'lengths' are missing, or the inputs were not packed")
    cell, notes = _cell(metadata["cell"]), _notes(parsed(metadata, "notes"))
    keys = _keys(parsed(metadata, "traces"))
    traces = {(k, d): _trace(cell, d, _take(arrays, f"{k}.{d}."), lengths) for k, d in keys}
    output, h = arrays.pop("output"), arrays.pop("h_n")
    state = (h, arrays.pop("c_n")) if "c" in CELLS[cell].states else h
    if arrays:
        raise ValueError(f"{min(arrays)!r} does not belong in a recording")
    check_together(traces, output, state)
    edits: tuple[Edit, ...] = ()
    if "edits" in metadata:
        edits = resolved_edits(read_edits(parsed(metadata, "edits")), _extent(traces))
        traces |= {key: replace(traces[key], edited=True) for key in edited_places(edits)}
    return output, state, traces, notes, edits


def _extent(traces: Mapping[tuple[int, Direction], Trace]) -> Extent:
    first = traces[0, "forward"]
    directions = tuple(dict.fromkeys(direction for _, direction in traces))
    return Extent(
        cell=first.kind,
        layers=len(traces) // len(directions),
        directions=directions,
        steps=first.steps,
        samples=first.inputs.shape[1] if first.batched else None,
        input_size=first.inputs.shape[-1],
        hidden_size=first.hidden_size,
        state_size=first.states["h"].shape[-1],
    )


def _cell(written: str) -> str:
    if written not in CELLS:
        raise ValueError(f"cell: expected one of {', '.join(CELLS)}, got {written[:80]!r}")
    return written


def _notes(written: Any) -> tuple[str, ...]:
    if not isinstance(written, list) or not all(isinstance(note, str) for note in written):
        raise ValueError(f"notes: expected a list of texts, got {str(written)[:80]}")
    return tuple(written)


def _take(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): arrays.pop(name) for name in names}


def _keys(written: Any) -> list[tuple[int, Direction]]:
    """Return (layer, direction) of each trace, which must be all layers × all directions."""
    directions: tuple[Direction, ...] = ("forward", "backward")
    traces = len(written) if isinstance(written, list) else 0
    for count in (1, 2):
        keys = [(k, d) for k in range(traces // count) for d in directions[:count]]
        if keys and [list(key) for key in keys] == written:
            return keys
    raise ValueError(f"traces: expected every layer in every direction, got {str(written)[:80]}")


def _trace(cell: str, direction: Direction, flat: dict[str, Any], lengths: Any) -> Trace:
    kind = CELLS[cell]
    inputs, named = flat.pop("inputs"), _take(flat, "weights.")
    gates = {gate.letter: flat.pop(f"gates.{gate.letter}") for gate in kind.gates}
    states = {name: flat.pop(f"states.{name}") for name in kind.states}
    if flat:
        raise ValueError(f"{min(flat)!r} does not belong to a {kind.name}")
    if not set(named) <= set(Weights._fields):
        raise ValueError(f"weights: expected names of {Weights._fields}, got {sorted(named)}")
    weights = {name: named[name] for name in Weights._fields if name in named}
    check_weights(weights, len(kind.blocks), inputs.shape[-1], cell)
    return Trace(cell, direction, inputs, gates, states, weights, lengths)

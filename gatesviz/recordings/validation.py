"""Check that the arrays of a file form one recording. Each error names what does not fit."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.traces import Array, Direction, Trace


def check_dtypes(arrays: Mapping[str, Any], lengths: Any) -> None:
    """Raise a ValueError unless all ``arrays`` are float32 or all float64, ``lengths`` int64."""
    dtypes = {str(array.dtype) for array in arrays.values()}
    if dtypes not in ({"float32"}, {"float64"}):
        raise ValueError(f"arrays: expected all float32 or all float64, got {sorted(dtypes)}")
    if lengths is not None and (lengths.dtype != np.int64 or lengths.ndim != 1):
        raise ValueError(f"lengths: expected int64 (B,), got {lengths.dtype} {lengths.shape}")


def check_weights(weights: Mapping[str, Array], blocks: int, size: int, cell: str) -> None:
    """Raise a ValueError unless ``weights`` fit each other and an input of ``size``."""
    recurrent = weights["weight_hh"].shape
    if len(recurrent) != 2:
        raise ValueError(f"weight_hh: expected shape ({blocks}·H, P), got {recurrent}")
    rows, state_size = recurrent
    expected: dict[str, tuple[int, ...]] = {
        "weight_ih": (rows, size),
        "weight_hh": (rows, state_size),
    }
    if "bias_ih" in weights:
        expected |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    if CELLS[cell].projects and "weight_hr" in weights:
        expected["weight_hr"] = (state_size, rows // blocks)
    elif rows != blocks * state_size:
        raise ValueError(f"weight_hh: expected {blocks}·H rows, got shape {(rows, state_size)}")
    shapes = {name: weight.shape for name, weight in weights.items()}
    if shapes != expected:
        raise ValueError(f"weights: expected shapes {expected}, got {shapes}")


def check_together(
    traces: Mapping[tuple[int, Direction], Trace],
    output: Array,
    state: Array | tuple[Array, Array],
) -> None:
    """Raise a ValueError unless all arrays fit one run of one module."""
    *_, last = traces.values()
    first = traces[0, "forward"]
    steps, batch = first.steps, first.inputs.shape[1:-1]
    directions = len({direction for _, direction in traces})
    P, H = last.states["h"].shape[-1], last.hidden_size
    for key, trace in traces.items():
        size = first.inputs.shape[-1] if key[0] == 0 else directions * P
        _check(f"inputs of {key}", trace.inputs, (steps, *batch, size))
        _check(f"state 'h' of {key}", trace.states["h"], (steps + 1, *batch, P))
    shapes = [(steps, *batch, directions * P)]
    if batch and first.lengths is None:
        shapes.append((*batch, steps, directions * P))
    layers: tuple[int, ...] = (len(traces),)
    if steps == len(traces) == 1 and output.ndim == len(batch) + 1:  # a cell's one step
        shapes, layers = [(*batch, P)], ()
    if output.shape not in shapes:
        raise ValueError(f"output: expected shape {shapes[0]}, got {output.shape}")
    finals = state if isinstance(state, tuple) else (state,)
    for name, final, size in zip(("h_n", "c_n"), finals, (P, H), strict=False):
        _check(name, final, (*layers, *batch, size))
    _check_lengths(first, batch)


def _check_lengths(trace: Trace, batch: tuple[int, ...]) -> None:
    lengths = trace.lengths
    if lengths is None:
        return
    fits = lengths.shape == batch and lengths.size
    if not (fits and lengths.min() >= 1 and lengths.max() == trace.steps):
        raise ValueError(
            f"lengths: expected {batch} numbers of 1 to {trace.steps}, got {lengths.tolist()[:10]}"
        )


def _check(what: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{what}: expected shape {shape}, got {array.shape}")

"""Turn recordings into a tidy pandas table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.traces import Array, Direction, Trace

if TYPE_CHECKING:
    from pandas import DataFrame


def to_frame(traces: Mapping[tuple[int, Direction], Trace]) -> "DataFrame":
    """Return a table with a row for each layer, direction, sample, step and unit."""
    import pandas as pd

    return pd.concat(
        [pd.DataFrame(_columns(layer, trace)) for (layer, _), trace in traces.items()],
        ignore_index=True,
    )


def _columns(layer: int, trace: Trace) -> dict[str, object]:
    """Return name -> column (rows,) of one trace, or a value that all rows share."""
    samples = trace.inputs.shape[1] if trace.batched else 1
    ends = np.full(samples, trace.steps) if trace.lengths is None else trace.lengths
    inside = np.arange(trace.steps) < ends[:, None]
    sample, step = (np.repeat(index, trace.hidden_size) for index in np.nonzero(inside))
    return {
        "layer": layer,
        "direction": trace.direction,
        "sample": sample,
        "step": step,
        "unit": np.tile(np.arange(trace.hidden_size), np.count_nonzero(inside)),
        **{letter: _column(gate, trace, inside) for letter, gate in trace.gates.items()},
        **{name: _column(trace.after(name), trace, inside) for name in reversed(trace.kind.states)},
    }


def _column(rows: Array, trace: Trace, inside: NDArray[np.bool_]) -> Array:
    """Return ``rows`` (T, B, up to H) as one column, by sample, step and unit."""
    if not trace.batched:
        rows = rows[:, None]
    missing = trace.hidden_size - rows.shape[-1]
    rows = np.pad(rows, ((0, 0), (0, 0), (0, missing)), constant_values=np.nan)
    column: Array = rows.swapaxes(0, 1)[inside].ravel()
    return column

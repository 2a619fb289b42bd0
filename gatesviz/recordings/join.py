"""Join the recordings of a loop, such as a decoder's, into one recording of all its steps."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gatesviz.recordings.recording import Recording
from gatesviz.sequences.characters import shown
from gatesviz.traces import Array, Trace

ROUNDING = {"float32": 1e-5, "float64": 1e-11}
"""How far a recorded state may be from the module's own, which the next call receives."""


def join(recordings: Iterable[Recording]) -> Recording:
    """Join the recordings of successive calls, such as the steps of a decoder, into one.

    Each call must start from the final state of the call before it, and have the same weights. The
    result equals a recording of one call on all inputs. For example, three steps of a GRUCell give
    the recording of a GRU on a sequence of three steps.

    Args:
        recordings: one or more, in order, without a backward direction, packed inputs or edits.

    Returns:
        A recording with time first in ``output``, also for ``batch_first``, and with the axis of
        layers in ``state``, also for a cell.

    Raises:
        TypeError: if one of them is not a `Recording`.
        ValueError: if there is none, or if one can't be joined; the message says which and why.
    """
    if isinstance(recordings, Recording | Mapping):
        kind = type(recordings).__name__
        raise TypeError(
            f"recordings: expected a list of Recordings, got one {kind}: write join([recording]),"
            ' or recordings.joined("cell") after record_inside'
        )
    if not isinstance(recordings, Iterable):
        raise TypeError(
            f"recordings: expected a list of Recordings, got {type(recordings).__name__}"
            f" {shown(repr(recordings))}"
        )
    given = list(recordings)
    _check_each(given)
    for number, (one, following) in enumerate(pairwise(given), 2):
        _check_follows(number, one, following)
    traces = {key: _joined([each.traces[key] for each in given]) for key in given[0].traces}
    last = given[-1].state
    state = [_layered(each, given[-1]) for each in (last if isinstance(last, tuple) else (last,))]
    notes = dict.fromkeys(note for each in given for note in each.notes)
    count = (f"Joined from {len(given):,} calls.",) if len(given) > 1 else ()
    return Recording(
        output=traces[max(traces)].after("h"),
        state=state[0] if len(state) == 1 else (state[0], state[1]),
        traces=traces,
        notes=(*notes, *count),
    )


def _check_each(given: list[Recording]) -> None:
    if not given:
        raise ValueError("recordings: expected at least one, got none")
    for number, each in enumerate(given, 1):
        if not isinstance(each, Recording):
            kind = type(each).__name__
            raise TypeError(f"recordings: expected Recordings, got a {kind} in place {number}")
        why = ""
        if "backward" in each.directions:
            why = "it has a backward direction, which begins anew in each call"
        elif each.trace().lengths is not None:
            why = "its inputs are packed, so its samples end at different steps"
        elif each.edits:
            why = "it is edited, and edits count the steps of their own recording"
        if why:
            raise ValueError(f"recording {number} can't be joined: {why}")


def _check_follows(number: int, one: Recording, following: Recording) -> None:
    """Check that recording ``number``, ``following``, continues ``one``."""
    if [*one.traces] != [*following.traces]:
        raise ValueError(
            f"recording {number} has {following.layers} layers, expected {one.layers} as before it"
        )
    for (layer, _), before in one.traces.items():
        after = following.traces[layer, "forward"]
        if (shape := _layout(after)) != (expected := _layout(before)):
            raise ValueError(f"recording {number} is of {shape}, expected {expected} as before it")
        if not _same(before.weights, after.weights, 0.0):
            raise ValueError(
                f"recording {number} was made with other weights than the one before it: join"
                " calls between two updates of the weights"
            )
        ends = {name: state[-1] for name, state in before.states.items()}
        begins = {name: state[0] for name, state in after.states.items()}
        if not _same(ends, begins, ROUNDING.get(str(before.inputs.dtype), 0.0)):
            rest = f": join the first {number - 1} alone" if number > 2 else ""
            raise ValueError(
                f"recording {number} begins with another state than recording {number - 1} ends"
                f" with, so it doesn't continue it{rest}"
            )


def _layout(trace: Trace) -> str:
    """Return the cell and everything but the number of steps."""
    return f"{trace.cell}, {trace.sizes.partition(', ')[2]}"


def _same(one: Mapping[str, Array], other: Mapping[str, Array], tolerance: float) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[name], other[name], tolerance, tolerance, equal_nan=True) for name in one
    )


def _joined(traces: list[Trace]) -> Trace:
    def along(name: str, kind: str, skip: int) -> Array:
        first, *others = (getattr(trace, kind)[name] for trace in traces)
        return np.concatenate([first, *(each[skip:] for each in others)])

    first = traces[0]
    return replace(
        first,
        inputs=np.concatenate([trace.inputs for trace in traces]),
        gates={letter: along(letter, "gates", 0) for letter in first.gates},
        states={name: along(name, "states", 1) for name in first.states},
    )


def _layered(state: Array, recording: Recording) -> Array:
    """Return a final state with the axis of layers, which that of a cell lacks."""
    return state if state.ndim == recording.trace().inputs.ndim else state[None]

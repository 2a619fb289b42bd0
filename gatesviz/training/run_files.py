"""A run in one file: safetensors, an open format that holds arrays and cannot run code."""

import base64
import json
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from gatesviz.limits import LEARNING_RATE, RUN_UPDATES
from gatesviz.recordings.atomic_write import write_whole
from gatesviz.recordings.safe_files import Arrays, Kind, opened, parsed, taken_apart
from gatesviz.training.model import History
from gatesviz.training.snapshots import checkpoints, is_scored
from gatesviz.training.spec import TrainingSpec
from gatesviz.training.state import MOMENTS, State, carried_shape
from gatesviz.training.stops import read_stop, written_stop
from gatesviz.training.user_data import OwnData, own_data_from_dict

Rates = tuple[tuple[int, float], ...]
KIND = Kind(
    "run",
    "gatesviz.run",
    "1",
    "gatesviz.training.save_run",
    ("F32", "F64", "I32", "U8"),
)
STATE = ("weights", "moments", "streams", "carried")
SERIES = ("losses", "gradient_norms", "scored", "scores", "train_scores")
DTYPES = dict.fromkeys(STATE + SERIES, np.float32) | {
    "streams": np.uint8,
    "scored": np.int32,
    "scores": np.float64,
    "train_scores": np.float64,
}
LARGEST_SCORE = 1e100
"""A square of float32 numbers is far below it; beyond, an axis cannot be drawn."""
STREAM_BYTES = 5_056  # the size of PyTorch's generator on the CPU


def save_run(path: str | Path, state: State, history: History) -> None:
    """Write a run to ``path``, so that it can be scrubbed through and goes on elsewhere.

    Raises:
        ValueError: if the history is of another run, or of more or fewer updates than the state.
        OSError: if it cannot be written.
    """
    write_whole(path, run_bytes(state, history))


def run_bytes(state: State, history: History) -> bytes:
    """Return what `save_run` writes.

    Raises:
        ValueError: as `save_run`.
    """
    from safetensors.numpy import save

    if history.spec != state.spec or history.updates != state.updates:
        raise ValueError(
            f"the history is of {history.updates:,} updates of {history.spec}, the state of"
            f" {state.updates:,} updates of {state.spec}; expected both of one run"
        )
    arrays: Arrays = {f"state.{name}": getattr(state, name) for name in _state(state.spec)}
    arrays |= {f"history.{name}": getattr(history, name) for name in SERIES}
    kept = [history.weights[update] for update in history.checkpoints if update]
    arrays["history.weights"] = np.array(kept, np.float32).reshape(-1, state.weights.size)
    header = {
        "spec": _written(state.spec),
        "updates": state.updates,
        "learning_rate": state.learning_rate,
        "rates": state.rates,
        "used_rates": history.rates,
        "stopped": written_stop(state.stopped, state.updates),
    }
    metadata = {
        "format": KIND.format,
        "version": KIND.version,
        "run": json.dumps(header, allow_nan=False),
    }
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    written: bytes = save(contiguous, metadata)
    return written


def open_run(path: str | Path) -> tuple[State, History]:
    """Read what `save_run` wrote. Nothing in the file is executed.

    Raises:
        ValueError: if the file is not a run, or is damaged. The message says what is wrong.
        OSError: if it cannot be opened.
    """
    metadata, arrays = opened(path, KIND)
    with taken_apart(path, KIND):
        return _parts(parsed(metadata, "run"), arrays)


def read_run(data: bytes) -> tuple[State, History]:
    """Return the run in ``data``, which `run_bytes` made.

    Raises:
        ValueError: as `open_run`.
        OSError: if there is no room for a temporary file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        path.write_bytes(data)
        return open_run(path)


def _parts(header: Any, arrays: Arrays) -> tuple[State, History]:
    if not isinstance(header, dict):
        raise ValueError(f"'run' of its header is {str(header)[:80]}, expected named settings")
    spec, updates = _spec(header["spec"]), header["updates"]
    if type(updates) is not int:
        raise ValueError(f"updates are {str(updates)[:80]!r}, expected a whole number")
    RUN_UPDATES.check(updates)
    rates = _rates(header["rates"], 0, updates)
    used_rates = _rates(header["used_rates"], 1, updates)
    rate = _rate(header["learning_rate"])
    _check_rates(spec, updates, rates, used_rates, rate)
    kept = [update for update in checkpoints(updates, spec.weight_count) if update]
    _check_arrays(spec, updates, len(kept), arrays)
    state = State(
        spec=spec,
        updates=updates,
        learning_rate=rate,
        rates=rates,
        stopped=read_stop(header["stopped"], updates),
        **{name: arrays[f"state.{name}"] for name in _state(spec)},
    )
    series = {name: arrays[f"history.{name}"] for name in SERIES}
    weights = dict(zip(kept, arrays["history.weights"], strict=True))
    return state, History(spec, rates=used_rates, weights=weights, **series)


def _state(spec: TrainingSpec) -> tuple[str, ...]:
    """Return what is kept of a state; files of runs that carry nothing are as they always were."""
    return STATE if spec.carry else STATE[:-1]


def _written(spec: TrainingSpec) -> dict[str, Any]:
    """Return the settings as JSON can hold them; `_spec` is the way back."""
    own = {"task": spec.task.to_dict()} if isinstance(spec.task, OwnData) else {}
    return {field.name: getattr(spec, field.name) for field in fields(spec)} | own


def _spec(written: Any) -> TrainingSpec:
    known = [field.name for field in fields(TrainingSpec)]
    if not isinstance(written, dict) or "task" not in written or not set(written) <= set(known):
        raise ValueError(f"spec is {str(written)[:80]}, expected 'task' and any of {known[1:]}")
    task = written["task"]
    try:
        return TrainingSpec(**written | {"task": _own(task) if isinstance(task, dict) else task})
    except TypeError as error:  # of a setting: it says which
        raise ValueError(str(error)) from error


def _own(written: dict[str, Any]) -> OwnData:
    several = {"series", "title", "input_names"}
    if set(written) not in ({"text"}, {"series", "title"}, several) or not all(
        isinstance(value, str) for name, value in written.items() if name != "input_names"
    ):
        raise ValueError(f"task is {str(written)[:80]}, expected a text, or a series and its title")
    try:
        size = len(base64.b64decode(written.get("series", ""), validate=True))
    except ValueError:
        size = -1
    if size % np.float64().itemsize:
        raise ValueError("the series of the task is no base64 of float64 numbers")
    return own_data_from_dict(written)


def _check_arrays(spec: TrainingSpec, updates: int, kept: int, arrays: Arrays) -> None:
    """Hold every array against what the spec and the number of updates say."""
    scored = [update for update in range(1, updates + 1) if is_scored(update)]
    shapes = _shapes(spec, updates, kept, len(scored))
    if missing := sorted(set(shapes) - set(arrays)):
        raise ValueError(f"it lacks {missing[0]!r}")
    if extra := sorted(set(arrays) - set(shapes)):
        raise ValueError(f"it holds {extra[0]!r}, which no such run has")
    for name, shape in shapes.items():
        found, dtype = arrays[name], np.dtype(DTYPES[name.partition(".")[2]])
        if (found.shape, found.dtype) != (shape, dtype):
            raise ValueError(
                f"{name} is {found.dtype} of shape {found.shape}, expected {dtype} of {shape}"
            )
    if arrays["history.scored"].tolist() != scored:
        raise ValueError("its scores are not of the updates after which scores are taken")
    _check_numbers(spec, arrays)


def _check_numbers(spec: TrainingSpec, arrays: Arrays) -> None:
    """Refuse numbers that no run comes to, which would fail only where they are used.

    A run stops before an update whose loss or gradient is not finite, so all it keeps is finite,
    but for scores: the weights after its last update may answer with anything.
    """
    for name, array in arrays.items():
        if name not in ("history.scores", "history.train_scores") and not np.isfinite(array).all():
            raise ValueError(f"{name} holds a number that is not finite")
    if (arrays["history.gradient_norms"] < 0).any():
        raise ValueError("history.gradient_norms holds a number below 0")
    if spec.optimiser != "sgd" and (arrays["state.moments"][-1] < 0).any():
        raise ValueError("state.moments holds a mean of squares below 0")
    for name in ("history.scores", "history.train_scores"):
        scores = arrays[name]
        if (np.abs(scores[np.isfinite(scores)]) > LARGEST_SCORE).any():
            raise ValueError(f"{name} holds a score beyond ±{LARGEST_SCORE:g}")
    if spec.data_size is None and not np.isnan(arrays["history.train_scores"]).all():
        raise ValueError("history.train_scores holds a score, but the run has no training set")
    from gatesviz.training.samples import check_stream  # loads torch

    for bits in arrays["state.streams"]:
        check_stream(bits)


def _shapes(spec: TrainingSpec, updates: int, kept: int, scored: int) -> dict[str, tuple[int, ...]]:
    P, streams = spec.weight_count, 2 if spec.dropout else 1
    carried = {"state.carried": carried_shape(spec)} if spec.carry else {}
    return {
        "state.weights": (P,),
        "state.moments": (MOMENTS[spec.optimiser], P),
        "state.streams": (streams, STREAM_BYTES),
        **carried,
        "history.weights": (kept, P),
        "history.losses": (updates,),
        "history.gradient_norms": (updates,),
        **{f"history.{name}": (scored,) for name in ("scored", "scores", "train_scores")},
    }


def _check_rates(spec: TrainingSpec, updates: int, rates: Rates, used: Rates, rate: float) -> None:
    """Refuse rates that contradict each other: a run is replayed by them."""
    if rate != (rates[-1][1] if rates else spec.learning_rate):
        raise ValueError(f"learning rate is {rate:g}, which is not the last of its rates")
    changes = dict(rates)
    expected: list[tuple[int, float]] = []
    for made in sorted({0, *changes}):
        now = changes.get(made, spec.learning_rate)
        if made < updates and (not expected or expected[-1][1] != now):
            expected.append((made + 1, now))
    if list(used) != expected:
        raise ValueError("its used rates are not those of its learning-rate schedule")


def _rates(written: Any, first: int, last: int) -> Rates:
    if not isinstance(written, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int for pair in written
    ):
        raise ValueError(f"rates are {str(written)[:80]}, expected pairs of update and rate")
    updates = [update for update, _ in written]
    if updates != sorted(set(updates)) or not all(first <= update <= last for update in updates):
        raise ValueError(
            f"rates are of the updates {str(updates)[:80]}, expected rising numbers from {first} to"
            f" {last:,}"
        )
    return tuple((update, _rate(rate)) for update, rate in written)


def _rate(written: Any) -> float:
    if type(written) not in (int, float):
        raise ValueError(f"learning rate is {str(written)[:80]!r}, expected a number")
    rate: float = LEARNING_RATE.check(written)
    return rate

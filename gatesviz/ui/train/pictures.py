"""Live pictures of models: the gates over one sequence, the predictions beside the targets."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.engine import View
from gatesviz.recordings import Recording, record
from gatesviz.sequences.characters import visible
from gatesviz.tasks import Batch, Task
from gatesviz.theme import COLOURS
from gatesviz.traces import Array, Direction, Trace
from gatesviz.training import OwnData, TrainedModel, TrainingSpec, probe
from gatesviz.ui.shares import percent, probability
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.stored_weights import model_at
from gatesviz.ui.train.update_slider import Place, model_name

MOST_VALUES = 24_000
"""Values of a picture, one byte each. A larger one leaves out steps, and says so."""
MOST_ROWS = 10
"""Rows of answers. With more choices, two rows of letters take their place."""
MOST_LOOKS = 96
"""Rows and columns of the attention's picture. A longer one leaves out rows and adds up columns."""


@dataclass(frozen=True)
class _Shown:
    """A model on a probe, equal to any other one with the same weights.

    `_picture` takes the model out of ``models``: a cached picture keeps no weights.
    """

    spec: TrainingSpec
    updates: int
    digest: int
    sample: int
    layer: int
    direction: Direction
    models: list[TrainedModel] = field(compare=False)


def pictures(settings: Settings, views: Mapping[str, View], place: Place) -> list[dict[str, Any]]:
    """Return a picture of each model that ``place`` chooses, as the browser draws it.

    A cell without a run shows the weights of its seed, before the first update.
    """
    return [
        picture(model, place)
        for cell in place.cells
        if cell in settings.specs
        for model in _models(settings.specs[cell], views.get(cell), place)
    ]


def picture(model: TrainedModel, place: Place) -> dict[str, Any]:
    """Return the picture of ``model`` on the probe and layer of ``place``."""
    digest = hash(model.weights.tobytes())
    where = (place.sample, place.layer, place.direction)
    alone = TrainedModel(model.spec, model.updates, model.weights)  # without its history
    shown = _Shown(model.spec, model.updates, digest, *where, [alone])
    return _picture(shown) if _shared(model.spec) else _picture.__wrapped__(shown)


def run_probe(model: TrainedModel, batch: Batch, sample: int) -> tuple[Recording, Array]:
    """Run a model on one probe. Return the recording, unbatched, and the answers (T, O).

    See `Task.answers`. A convolution comes before what is recorded.
    """
    import torch

    (module, readout), inputs = model.modules(), batch.inputs[:, sample : sample + 1]
    read = inputs if model.spec.convolution is None else model.features(inputs)
    recording = record(module, read[:, 0])
    with torch.no_grad():
        output = readout(torch.from_numpy(recording.output)[:, None])[:, 0]
    answers: Array = model.task.answers(output).numpy()
    return recording, answers


def right_answers(spec: TrainingSpec, batch: Batch, sample: int) -> Array:
    """Return a probe's targets as `Answers` takes them, (T,) or (T, O).

    Where a task trains on its scored steps only, the others have no right answer: NaN.
    """
    targets: Array = batch.targets[:, sample].numpy().astype(np.float32)
    if spec.learned.learns == "scored":
        targets[~batch.mask[:, sample].numpy()] = np.nan
    return targets


def _shared(spec: TrainingSpec) -> bool:
    """Return whether other sessions may see the spec's pictures: not those of your own data."""
    return not isinstance(spec.task, OwnData)


@lru_cache(maxsize=32)
def _first_model(spec: TrainingSpec) -> TrainedModel:
    from gatesviz.training import start

    return start(spec).model


def _models(spec: TrainingSpec, view: View | None, place: Place) -> list[TrainedModel]:
    if view is None or view.state is None:
        return [_first_model(spec) if _shared(spec) else _first_model.__wrapped__(spec)]
    return [model_at(view, at) for at in place.updates]


@lru_cache(maxsize=256)
def _picture(shown: _Shown) -> dict[str, Any]:
    model, spec, batch = shown.models.pop(), shown.spec, probe(shown.spec)
    recording, answers = run_probe(model, batch, shown.sample)
    trace = recording.trace(shown.layer, shown.direction)
    lanes, T = lanes_of(trace), spec.length
    every = -(-sum(values.size for _, values, _ in lanes) // MOST_VALUES)
    name, made = model_name(spec, shown.layer, shown.direction), shown.updates
    after = f"after update {made:,}" if made else "before training"
    inputs = batch.inputs[:, shown.sample]
    letters = spec.learned.letters(inputs)
    return {
        "title": f"{name}{',' if ',' in name else ''} {after}",
        "note": "" if trace.gates else "no gates",
        "steps": T,
        "every": every,
        "units": trace.states["h"].shape[-1],
        "labels": None if letters is None else list(letters),
        "lanes": [_lane(letter, values[::every], ends) for letter, values, ends in lanes],
        "answers": draw_answers(spec, answers, right_answers(spec, batch, shown.sample), batch)
        | _last_values(spec, inputs),
        "attention": _attention(model, inputs) if spec.attention else None,
    }


def lanes_of(trace: Trace) -> list[tuple[str, Array, tuple[float, float]]]:
    """Return each gate and the state that the cell keeps: its letter, (T, H) values, and ends.

    The kept state is c where there is one, else h. A state without limits ends at a power of two.
    """
    gates = {gate.letter: gate for gate in CELLS[trace.cell].gates}
    lanes = [(k, trace.gates[k], (gates[k].low, gates[k].high)) for k in _ordered(gates)]
    kept = "c" if "c" in trace.states else "h"
    values = trace.after(kept)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    end = float(2 ** np.ceil(np.log2(max(1.0, largest))))
    return [*lanes, (kept, values, (-end, end))]


def _ordered(gates: Mapping[str, object]) -> list[str]:
    """Return the forget gate first: it is the one that the page asks about."""
    return sorted(gates, key=lambda letter: (letter != "f", list(gates).index(letter)))


def _lane(letter: str, values: Array, ends: tuple[float, float]) -> dict[str, Any]:
    low, high = ends
    return {
        "letter": letter,
        "colour": COLOURS.get(letter, COLOURS["x"]),
        "low": low,
        "high": high,
        "signed": low < 0,
        "mean": round(float(values.mean()), 3),
        "values": packed(values.T, low, high),
    }


def packed(values: Array, low: float, high: float, bits: Literal[8, 16] = 8) -> str:
    """Return ``values`` in base64, row by row, as whole numbers of 8 or 16 bits.

    0 is ``low``, and the largest number is ``high``. With 16 bits the lower byte comes first.
    """
    shares = (np.nan_to_num(values, nan=low).astype(np.float64) - low) / (high - low)
    levels = np.rint((2**bits - 1) * np.clip(shares, 0, 1)).astype(f"<u{bits // 8}")
    return base64.b64encode(levels.tobytes()).decode()


def draw_answers(spec: TrainingSpec, values: Array, targets: Array, batch: Batch) -> dict[str, Any]:
    """Return the predictions (T, O) beside the targets, and a sentence about the last target.

    The browser draws two lines for numbers, bars for a single choice, two rows of letters where
    there are many choices, and else a heatmap in which the targets are framed.
    """
    task = spec.learned
    told: dict[str, Any] = {"sentence": describe_answer(task, values, targets)}
    if task.kind == "number":
        return told | _lines(values, targets, batch)
    names = [_label(name) for name in task.answer_names]
    known = [not np.isnan(row).any() for row in targets]
    if task.kind == "set":
        wanted = [np.flatnonzero(row > 0.5).tolist() for row in targets]
    else:
        wanted = [[int(k)] for k in np.nan_to_num(targets)]
    framed = [row if there else None for row, there in zip(wanted, known, strict=True)]
    if len(names) <= MOST_ROWS and task.kind == "choice" and sum(known) == 1:
        step = known.index(True)
        told |= {"values": _numbers(values[step]), "target": wanted[step][0]}
        return told | {"look": "bars", "names": names}
    if len(names) <= MOST_ROWS or task.kind == "set":
        told |= {"values": packed(values.T, 0, 1), "targets": framed}
        return told | {"look": "rows", "names": names}
    told |= {"predicted": [names[k] for k in values.argmax(-1)]}
    told |= {"expected": [None if row is None else names[row[0]] for row in framed]}
    return told | {"look": "letters", "values": packed(values.max(-1), 0, 1)}


def _label(name: str) -> str:
    return visible(name) if len(name) == 1 else name


def _lines(values: Array, targets: Array, batch: Batch) -> dict[str, Any]:
    known = batch.targets.numpy()
    low, high = min(0.0, float(known.min())), float(known.max())
    told: dict[str, Any] = {"low": low, "high": high if high > low else low + 1}
    told |= {"values": _numbers(values[:, 0]), "targets": _numbers(targets)}
    return told | {"look": "lines"}


def _last_values(spec: TrainingSpec, inputs: Any) -> dict[str, Any]:
    """Return the value that was read at each step, which a forecast is compared with."""
    return {"last": _numbers(inputs[:, 0].numpy())} if spec.learned.forecasts else {}


def _numbers(values: Array) -> list[float | None]:
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]


def describe_answer(task: Task, values: Array, targets: Array) -> str:
    """Return the predicted and the expected answer at the last step that has one."""
    known = ~np.isnan(targets.reshape(len(targets), -1)[:, 0])
    if not known.any():
        return ""
    step = int(np.flatnonzero(known)[-1])
    row, names = values[step], [_label(name) for name in task.answer_names]
    if task.kind == "number":
        numbers = f"predicted {row[0]:.3g}, expected {targets[step]:.3g}".replace("-", "−")
        return f"Step {step}: {numbers}."
    if task.kind == "choice":
        best, target = int(row.argmax()), int(targets[step])
        share = probability(row[best], 0)
        return f"Step {step}: predicted {names[best]} ({share}), expected {names[target]}."
    said, wanted = (
        " or ".join(name for name, share in zip(names, shares, strict=True) if share > 0.5)
        for shares in (row, targets[step])
    )
    return f"Step {step}: predicted {said or 'none'}, expected {wanted or 'none'}."


def _attention(model: TrainedModel, inputs: Any) -> dict[str, Any]:
    """Return the attention weights (T, T): a row for each step, a column for each step it reads.

    Of a long sequence, the drawn rows end with the last step. A column is then the sum over the
    step of its row and those since the row before, so that a row still adds up to 1.
    """
    weights = model.attention(inputs[:, None])[0]
    T, best = len(weights), int(weights[-1].argmax())
    every = -(-T // MOST_LOOKS)
    drawn = np.arange((T - 1) % every, T, every)
    part = np.add.reduceat(weights[drawn], [0, *(drawn[:-1] + 1)], axis=1)
    sentence = f"The last step reads step {best} most: {percent(weights[-1, best], 0)}."
    if every > 1:
        sentence = f"1 of {every} rows is drawn, and the columns are added up. {sentence}"
    return {"steps": len(part), "values": packed(part, 0, 1), "sentence": sentence}

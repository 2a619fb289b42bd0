"""Switch units off, one at a time, and measure what breaks.

The state that carries the memory is held at one value at all steps: c of the LSTM, h of the other
cells. With c = 0, h = o·tanh(0) is 0, too, so the unit reaches neither the other units nor the
readout. Everything else follows from the model's own equations (`gatesviz.Edit`).

A unit whose value hardly changes can be needed for its mean alone, as a bias. With ``off="mean"``
the unit is held at its mean over all steps and sequences, so that only what it says about the input
is lost.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS
from gatesviz.detective.scores import NextEntry, NextValue, SameAnswer, SameNumbers
from gatesviz.detective.values import checked_units, values_of
from gatesviz.experiments.changes import Model, Network, network
from gatesviz.experiments.statistics import Interval, difference_of_means
from gatesviz.experiments.what_if import DRAWN, SEQUENCES, fresh_sequences
from gatesviz.fresh import plain_defaults
from gatesviz.limits import WHAT_IF_SEQUENCES
from gatesviz.recordings import Edit, Recording
from gatesviz.tasks import Batch
from gatesviz.traces import Array, Direction

if TYPE_CHECKING:
    from torch import Tensor

MORE_DIGITS = 3
"""Digits that may be added to a score's usual ones, so that a small difference is seen."""
Reals = NDArray[np.float64]
Off = float | Literal["mean"]


class Probe(NamedTuple):
    """A model of yours, and how its answers are scored. A tuple of the first four is enough.

    Attributes:
        module: what `gatesviz.record` takes.
        readout: a function of the module's output, such as a ``torch.nn.Linear``.
        inputs: B sequences, as the module takes them.
        score: a function of the readout's result that returns numbers, one for each sequence or
            stretch. The score over all is their mean. `NextEntry`, `NextValue` and `SameAnswer`
            weight each by its entries or steps, so the score is the mean over all of these. With
            `SameNumbers`, it is the RMSE over all steps.
        better: whether a higher or a lower score is better.
    """

    module: Any
    readout: "Callable[[Tensor], Tensor]"
    inputs: Any
    score: "Callable[[Tensor], Any]"
    better: Literal["higher", "lower"] = "higher"


@dataclass(frozen=True)
class Ablation:
    """What breaks without one unit.

    Attributes:
        unit: its number.
        letter, layer, direction: the state that is held; the layer counts from 0.
        units: the number of units of the letter.
        off: where it is held.
        score: without the unit, over all sequences.
        unchanged: with it.
        harm: how much worse ``score`` is than ``unchanged``, with a 95 % bootstrap interval over
            sequences or stretches. Its values are the harm of each. Below 0, the model is better
            without the unit.
        metric: the name of the score.
        unit_of_score: "%" for shares from 0 to 1, else a unit, or "".
    """

    unit: int
    letter: str
    layer: int
    direction: Direction
    units: int
    off: float
    score: float
    unchanged: float
    harm: Interval
    metric: str = "score"
    unit_of_score: str = ""

    def score_text(self, score: float) -> str:
        """Return a score with its unit, and digits enough to tell both scores apart.

        A share below 1 never rounds up to 100 %.
        """
        written = _per_cent if self.unit_of_score == "%" else _digits
        differ = self.score != self.unchanged
        for more in range(MORE_DIGITS):
            if not differ or written(self.score, more) != written(self.unchanged, more):
                return written(score, more)
        return written(score, MORE_DIGITS)

    @property
    def harm_text(self) -> str:
        """The harm, which is the difference of both scores, with its unit and interval."""
        harm, share, better = self.harm, self.unit_of_score == "%", self.harm.estimate < 0
        ends = [harm.estimate, harm.low, harm.high]
        if better:
            ends = [-harm.estimate, -harm.high, -harm.low]
        mean, low, high = (_hundred_times(e) if share else f"{e + 0.0:.3g}" for e in ends)
        names_unit = self.metric.startswith("bits per ")
        unit = "percentage points" if share else self.metric if names_unit else self.unit_of_score
        way = f"{unit and f' {unit}'} {'better' if better else 'worse'}"
        sure = f"95 % interval {low} to {high}" if harm.known else "no interval"
        return f"{mean}{way}, {sure}"

    def __str__(self) -> str:
        scores = f"{self.score_text(self.unchanged)} → {self.score_text(self.score)}"
        return f"without unit {self.unit}: {self.metric} {scores} ({self.harm_text})"


class _Subject(NamedTuple):
    """A model as it is run here. ``score`` takes outputs: (B,) scores, and one over all.

    The score over all is the mean of the others with ``weights`` and ``power``: see
    `difference_of_means`. ``counted`` is what has a score of its own.
    """

    module: Any
    inputs: Sequence[Any]
    score: Callable[[list[Array]], tuple[Reals, float]]
    higher: bool
    metric: str
    unit: str
    weights: NDArray[np.int64] | None = None
    power: int = 1
    counted: str = "sequence"


def ablate(
    model: Model | Probe | tuple[Any, ...],
    units: Iterable[int] | None = None,
    *,
    layer: int = -1,
    direction: Direction = "forward",
    off: Off = 0.0,
    sequences: int = SEQUENCES,
    seed: int = 0,
    better: Literal["higher", "lower"] | None = None,
) -> tuple[Ablation, ...]:
    """Switch off each of ``units`` in turn. Return how much worse the score gets.

    The most harmful unit comes first.

    For an opened file, you choose the score. This example uses the bits for each next character::

        from gatesviz.detective.scores import NextEntry  # or SameAnswer, SameNumbers
        opened = gatesviz.open_model("m.pt")
        read = opened.features(text)[:, None]  # (T, 1, I)
        entries = np.array([opened.vocabulary.index(one) for one in text])[:, None]
        ablate((opened.module, opened.readout, read, NextEntry(entries)), better="lower")

    Args:
        model: a packaged model, a `TrainedModel`, a `Probe`, or a tuple ``(module, readout,
            inputs, score)``. For the first two, new sequences of the task are drawn: neither those
            of training nor those of the held-out score.
        units: numbers of the units; None for all.
        layer, direction: where the units are; layer -1 is the last.
        off: the value at which a unit is held, or "mean".
        sequences, seed: how many sequences are drawn, and their seed; unused with a tuple or a
            `Probe`.
        better: which score is better, "higher" or "lower" (for a loss). Only for a tuple or a
            `gatesviz.detective.Probe`. By default the probe's own, which is "higher" for a tuple
            of four.

    Raises:
        TypeError: if ``model`` is none of these.
        ValueError: if a unit, layer or direction does not exist, a number is outside its limit, or
            a score is not finite.
    """
    subject = _subject(model, sequences, seed, better)
    plain = _recordings(subject, None)
    trace = plain[0].trace(layer, direction)
    letter = CELLS[trace.cell].kept_state
    states = [values_of(each.trace(layer, direction), letter) for each in plain]
    chosen = checked_units(units, states[0].shape[-1])
    before, unchanged = _scores(subject, plain)
    place = _Place(letter, layer % plain[0].layers, direction, states[0].shape[-1])
    held = {unit: _held(off, states, unit) for unit in chosen}
    found = [_without(subject, place, unit, held[unit], before, unchanged) for unit in chosen]
    return tuple(sorted(found, key=lambda each: (-each.harm.estimate, each.unit)))


class _Place(NamedTuple):
    """The state whose units are held, and how many units it has. The layer counts from 0."""

    letter: str
    layer: int
    direction: Direction
    units: int


def _without(
    subject: _Subject, place: _Place, unit: int, off: float, before: Reals, unchanged: float
) -> Ablation:
    """Return what breaks while ``unit`` is held at ``off``.

    ``before`` are the scores with the unit, and ``unchanged`` is the score over all of them.
    """
    edit = Edit(place.letter, off, None, unit, place.layer, place.direction)
    after, score = _scores(subject, _recordings(subject, edit))
    good, bad = (before, after) if subject.higher else (after, before)
    harm = difference_of_means(
        good, bad, subject.weights, power=subject.power, unit=subject.counted
    )
    return Ablation(unit, *place, off, score, unchanged, harm, subject.metric, subject.unit)


def _subject(model: object, sequences: int, seed: int, better: str | None) -> _Subject:
    import torch

    from gatesviz.model_files import OpenedModel

    if isinstance(model, OpenedModel):
        raise TypeError(
            "model: an opened file has no score. Pass a tuple (opened.module, opened.readout,"
            " inputs, score), and better='lower' if the score is a loss"
        )
    if not isinstance(model, tuple):
        if better is not None:
            raise ValueError("better: the model's task says which score is better, expected None")
        with plain_defaults():
            net = network(model)  # type: ignore[arg-type]  # raises where it is no model
            batch = fresh_sequences(model, sequences, seed=seed)  # type: ignore[arg-type]
            parts = torch.split(net.features(batch.inputs), DRAWN, 1)
        task = net.task
        return _Subject(
            net.module,
            parts,
            partial(_task_scores, net, batch),
            task.better == "higher",
            re.split("[,:]", task.metric)[0],
            task.unit,
            task.counted(batch)[batch.mask.any(0)].numpy(),
            task.score_power,
        )
    if not 4 <= len(model) <= 5 or not callable(model[1]) or not callable(model[3]):
        raise TypeError(
            "model: expected (module, readout, inputs, score), readout and score are functions, got"
            f" {shortened(tuple(type(part).__name__ for part in model))}"
        )
    probe = Probe(*model)
    if better is not None:
        probe = probe._replace(better=better)  # type: ignore[arg-type]  # it is checked below
    if probe.better not in ("higher", "lower"):
        raise ValueError(f"better: expected 'higher' or 'lower', got {shortened(probe.better)}")
    weights, power, counted = None, 1, "sequence"
    if isinstance(probe.score, NextEntry | NextValue | SameAnswer | SameNumbers):
        weights = probe.score.weights
    if getattr(probe.score, "stretch", 0):
        counted = "stretch"
    if isinstance(probe.score, SameNumbers):
        power = probe.score.power
    score, higher = partial(_probe_scores, probe, weights, power), probe.better == "higher"
    return _Subject(
        probe.module, [probe.inputs], score, higher, "score", "", weights, power, counted
    )


def _recordings(subject: _Subject, edit: Edit | None) -> list[Recording]:
    from gatesviz.recordings import record

    edits = () if edit is None else (edit,)
    return [record(subject.module, inputs, edits=edits) for inputs in subject.inputs]


def _scores(subject: _Subject, recordings: Sequence[Recording]) -> tuple[Reals, float]:
    scores, score = subject.score([recording.output for recording in recordings])
    if not np.isfinite(scores).all():
        raise ValueError(
            f"score: expected finite numbers, got {scores[~np.isfinite(scores)][0]:g} for sequence"
            f" {int(np.flatnonzero(~np.isfinite(scores))[0])}"
        )
    return scores, score


@plain_defaults()
def _task_scores(net: Network, batch: Batch, outputs: list[Array]) -> tuple[Reals, float]:
    """Return the score of each sequence that has a scored answer, and that of all together."""
    import torch

    with torch.no_grad():
        output = net.readout(torch.from_numpy(np.concatenate(outputs, 1)))
    scores = [
        net.task.score(output[:, k : k + 1], Batch(*(part[:, k : k + 1] for part in batch)))
        for k in batch.mask.any(0).nonzero()[:, 0].tolist()
    ]
    return np.array(scores, np.float64), net.task.score(output, batch)


def _probe_scores(
    probe: Probe, weights: NDArray[np.int64] | None, power: int, outputs: list[Array]
) -> tuple[Reals, float]:
    import torch

    with torch.no_grad():
        output = torch.from_numpy(outputs[0]).to(probe.inputs.data.device)
        given = probe.score(probe.readout(output))
    scores = np.asarray(given.detach().cpu() if isinstance(given, torch.Tensor) else given)
    if scores.ndim != 1 or not len(scores) or scores.dtype.kind not in "biuf":
        raise ValueError(
            "score: expected one number for each sequence, shape (B,), got"
            f" {scores.dtype} of shape {scores.shape}"
        )
    WHAT_IF_SEQUENCES.check(len(scores))
    each = scores.astype(np.float64)
    return each, float(np.average(each**power, weights=weights) ** (1 / power))


def _held(off: Off, states: Sequence[Array], unit: int) -> float:
    """Return the value at which ``unit`` is held."""
    if off == "mean":
        return float(np.nanmean(np.concatenate([each[..., unit].ravel() for each in states])))
    if isinstance(off, bool) or not isinstance(off, int | float) or not math.isfinite(off):
        raise ValueError(f"off: expected a finite number or 'mean', got {shortened(off)}")
    return float(off)


def _digits(score: float, more: int) -> str:
    return f"{score:.{3 + more}g}"


def _per_cent(share: float, more: int) -> str:
    decimals = 1 + more
    below = 100 - 10.0**-decimals
    return f"{min(100 * share, below) if share < 1 else 100 * share:.{decimals}f} %"


def _hundred_times(share: float) -> str:
    """Return a share in per cent with one decimal, never "-0.0"."""
    return f"{round(100 * share, 1) + 0.0:.1f}"

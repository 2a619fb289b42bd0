"""Score a trained model with and without changes to its gates and states.

    >>> model = gv.load_trained("recall-lstm")                            # doctest: +SKIP
    >>> for row in measure(model, one_step_changes(model)):               # doctest: +SKIP
    ...     print(row.name, model.task.score_text(row.score))
    >>> for row in hold_gates(model):  # each gate at 0, ½ and 1 for good # doctest: +SKIP
    ...     print(row.name, model.task.score_text(row.score))

`gatesviz.experiments.changes` has the changes. `measure` and `hold_gates` yield a `Row` for each
change, so a table can fill while it is measured. Sequences are drawn with another seed than those
of training and of its scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from gatesviz.experiments.answer_shift import share_left
from gatesviz.experiments.changes import HELD, Change, Model, Network, everywhere, held_values
from gatesviz.experiments.changes import fixed as fixed  # scripts that were downloaded import
from gatesviz.experiments.changes import network as network  # these two from here
from gatesviz.limits import SEED, WHAT_IF_SEQUENCES
from gatesviz.tasks import Batch, latch, recall, temporal_order
from gatesviz.traces import Array

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SEQUENCES = 500
FRESH = 50_000
"""Added to the seed: far from the seeds of training, of held-out scores and of probes."""
NOISE = {"recall": recall.NOISE, "latch": latch.NOISE, "temporal_order": temporal_order.NOISE}
"""Task -> the letters that it reads while it has to remember another one."""
DRAWN = 100
"""Sequences that are run together. More at once take more memory, not less time."""
DRAWS = 40
"""A step with noise is found in a share of the sequences; this many times more are tried."""


@dataclass(frozen=True)
class Row:
    """One row of a table of changes.

    Attributes:
        name: of the change.
        score: of the changed model, in the task's metric.
        unchanged: the score of the model as it is, on the same answers.
        constant: the score of the best constant answer, on the same answers.
        sequences: the number of sequences.
        left, left_later: how much of the memory is left right after the last changed step, and
            when the answer is due. The changed kept state of the last layer is projected onto the
            unchanged one. This is that length, as a share of the unchanged state's norm, averaged
            over sequences: 1 is all, 0 nothing, -1 the opposite. NaN where the unchanged state is
            0; None for changes of all steps.
        letter, value: the gate that is held and where, in the rows of `hold_gates`.
    """

    name: str
    score: float
    unchanged: float
    constant: float
    sequences: int
    left: float | None = None
    left_later: float | None = None
    letter: str = ""
    value: float | None = None


def measure(
    model: Model, changes: Iterable[Change], *, sequences: int = SEQUENCES, seed: int = 0
) -> Iterator[Row]:
    """Yield the score of ``model`` under each change, as soon as it is measured.

    For a change of all steps, every scored answer counts. For other changes, only the next answer
    after the last changed step counts, because later answers need not depend on that memory. Where
    none follows, the last answer counts. In a task with `NOISE`, the
    sequences are those that read noise at every changed step. The model then holds a letter, and
    the question is still to come.

    Args:
        model: a packaged model, or a `TrainedModel`, such as ``state.model``.
        changes: from `one_step_changes`, `longer_changes`, `one_unit_changes`, `everywhere`,
            `negated` or `fixed`.
        sequences: how many; fewer are used if more cannot be found.
        seed: of the sequences.

    Raises:
        TypeError: if ``model`` is not a trained model.
        ValueError: if a number is outside its limit, an edit does not fit the model, or no sequence
            reads noise at the changed steps.
    """
    WHAT_IF_SEQUENCES.check(sequences)
    SEED.check(seed)
    return _rows(network(model), changes, sequences, seed)


def hold_gates(model: Model, *, sequences: int = SEQUENCES, seed: int = 0) -> Iterator[Row]:
    """Yield the score of ``model`` with each gate held at 0, ½ and 1 at all steps, one by one.

    A candidate, whose range is −1 to 1, is also held at −1 and −½. All units get the same value.
    `Row.letter` and `Row.value` say which. Every scored answer counts. A cell without gates yields
    nothing. Arguments and errors are those of `measure`.
    """
    held = held_values(network(model).cell)
    changes = [
        replace(everywhere(letter, value), name=f"{letter} held at {HELD[value]}")
        for letter, value in held
    ]
    rows = measure(model, changes, sequences=sequences, seed=seed)
    return (
        replace(row, letter=letter, value=value)
        for row, (letter, value) in zip(rows, held, strict=True)
    )


class _Run(NamedTuple):
    """A run over all sequences: its score, and the kept state (T, B, ·) of the last layer."""

    score: float
    state: Array


def _rows(net: Network, changes: Iterable[Change], sequences: int, seed: int) -> Iterator[Row]:
    known: dict[tuple[int, ...] | None, tuple[Batch, _Run, float]] = {}
    for change in changes:
        steps = _changed_steps(net, change)
        if steps not in known:
            batch = _draw(net, sequences, seed, steps)
            known[steps] = batch, _run(net, batch, None), net.task.baseline(batch)
        batch, plain, constant = known[steps]
        changed = _run(net, batch, change)
        lefts: tuple[float | None, float | None] = None, None
        if steps is not None:
            ends = np.full(batch.inputs.shape[1], steps[-1]), batch.mask.int().argmax(0).numpy()
            lefts = _left(plain, changed, ends[0]), _left(plain, changed, ends[1])
        count = batch.inputs.shape[1]
        yield Row(change.name, changed.score, plain.score, constant, count, *lefts)


def fresh_sequences(
    model: Model, sequences: int = SEQUENCES, *, seed: int = 0, steps: Sequence[int] | None = None
) -> Batch:
    """Return the sequences that `measure` uses for a change at ``steps``.

    Returns:
        Inputs (T, B, I), targets and a mask that says which answers count.

    Raises:
        TypeError, ValueError: as `measure`.
    """
    WHAT_IF_SEQUENCES.check(sequences)
    SEED.check(seed)
    return _draw(network(model), sequences, seed, None if steps is None else tuple(sorted(steps)))


def changed_steps(model: Model, change: Change) -> tuple[int, ...] | None:
    """Return the steps that ``change`` edits in sequences of ``model``, None for all.

    Raises:
        TypeError, ValueError: if ``model`` is no trained model, or an edit does not fit it.
    """
    return _changed_steps(network(model), change)


def _left(plain: _Run, changed: _Run, steps: "NDArray[np.integer]") -> float:
    """Return the mean share of the changed state along the unchanged one, at a step of each."""
    rows = steps, np.arange(len(steps))
    return float(share_left(plain.state[rows], changed.state[rows]).mean())


def _changed_steps(net: Network, change: Change) -> tuple[int, ...] | None:
    """Return the steps of all edits of ``change``, None for all."""
    import torch

    from gatesviz.recordings import record

    inputs = torch.zeros(net.length, 1, net.module.input_size)
    edits = record(net.module, inputs, edits=change.edits(record(net.module, inputs))).edits
    steps: set[int] = set()
    for edit in edits:
        if edit.steps is None:
            return None
        steps |= set(cast("tuple[int, ...]", edit.steps))
    return tuple(sorted(steps)) or None


def _draw(net: Network, sequences: int, seed: int, steps: tuple[int, ...] | None) -> Batch:
    """Return the sequences of a change at ``steps``; its mask says which answers count."""
    import torch

    generator, found = torch.Generator().manual_seed(FRESH + seed), 0
    noise = NOISE.get(net.task.key, "") if steps is not None else ""
    parts: list[Batch] = []
    never = set(steps or ())  # steps at which no sequence has noise
    for _ in range(DRAWS if noise else 1):
        batch = net.task.batch(generator, sequences, net.length, held_out=True)
        if noise:
            letters = [(net.task.vocabulary or ()).index(letter) for letter in noise]
            noisy = batch.inputs[list(steps or ())][..., letters].any(-1)
            never -= {step for step, some in zip(steps or (), noisy.any(1), strict=True) if some}
            batch = Batch(*(tensor[:, noisy.all(0)] for tensor in batch))
        parts.append(batch)
        found += batch.inputs.shape[1]
        if found >= sequences:
            break
    if not found:
        where = f"all {len(steps or ())} changed steps; change fewer steps"
        if never:
            other = "another step" if len(steps or ()) == 1 else "other steps"
            where = f"step {min(never)}; choose {other}"
        raise ValueError(f"steps: no sequence of “{net.task.title}” has noise at {where}")
    inputs, targets, mask = (torch.cat(ts, 1)[:, :sequences] for ts in zip(*parts, strict=True))
    return Batch(inputs, targets, mask if steps is None else _next_answer(mask, steps[-1]))


def _next_answer(mask: "Tensor", step: int) -> "Tensor":
    """Return a mask (T, B) with the first true row after ``step``, or the last one before it."""
    later = mask.clone()
    later[: step + 1] = False
    first = later & (later.cumsum(0) == 1)
    last = mask & (mask.flip(0).cumsum(0).flip(0) == 1)
    return first | (last & ~later.any(0))


def _run(net: Network, batch: Batch, change: Change | None) -> _Run:
    """Run the model under ``change``, or as it is."""
    import torch

    from gatesviz.recordings import record

    outputs, states = [], []
    with torch.no_grad():
        for inputs in torch.split(batch.inputs, DRAWN, 1):
            features = net.features(inputs)
            recording = record(net.module, features)
            if change is not None:
                recording = record(net.module, features, edits=change.edits(recording))
            outputs.append(net.readout(torch.from_numpy(recording.output)))
            states.append(recording.trace().after(net.cell.kept_state))
    score = net.task.score(torch.cat(outputs, 1), batch)
    return _Run(score, np.concatenate(states, 1))

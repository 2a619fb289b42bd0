"""What if a gate or a memory had another value? The score of a trained model, with and without.

    >>> model = gv.load_trained("recall-lstm")                            # doctest: +SKIP
    >>> for row in measure(model, one_step_changes(model)):               # doctest: +SKIP
    ...     print(row.name, model.task.score_text(row.score))
    >>> for row in hold_gates(model):  # each gate at 0, ½ and 1 for good # doctest: +SKIP
    ...     print(row.name, model.task.score_text(row.score))

A `Change` names edits. `measure` and `hold_gates` yield a `Row` for each change, so a table can
fill while it is measured. Sequences are drawn with another seed than those of training and of its
scores.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from gatesviz.cells import CELLS, Cell
from gatesviz.limits import SEED, WHAT_IF_SEQUENCES
from gatesviz.recordings import Edit, Recording
from gatesviz.recordings.edits import describe_edits
from gatesviz.tasks import Batch, Task, latch, recall, temporal_order
from gatesviz.traces import Array
from gatesviz.trained import PackagedModel
from gatesviz.training import TrainedModel

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from gatesviz.fresh import Module

Model = PackagedModel | TrainedModel
Steps = int | slice | Sequence[int] | None
SEQUENCES = 500
FRESH = 50_000
"""Added to the seed: far from the seeds of training, of held-out scores and of probes."""
HELD = {0.0: "0", 0.5: "½", 1.0: "1"}
"""The values at which a gate is held -> how they are written."""
NOISE = {"recall": recall.NOISE, "latch": latch.NOISE, "temporal_order": temporal_order.NOISE}
"""Task -> the letters that it reads while it has to remember another one."""
DRAWN = 100
"""Sequences that are run together. More at once take more memory, not less time."""
DRAWS = 40
"""A step with noise is found in a share of the sequences; this many times more are tried."""


@dataclass(frozen=True)
class Change:
    """A named change of a run.

    Attributes:
        name: in words, such as "f = 0 at step 20".
        edits: the recording of a run as it is -> the edits that change it.
    """

    name: str
    edits: Callable[[Recording], tuple[Edit, ...]]


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
            when the answer is due. It is the length of the changed state along the unchanged one,
            as a share of it, of the last layer's kept state, and a mean over sequences: 1 is
            all, 0 nothing, -1 the opposite. NaN where that state is 0; None for all steps.
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


class Network(NamedTuple):
    """A trained model of either kind, as it is run here."""

    task: Task
    cell: Cell
    length: int
    module: "Module"
    features: "Callable[[Tensor], Tensor]"
    readout: "nn.Linear"


def network(model: Model) -> Network:
    """Return the parts of ``model``.

    Raises:
        TypeError: if it is no trained model.
    """
    if isinstance(model, TrainedModel):
        module, readout = model.modules()
        return Network(
            model.task, CELLS[model.cell], model.spec.length, module, model.features, readout
        )
    if not isinstance(model, PackagedModel):
        raise TypeError(
            f"model: expected a trained model, got a {type(model).__name__}; pass"
            " gv.load_trained(name), or the .model of a training state"
        )
    task = model.task
    return Network(
        task, CELLS[model.cell], task.length, model.module, lambda inputs: inputs, model.readout
    )


def edited_step(model: Model) -> int:
    """Return the step that is changed by default: the middle of the model's sequences."""
    return network(model).length // 2


def everywhere(letters: str, value: float, steps: Steps = None) -> Change:
    """Return the change that sets gates or states to ``value`` in all layers and directions.

    Args:
        letters: one letter, or several that get the same value: "fi".
        value: the new value.
        steps: as of `gatesviz.Edit`; None for all.
    """

    def edits(recording: Recording) -> tuple[Edit, ...]:
        return tuple(
            Edit(letter, value, steps, None, layer, direction)
            for layer, direction in recording.traces
            for letter in letters
        )

    when = Edit(letters[0], value, steps).describe().partition(" = ")[2]
    return Change(f"{' = '.join(letters)} = {when}", edits)


def negated(letter: str, step: int) -> Change:
    """Return the change that flips the sign of the state ``letter`` after ``step``."""

    def edits(recording: Recording) -> tuple[Edit, ...]:
        return tuple(
            Edit(letter, -trace.after(letter)[step], step, None, *key)
            for key, trace in recording.traces.items()
        )

    return Change(f"{letter} negated at step {step}", edits)


def fixed(edits: Sequence[Edit], layers: int = 1) -> Change:
    """Return ``edits``, such as those of a link, as a change."""
    made = tuple(edits)
    return Change(describe_edits(made, layers), lambda recording: made)


def memory_gates(cell: Cell) -> tuple[str, ...]:
    """Return the gates that keep and write the memory: f and i of the LSTM, z and r of the GRU.

    They are the gates between 0 and 1 that the new kept state depends on. Closed together, they
    leave nothing of the old one.
    """
    working = {each.target: re.findall(r"\b[a-z]+'?", each.expression) for each in cell.equations}
    needed = [f"{cell.kept_state}'"]
    for target in needed:  # grows on the way
        needed += [name for name in working.get(target, ()) if name not in needed]
    gates = [gate.letter for gate in cell.gates if gate.low == 0 and gate.letter in needed]
    return tuple(sorted(gates, key=lambda letter: letter != (cell.carried and cell.carried.gate)))


def one_step_changes(model: Model, step: int | None = None) -> tuple[Change, ...]:
    """Return changes of one step: gates at 0, alone and together, and states at 0 and negated.

    Args:
        step: `edited_step` if None.
    """
    cell = network(model).cell
    step = edited_step(model) if step is None else step
    states = tuple(reversed(cell.states))
    closed = [gate.letter for gate in cell.gates]
    closed += ["".join(together)] if len(together := memory_gates(cell)) > 1 else []
    return (
        *(everywhere(letters, 0.0, step) for letters in (*closed, *states)),
        *(negated(letter, step) for letter in states),
    )


def measure(
    model: Model, changes: Iterable[Change], *, sequences: int = SEQUENCES, seed: int = 0
) -> Iterator[Row]:
    """Yield the score of ``model`` under each change, as soon as it is measured.

    A change of all steps counts every scored answer. A change of some steps counts one answer of
    each sequence, the next one after the last changed step: later answers may not depend on what
    was remembered then. Where none follows, the last answer counts. In a task with `NOISE`, the
    sequences are those that read noise at every changed step. The model then holds a letter, and
    the question is still to come.

    Args:
        model: a packaged model, or a `TrainedModel`, such as ``state.model``.
        changes: from `one_step_changes`, `everywhere`, `negated` or `fixed`.
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

    `Row.letter` and `Row.value` say which. Every scored answer counts. A cell without gates yields
    nothing. Arguments and errors are those of `measure`.
    """
    held = [(gate.letter, value) for gate in network(model).cell.gates for value in HELD]
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
    before, after = plain.state[rows], changed.state[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(((before * after).sum(-1) / (before * before).sum(-1)).mean())


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
    for _ in range(DRAWS if noise else 1):
        batch = net.task.batch(generator, sequences, net.length, held_out=True)
        if noise:
            letters = [(net.task.vocabulary or ()).index(letter) for letter in noise]
            fits = batch.inputs[list(steps or ())][..., letters].any(-1).all(0)
            batch = Batch(*(tensor[:, fits] for tensor in batch))
        parts.append(batch)
        found += batch.inputs.shape[1]
        if found >= sequences:
            break
    if not found:
        where = f"all {len(steps or ())} changed steps; change fewer steps"
        if steps and len(steps) == 1:
            where = f"step {steps[0]}; choose another step"
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

"""Changes of a run: gates and memories set to other values, and the model that they change.

    >>> model = gv.load_trained("recall-lstm")                    # doctest: +SKIP
    >>> [change.name for change in one_step_changes(model)]       # doctest: +SKIP

A `Change` names edits. `gatesviz.experiments.what_if` measures what it does to the score.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gatesviz.cells import CELLS, Cell
from gatesviz.recordings import Edit, Recording
from gatesviz.recordings.edit_text import describe_edits
from gatesviz.tasks import Task
from gatesviz.traces import Direction
from gatesviz.trained import PackagedModel
from gatesviz.training import TrainedModel

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module

Model = PackagedModel | TrainedModel
Steps = int | slice | Sequence[int] | None
HELD = {-1.0: "−1", -0.5: "−½", 0.0: "0", 0.5: "½", 1.0: "1"}
"""The values at which a gate or candidate is held, if in its range -> how they are written."""
LONGER = 6
"""Most steps of the changes that last longer than one."""


@dataclass(frozen=True)
class Change:
    """A named change of a run.

    Attributes:
        name: in words, such as "f = 0 at step 20".
        edits: the recording of a run as it is -> the edits that change it.
    """

    name: str
    edits: Callable[[Recording], tuple[Edit, ...]]


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
        TypeError: if it is not a trained model.
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


def longer_changes(model: Model, step: int | None = None) -> tuple[Change, ...]:
    """Return changes of `LONGER` steps: each gate at 0 that doesn't carry the memory, as o of LSTM.

    The steps are fewer in a short sequence, because the first one and the last one are left out: a
    task may give a letter at the one and ask for it at the other. There is no change where only
    one step is left.

    Args:
        step: the middle of these steps; `edited_step` if None.
    """
    net = network(model)
    step = edited_step(model) if step is None else step
    first = max(1, step - LONGER // 2)
    steps = range(first, min(net.length - 1, first + LONGER))
    if len(steps) < 2:
        return ()
    gates = [one.letter for one in net.cell.gates if one.low == 0]
    return tuple(
        everywhere(letter, 0.0, steps) for letter in gates if letter not in memory_gates(net.cell)
    )


def one_unit_changes(model: Model, step: int | None = None) -> tuple[Change, ...]:
    """Return a change for each unit of the last layer: the kept state is 0 there at one step.

    The H units that read forward come first, then the H that read backward.

    Args:
        step: `edited_step` if None.
    """
    net = network(model)
    letter, step = net.cell.kept_state, edited_step(model) if step is None else step
    directions: tuple[Direction, ...] = ("forward", "backward")
    edits = (
        Edit(letter, 0.0, step, unit, -1, direction)
        for direction in directions[: 1 + net.module.bidirectional]
        for unit in range(net.module.hidden_size)
    )
    return tuple(fixed([edit], net.module.num_layers) for edit in edits)


def held_values(cell: Cell) -> list[tuple[str, float]]:
    """Return letter and value of each row of `hold_gates`, in the order of the cell's gates."""
    return [(g.letter, value) for g in cell.gates for value in HELD if g.low <= value <= g.high]

"""What a challenge is made of. `gatesviz.challenges.parser` reads one from its text file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatesviz.cells import CELLS
from gatesviz.tiny_cell import Row

if TYPE_CHECKING:
    from gatesviz.training import TrainingSpec

ON = 0.5
"""A unit is on while its h is above this."""


@dataclass(frozen=True, eq=False)
class Machine:
    """What the cell has to do, as a finite-state machine.

    Attributes:
        start: the state before the first input.
        on: the states in which h of unit 0 must be above `ON`. In the others it must not.
        moves: state -> input -> next state. These inputs are the marks that may come in the state.
        noise: all other inputs are at most this far from 0, and change no state.
        begins: the first input of every sequence, if it is always the same.
        steps: length of a sequence.
    """

    start: str
    on: frozenset[str]
    moves: Mapping[str, Mapping[float, str]]
    noise: float = 0.0
    begins: float | None = None
    steps: int = 60


@dataclass(frozen=True, eq=False)
class Smallest:
    """A bias that has to be as small as possible, in a cell whose other weights are given.

    Attributes:
        cell: a key of `gatesviz.cells.CELLS`. The cell has one unit.
        gate: the gate of the bias.
        step: the next smaller bias to compare with is smaller by this.
        rows: gate -> its weights.
    """

    cell: str
    gate: str
    step: float
    rows: Mapping[str, Row]


@dataclass(frozen=True, eq=False)
class Fewest:
    """A task that has to be learnt with as few hidden units as possible.

    Attributes:
        task: key of `gatesviz.tasks.TASKS`.
        cell: key of `gatesviz.cells.CELLS`.
        updates: how many updates a run has.
    """

    task: str
    cell: str
    updates: int

    def spec(self, units: int) -> "TrainingSpec":
        """Return the run with ``units`` hidden units: seed 0, otherwise as *Train live* starts."""
        from gatesviz.training import TrainingSpec

        bias = 1.0 if CELLS[self.cell].biases.forget else None
        return TrainingSpec(self.task, self.cell, hidden_size=units, forget_bias=bias)


@dataclass(frozen=True, eq=False)
class Challenge:
    """One challenge: a tiny cell to set, which has a machine, or a number of units to find.

    Attributes:
        name: its name in links.
        title: its heading.
        goal: one sentence for lists.
        text: the task, in the Markdown of `gatesviz.lessons.markup`.
        hint: where to start, in one or two sentences.
        machine: decides which answer is right.
        smallest: the bias to make small, if that is the challenge.
        fewest: the task to learn with few units, if that is the challenge.
    """

    name: str
    title: str
    goal: str
    text: str
    hint: str
    machine: Machine | None = None
    smallest: Smallest | None = None
    fewest: Fewest | None = None

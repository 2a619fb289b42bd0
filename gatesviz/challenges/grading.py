"""Grade the weights of a challenge: PyTorch's own module reads the hidden sequences."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gatesviz.challenges.challenge import ON, Challenge, Smallest
from gatesviz.challenges.sequences import hidden_sequences
from gatesviz.tiny_cell import Handle, Values, handles, module_of, values_of
from gatesviz.traces import Array


@dataclass(frozen=True)
class Failure:
    """A hidden sequence up to the step at which the cell is wrong.

    Attributes:
        inputs: x at each step.
        on: whether h of unit 0 must be above `ON` after each step.
        h: h of unit 0 after each step.
    """

    inputs: tuple[float, ...]
    on: tuple[bool, ...]
    h: tuple[float, ...]


@dataclass(frozen=True)
class Grade:
    """The result of a try.

    Attributes:
        tried: how many hidden sequences were read.
        wrong: how many had a wrong step.
        failure: the one that fails after the fewest steps, if one does.
        smaller: a smaller bias that works as well, if the challenge asks for the smallest.
        changed: the names of given weights that are different, with the given values.
    """

    tried: int
    wrong: int = 0
    failure: Failure | None = None
    smaller: float | None = None
    changed: tuple[tuple[str, float], ...] = ()

    @property
    def solved(self) -> bool:
        """Whether the challenge is solved."""
        return not self.wrong and self.smaller is None and not self.changed


def grade(challenge: Challenge, cell: str, units: int, weights: Values) -> Grade:
    """Return how a cell with these weights does in a challenge.

    Args:
        challenge: what it has to do.
        cell: a key of `gatesviz.cells.CELLS`.
        units: hidden units.
        weights: one number for each of `gatesviz.tiny_cell.handles`.

    Raises:
        ValueError: if the number of weights differs from the number of handles, or if the
            challenge has no machine.
    """
    smallest = challenge.smallest
    if smallest is not None and (changed := _changed(smallest, cell, units, weights)):
        return Grade(0, changed=changed)
    made = _read(challenge, cell, units, weights)
    if made.wrong or smallest is None:
        return made
    index = handles(cell, units).index(_bias(smallest))
    lower = round(weights[index] - smallest.step, 6)
    less = (*weights[:index], lower, *weights[index + 1 :])
    works = not _read(challenge, cell, units, less).wrong
    return Grade(made.tried, smaller=lower if works else None)


@dataclass(frozen=True)
class Sizes:
    """What the runs of a challenge with few units say.

    Attributes:
        fewest: the smallest number of units that solved the task, or None.
        untried: the smaller numbers of units without a whole run.
    """

    fewest: int | None
    untried: tuple[int, ...] = ()

    @property
    def solved(self) -> bool:
        """Whether the challenge is solved."""
        return self.fewest is not None and not self.untried


def grade_sizes(runs: Mapping[int, int | None]) -> Sizes:
    """Return what ``runs`` say about the fewest units.

    Args:
        runs: hidden units -> the update after which the task was solved, or None if all updates
            were made without solving it.
    """
    solving = [units for units, solved in runs.items() if solved is not None]
    if not solving:
        return Sizes(None)
    fewest = min(solving)
    return Sizes(fewest, tuple(units for units in range(1, fewest) if units not in runs))


def given_weights(smallest: Smallest, found: Values | None = None) -> Values:
    """Return the weights that a challenge gives.

    Args:
        smallest: gives them.
        found: weights of the same cell, whose value for the bias is kept; else the row's own.
    """
    given = values_of(smallest.cell, 1, smallest.rows)
    if found is None:
        return given
    index = handles(smallest.cell, 1).index(_bias(smallest))
    return (*given[:index], found[index], *given[index + 1 :])


def _bias(smallest: Smallest) -> Handle:
    return Handle(smallest.gate, 0, "b")


def _changed(
    smallest: Smallest, cell: str, units: int, weights: Values
) -> tuple[tuple[str, float], ...]:
    """Return the name and the given value of each weight that is not as given."""
    if (cell, units) != (smallest.cell, 1):
        return (("", 0.0),)
    rows = zip(handles(cell, 1), given_weights(smallest), weights, strict=True)
    return tuple(
        (handle.name.replace("h0", "h"), value)
        for handle, value, own in rows
        if handle != _bias(smallest) and abs(own - value) > 1e-6
    )


def _read(challenge: Challenge, cell: str, units: int, weights: Values) -> Grade:
    """Let torch.nn's module read all hidden sequences as one batch, from states of zeros."""
    inputs, on = hidden_sequences(challenge)
    h = _states(cell, units, weights, inputs)
    wrong = (h > ON) != on
    if not wrong.any():
        return Grade(inputs.shape[1])
    first = np.where(wrong.any(axis=0), wrong.argmax(axis=0), len(wrong))
    which = int(first.argmin())
    steps = slice(0, int(first[which]) + 1)
    failure = Failure(
        tuple(round(float(x), 6) for x in inputs[steps, which]),
        tuple(map(bool, on[steps, which])),
        tuple(map(float, h[steps, which])),
    )
    return Grade(inputs.shape[1], int(wrong.any(axis=0).sum()), failure)


def _states(cell: str, units: int, weights: Values, inputs: Array) -> Array:
    """Return h of unit 0 after each step, (T, B)."""
    import torch

    with torch.inference_mode():
        output, _ = module_of(cell, units, weights)(torch.from_numpy(inputs)[..., None])
    states: Array = output[..., 0].numpy()
    return states

"""Hidden sequences of a challenge, drawn from a seed, with the expected state at every step."""

import functools
import random
from typing import NamedTuple

import numpy as np

from gatesviz.challenges.challenge import Challenge, Machine
from gatesviz.traces import Array

COUNT = 400
"""Hidden sequences of a challenge."""
DENSITIES = (0.03, 0.1, 0.4, 0.9)
"""How likely a mark is at a step. Each sequence has one of these."""
_GRID = 20
"""Inputs are multiples of 1 / this, as on the slider of x."""


class Drawn(NamedTuple):
    """Sequences of T steps, and what is right.

    Attributes:
        inputs: (T, B), float32.
        on: whether h of unit 0 must be above `challenge.ON` after the step, (T, B).
    """

    inputs: Array
    on: Array


@functools.cache
def hidden_sequences(challenge: Challenge) -> Drawn:
    """Return the hidden sequences of ``challenge``, the same each time.

    Raises:
        ValueError: if the challenge has no machine.
    """
    if challenge.machine is None:
        raise ValueError(f"the challenge {challenge.name!r} has no machine, so no sequences")
    return draw(challenge.machine, random.Random(f"hidden {challenge.name}"), COUNT)


def draw(machine: Machine, generator: random.Random, count: int) -> Drawn:
    """Return ``count`` sequences that ``machine`` can read, drawn from ``generator``."""
    drawn = [_sequence(machine, generator, DENSITIES[k % len(DENSITIES)]) for k in range(count)]
    inputs, on = (np.array(list(rows)).T for rows in zip(*drawn, strict=True))
    return Drawn(inputs.astype(np.float32), on)


def _sequence(
    machine: Machine, generator: random.Random, density: float
) -> tuple[list[float], list[bool]]:
    state, inputs, on = machine.start, list[float](), list[bool]()
    most = round(machine.noise * _GRID)
    for step in range(machine.steps):
        marks = machine.moves[state]
        x = generator.randint(-most, most) / _GRID
        if step == 0 and machine.begins is not None:
            x = machine.begins
        elif marks and generator.random() < density:
            x = generator.choice(list(marks))
        state = marks.get(x, state)
        inputs.append(x)
        on.append(state in machine.on)
    return inputs, on

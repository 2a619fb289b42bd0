"""Train one run and measure, on the way, how much of the gradient reaches the first input.

The reach is that of `gatesviz.experiments.horizon`, ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ in float64, always on
the first batch of the run, so that only the weights change from one look to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS
from gatesviz.experiments.horizon import latch, ratio_of
from gatesviz.experiments.result import Machine, machine
from gatesviz.training import TrainingSpec

if TYPE_CHECKING:
    from gatesviz.training import TrainedModel

ROWS = ("RNN", "GRU", "LSTM, b = 1", "LSTM, b = 5", "LSTM, chrono")
LENGTH, UPDATES, SEEDS = 50, 1_000, 8
LOOKS, CLOSE = 5, 1e-5
"""Look after every fifth update, and after every single one while the reach is above `CLOSE`: the
reach of a tanh RNN that is about to learn rises and falls again within a few updates."""
Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """The reach of one run, from before its first update to its solution.

    Attributes:
        spec: what is trained.
        updates: (K,) int64, after how many updates each look is, from 0.
        reach: (K,) ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ there.
        radius: (K,) the spectral radius of W_hh there, the largest of its H × H blocks.
        solved_at: after how many updates the task was first scored as solved; None if never.
        machine: on what it was measured.
    """

    spec: TrainingSpec
    updates: NDArray[np.int64]
    reach: Reals
    radius: Reals
    solved_at: int | None
    machine: Machine = field(repr=False)

    @property
    def fresh(self) -> float:
        """The reach before the first update."""
        return float(self.reach[0])

    @property
    def peak(self) -> int:
        """Index of the look with the largest reach."""
        return int(np.nanargmax(self.reach))

    @property
    def largest(self) -> float:
        """The largest reach of all looks."""
        return float(self.reach[self.peak])


def course(spec: TrainingSpec, updates: int = UPDATES, looks: int = LOOKS) -> Course:
    """Return the course of one run; it ends where the task is solved, or after ``updates``.

    Trains in this process: some seconds.

    Args:
        spec: a task that is scored at its last step.
        updates: at most so many.
        looks: look after every so many updates, and wherever the run is scored; after every
            update while the reach is above `CLOSE`.
    """
    from gatesviz.training import advance, start
    from gatesviz.training.snapshots import is_scored

    state, solved_at = start(spec), None
    told = [_look(state.model)]
    while state.updates < updates and solved_at is None:
        upto = state.updates + 1
        often = 1 if told[-1][1] > CLOSE else looks
        while not (is_scored(upto) or upto % often == 0 or upto == updates):
            upto += 1
        state, snapshots = advance(state, upto - state.updates)
        told.append(_look(state.model))
        if state.stopped:
            break
        score = snapshots[-1].score
        if score is not None and spec.learned.solved(score):
            solved_at = state.updates
    after, reach, radius = (np.array(column) for column in zip(*told, strict=True))
    return Course(spec, after.astype(np.int64), reach, radius, solved_at, machine())


def _look(model: "TrainedModel") -> tuple[int, float, float]:
    """Return after how many updates it is, the reach, and the spectral radius of W_hh."""
    blocks = len(CELLS[model.spec.cell].blocks)
    weights = model.module().get_parameter("weight_hh_l0").detach().double().numpy()
    radius = max(float(np.abs(np.linalg.eigvals(b)).max()) for b in np.split(weights, blocks))
    return model.updates, ratio_of(model), radius


def summary(courses: Sequence[Course]) -> str:
    """Return how the reach of the runs that solved the task compares with that of the others."""
    solved = [one for one in courses if one.solved_at is not None]
    others = [one for one in courses if one.solved_at is None]
    told = [f"{len(solved)} of {len(courses)} runs solved the task."]
    for name, several in (("that solved it", solved), ("that did not", others)):
        if several:
            fresh, largest = _span(several, "fresh"), _span(several, "largest")
            told.append(f"Runs {name} began with a reach of {fresh}; their largest was {largest}.")
    return " ".join(told)


def _span(courses: Sequence[Course], name: str) -> str:
    values = [getattr(one, name) for one in courses]
    low, high = f"{min(values):.1e}", f"{max(values):.1e}"
    return low if low == high else f"{low} to {high}"


def as_markdown(courses: Sequence[Course], date: str) -> str:
    """Return a page of the documentation: a row for each run."""
    lines = [
        "# Reach before training and while it learns",
        "",
        f"Written by `python -m gatesviz.experiments.training_reach` on {date}:"
        f" {courses[0].machine}.",
        "",
        f"Recall the first letter after T = {courses[0].spec.length} steps: 16 units, batch 32,"
        f" Adam 0.005, clip 1, at most {UPDATES:,} updates. The reach is ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ on"
        f" the first batch of the run, in float64. It is measured after every {LOOKS} updates, and"
        f" after every one while it is above {CLOSE:g}, up to the solution (99 % right). ρ is the"
        " spectral radius of W_hh, the largest of its H × H blocks, before training and at the"
        " end.",
        "",
        summary(courses),
        "",
        "| cell | seed | reach before training | largest reach | after update | solved after | ρ |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row(one))} |" for one in courses]
    return "\n".join([*lines, ""])


def row(one: Course) -> tuple[str, ...]:
    """Return what a table says of a run."""
    solved = "not solved" if one.solved_at is None else f"{one.solved_at:,}"
    told = (f"{one.fresh:.1e}", f"{one.largest:.1e}", f"{one.updates[one.peak]:,}", solved)
    radii = f"{one.radius[0]:.2f} → {one.radius[-1]:.2f}"
    return (name_of(one.spec), str(one.spec.seed), *told, radii)


def name_of(spec: TrainingSpec) -> str:
    """Return which of `ROWS` trains ``spec``."""
    return next(row for row in ROWS if latch(row, spec.length, spec.seed) == spec)


if __name__ == "__main__":
    from datetime import UTC, datetime

    made = [course(latch(name, LENGTH, seed)) for name in ROWS for seed in range(SEEDS)]
    print(as_markdown(made, f"{datetime.now(UTC):%Y-%m-%d}"))

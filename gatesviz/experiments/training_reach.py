"""Train one model and measure during training how much of the gradient reaches the first input.

The reach is ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ in float64, as in `gatesviz.experiments.horizon`. It is always
measured on the first batch of the run, so that only the weights change between measurements.

To measure all runs again, and write the page of the documentation and the file that ships::

    python -m gatesviz.experiments.training_reach > docs/reach-while-learning.md
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS
from gatesviz.experiments.horizon import latch, ratio_of
from gatesviz.experiments.result import Machine, machine
from gatesviz.theme import power, written
from gatesviz.training import TrainingSpec

if TYPE_CHECKING:
    from gatesviz.training import TrainedModel

ROWS = ("RNN", "GRU", "LSTM, b = 1", "LSTM, b = 5", "LSTM, chrono")
LENGTH, UPDATES, SEEDS = 50, 1_000, 8
LOOKS, CLOSE = 5, 1e-5
"""Measure after every fifth update, and after every update while the reach is above `CLOSE`: in a
tanh RNN that starts to learn, the reach rises and falls again within a few updates."""
FILE = Path(__file__).with_name("training_reach.json")
Reals = NDArray[np.float64]


class ShippedCourse(NamedTuple):
    """What the release keeps of a run: its cell in `ROWS`, its reach, and when it was solved."""

    cell: str
    seed: int
    fresh: float
    largest: float
    solved_at: int | None


@cache
def shipped_courses() -> tuple[ShippedCourse, ...]:
    """Return the runs that ship: each cell of `ROWS` with each seed."""
    return tuple(ShippedCourse(**row) for row in json.loads(FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, eq=False)
class Course:
    """The reach of one run, from before its first update until it solves the task.

    Attributes:
        spec: the settings of the run.
        updates: (K,) int64, the number of updates before each measurement, from 0.
        reach: (K,) ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ there.
        radius: (K,) the largest spectral radius of the H × H blocks of W_hh there.
        solved_at: the number of updates after which the run solved the task; None if never.
        machine: the machine that ran it.
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
        """Index of the measurement with the largest reach."""
        return int(np.nanargmax(self.reach))

    @property
    def largest(self) -> float:
        """The largest reach of all measurements."""
        return float(self.reach[self.peak])


def course(spec: TrainingSpec, updates: int = UPDATES, looks: int = LOOKS) -> Course:
    """Train one model and return its course, until it solves the task or after ``updates``.

    Trains in this process, for a few seconds.

    Args:
        spec: the settings of a run, on a task that is scored at its last step.
        updates: the largest number of updates.
        looks: measure after every so many updates, and whenever the run is scored; after every
            update while the reach is above `CLOSE`.
    """
    from gatesviz.training import advance, start
    from gatesviz.training.snapshots import is_scored

    state, solved_at = start(spec), None
    measured = [_look(state.model)]
    while state.updates < updates and solved_at is None:
        upto = state.updates + 1
        often = 1 if measured[-1][1] > CLOSE else looks
        while not (is_scored(upto) or upto % often == 0 or upto == updates):
            upto += 1
        state, snapshots = advance(state, upto - state.updates)
        measured.append(_look(state.model))
        if state.stopped:
            break
        score = snapshots[-1].score
        if score is not None and spec.learned.solved(score):
            solved_at = state.updates
    after, reach, radius = (np.array(column) for column in zip(*measured, strict=True))
    return Course(spec, after.astype(np.int64), reach, radius, solved_at, machine())


def _look(model: "TrainedModel") -> tuple[int, float, float]:
    """Return the number of updates, the reach, and the spectral radius of W_hh."""
    blocks = len(CELLS[model.spec.cell].blocks)
    weights = model.module().get_parameter("weight_hh_l0").detach().double().numpy()
    radius = max(float(np.abs(np.linalg.eigvals(b)).max()) for b in np.split(weights, blocks))
    return model.updates, ratio_of(model), radius


def summary(courses: Sequence[Course]) -> str:
    """Return the reach of the runs that solved the task, and of those that did not."""
    solved = [one for one in courses if one.solved_at is not None]
    others = [one for one in courses if one.solved_at is None]
    if len(courses) == 1:
        did = "solved" if solved else "did not solve"
        fresh, largest = _span(courses, "fresh"), _span(courses, "largest")
        return (
            f"This run {did} the task. It started with a reach of {fresh}. Its largest reach was"
            f" {largest}."
        )
    parts = [f"{len(solved)} of {len(courses)} runs solved the task."]
    for name, several in (("solved it", solved), ("did not solve it", others)):
        if several:
            fresh, largest = _span(several, "fresh"), _span(several, "largest")
            parts.append(
                f"Those that {name} started with a reach of {fresh}. Their largest reach was"
                f" {largest}."
            )
    return " ".join(parts)


def _span(courses: Sequence[Course], name: str) -> str:
    values = [getattr(one, name) for one in courses]
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} to {high}"


def as_markdown(courses: Sequence[Course], date: str) -> str:
    """Return the page of the documentation, with a row for each run."""
    from gatesviz.experiments.known.release import MACHINE

    lines = [
        "# Reach before and during training",
        "",
        "Does the gradient reach the first input before a cell learns, or only while it learns?",
        "",
        f"Written by `python -m gatesviz.experiments.training_reach` on {date} on"
        f" {replace(courses[0].machine, place=MACHINE)}.",
        "",
        f"Task: recall the first letter after T = {courses[0].spec.length} steps. Settings: 16"
        f" units, batch 32, Adam 0.005, clip 1, at most {UPDATES:,} updates. b is the forget bias;"
        " for chrono see T3 in [Known results](known-results.md).",
        "",
        f"The reach is ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ on the first batch of the run, in float64. It is"
        f" measured after every {LOOKS}th update. While it is above"
        f" {power(round(log10(CLOSE)))}, it is measured after every update. Measuring ends when the"
        " accuracy is 99 %. W_hh has one H × H block for each gate and candidate. ρ is the largest"
        " spectral radius of these blocks, before training → at the end.",
        "",
        summary(courses),
        "",
        "| cell | seed | reach before training | largest reach | reached after update"
        " | solved after update | ρ |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row(one))} |" for one in courses]
    return "\n".join([*lines, ""])


def as_json(courses: Sequence[Course]) -> str:
    """Return the file that ships. The reach is rounded as on the page of the documentation."""
    kept = (
        ShippedCourse(
            name_of(one.spec), one.spec.seed, _short(one.fresh), _short(one.largest), one.solved_at
        )
        for one in courses
    )
    lines = (json.dumps(one._asdict(), allow_nan=False) for one in kept)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _short(value: float) -> float:
    """Return the number that `written` writes."""
    return float(f"{value:.3g}" if 1e-3 <= value < 1e4 else f"{value:.1e}")


def row(one: Course) -> tuple[str, ...]:
    """Return the row of a table for one run."""
    solved = "not solved" if one.solved_at is None else f"{one.solved_at:,}"
    reaches = (written(one.fresh), written(one.largest), f"{one.updates[one.peak]:,}", solved)
    radii = f"{one.radius[0]:.2f} → {one.radius[-1]:.2f}"
    return (name_of(one.spec), str(one.spec.seed), *reaches, radii)


def name_of(spec: TrainingSpec) -> str:
    """Return the name in `ROWS` whose settings are ``spec``."""
    return next(row for row in ROWS if latch(row, spec.length, spec.seed) == spec)


if __name__ == "__main__":
    from datetime import UTC, datetime

    courses = [course(latch(name, LENGTH, seed)) for name in ROWS for seed in range(SEEDS)]
    FILE.write_text(as_json(courses), encoding="utf-8")
    print(as_markdown(courses, f"{datetime.now(UTC):%Y-%m-%d}"))
